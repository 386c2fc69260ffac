package handlers

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"escutcheon/fault"
	"escutcheon/importer"
	"escutcheon/intake"
	"escutcheon/store"
	"escutcheon/views"
)

// queued is one import as POST /imports answers it to a program.
type queued struct {
	ID     json.Number   `json:"id"`
	Name   string        `json:"name"`
	URL    string        `json:"url"`
	Status intake.Status `json:"status"` // "queued", or "asking" when it waits for an answer
}

// maxField bounds a form field that comes with an upload, in bytes.
const maxField = 1 << 10

// maxFiles bounds how many files one upload holds, maxName a file's name in
// bytes.
const (
	maxFiles = 1000
	maxName  = 1000
)

// Upload streams the files of a form into the spool. The fields zone, computer,
// dates, password and ask are about all of them: where one comes first, the
// others are to come before the files too, and each file is queued as soon as
// it is whole; a form that begins with a file is queued when all of it has
// come. With ask=1 a file whose content leaves something open waits for its
// answer; without it the zone is UTC unless one is given.
func (h *Handlers) Upload(c echo.Context) error {
	r := c.Request()
	if h.MaxUpload > 0 && r.ContentLength > h.MaxUpload {
		c.Response().Header().Set("Connection", "close") // the rest is not read
		return h.tooLarge(nil)
	}
	if h.MaxUpload > 0 {
		r.Body = http.MaxBytesReader(c.Response(), r.Body, h.MaxUpload)
	}
	parts, err := r.MultipartReader()
	if err != nil {
		return fault.New(fault.Invalid, "Send the files as a form (multipart/form-data) with the fields zone, computer, "+
			"dates, password and ask as needed, and after them one or more parts named file.")
	}
	u := upload{h: h, c: c, like: intake.Import{Source: intake.Upload}}
	err = u.parts(parts)
	if err == nil {
		err = u.submitHeld()
	}
	if err != nil {
		return errors.Join(err, u.dropHeld())
	}
	if len(u.done) == 0 {
		return fault.New(fault.Invalid, "No file was chosen. Choose one or more log files and upload them again.")
	}
	if WantsJSON(c) {
		return c.JSON(http.StatusAccepted, map[string]any{"imports": u.done})
	}
	if len(u.done) == 1 {
		return c.Redirect(http.StatusSeeOther, u.done[0].URL)
	}
	return c.Redirect(http.StatusSeeOther, "/imports")
}

func (h *Handlers) tooLarge(done []queued) error {
	also := ""
	if n := len(done); n > 0 {
		also = fmt.Sprintf(" The %d before it went in whole and are being imported.", n)
	}
	return fault.New(fault.TooLarge, "The upload is larger than %s bytes, the limit set with --max-upload.%s Upload the "+
		"rest in smaller parts, or import it with: escutcheon import FILE",
		thousands(h.MaxUpload), also)
}

func thousands(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// upload is one form under way.
type upload struct {
	h        *Handlers
	c        echo.Context
	like     intake.Import
	password string // of archives
	led      bool   // a field came before the first file
	held     []file // of a form that a file leads
	done     []queued
}

// file is one that the spool holds, and release lets go of it.
type file struct {
	name    string
	release func()
	importer.File
}

func (u *upload) parts(parts *multipart.Reader) error {
	for {
		part, err := parts.NextRawPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return u.malformed(err)
		}
		switch part.FormName() {
		case "zone", "computer", "dates", "password", "ask", "author":
			err = u.field(part)
		case "file":
			err = u.file(part)
		}
		if err != nil {
			return err
		}
	}
}

// malformed explains why a form has no next part.
func (u *upload) malformed(err error) error {
	if err := u.broken(err); fault.Find(err) != nil {
		return err
	}
	return fault.New(fault.Invalid, "The form that was sent cannot be read. Choose the files again; what went in whole "+
		"before is not counted twice.")
}

// broken explains why a form ended early.
func (u *upload) broken(err error) error {
	var tooBig *http.MaxBytesError
	switch {
	case errors.As(err, &tooBig):
		return u.h.tooLarge(u.done)
	case fault.Find(err) != nil:
		return err
	case u.c.Request().Context().Err() != nil || errors.Is(err, io.ErrUnexpectedEOF):
		return fault.New(fault.Invalid,
			"The upload broke off; what had not arrived whole was dropped. Upload it again: nothing is counted twice.")
	}
	return fmt.Errorf("upload: %w", err)
}

func (u *upload) field(part *multipart.Part) error {
	text, err := io.ReadAll(io.LimitReader(part, maxField+1))
	if err != nil {
		return u.broken(err)
	}
	switch {
	case len(text) > maxField:
		return fault.New(fault.Invalid, "The field %s is longer than %d bytes.", part.FormName(), maxField)
	case len(u.done) > 0:
		return fault.New(fault.Invalid, "The field %s came after a file, in a form that begins with fields. %d of its "+
			"files went in without it and are being imported. Send all fields first; an import's page corrects its answers.",
			part.FormName(), len(u.done))
	}
	u.led = u.led || len(u.held) == 0
	if part.FormName() == "password" {
		u.password = string(text)
		return nil
	}
	return u.answer(part.FormName(), strings.TrimSpace(strings.ToValidUTF8(string(text), "\uFFFD")))
}

// answer takes what is said of all the files.
func (u *upload) answer(name, v string) (err error) {
	switch name {
	case "computer":
		u.like.Computer = v
	case "dates":
		u.like.Dates, err = v, importer.ValidDates(v)
	case "author":
		who := store.ActorOf(u.c.Request().Context())
		sign(&who, v)
		u.c.SetRequest(u.c.Request().WithContext(store.WithActor(u.c.Request().Context(), who)))
	case "ask":
		u.like.Ask = v != "" && v != "0"
	case "zone":
		u.like.Zone = v
		_, err = importer.Zone(v)
	}
	return err
}

// file keeps one file, and queues its import unless fields may follow. The name
// is data: it names no path of ours.
func (u *upload) file(part *multipart.Part) error {
	if len(u.done)+len(u.held) >= maxFiles {
		if err := u.submitHeld(); err != nil {
			return err
		}
		return fault.New(fault.TooLarge, "One upload takes %d files; those before are being imported. Upload the rest "+
			"again, or import them with: escutcheon import FILE…", maxFiles)
	}
	name := cut(strings.ToValidUTF8(fileNameOf(part), "\uFFFD"), maxName)
	kept, err := u.h.Spool.Keep(u.c.Request().Context(), part, 0)
	if err != nil {
		return u.broken(err)
	}
	if name == "" && kept.Size == 0 { // a form sent with no file chosen
		return u.h.Spool.Drop(kept.Path)
	}
	if name == "" {
		name = "unnamed"
	}
	u.held = append(u.held, file{name, importer.KeepFresh(kept.Path), kept})
	if u.led {
		return u.submitHeld()
	}
	return nil
}

// submitHeld queues the imports of the files that are held.
func (u *upload) submitHeld() error {
	for len(u.held) > 0 {
		f, i := u.held[0], u.like
		i.Name, i.Path, i.SHA256, i.Size = f.name, f.Path, f.SHA256, f.Size
		i, err := u.h.Queue.Submit(u.c.Request().Context(), i, u.password)
		if err != nil {
			return err
		}
		f.release()
		u.held = u.held[1:]
		u.done = append(u.done, queued{json.Number(number(i.ID)), f.name, views.ImportURL(number(i.ID)), i.Status})
	}
	return nil
}

// dropHeld gives up the files of a form that was refused.
func (u *upload) dropHeld() (err error) {
	for _, f := range u.held {
		f.release()
		err = errors.Join(err, u.h.Spool.Drop(f.Path))
	}
	return err
}

// fileNameOf is a part's file name with the folders before it, when it was
// sent with some: of a folder with a hundred hosts in it they tell which is
// which.
func fileNameOf(part *multipart.Part) string {
	_, params, err := mime.ParseMediaType(part.Header.Get("Content-Disposition"))
	if err != nil {
		return part.FileName()
	}
	return params["filename"]
}
