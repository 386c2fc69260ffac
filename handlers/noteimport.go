package handlers

import (
	"context"
	"errors"
	"io"
	"iter"
	"net/http"
	"os"
	"strings"

	"github.com/labstack/echo/v4"

	"escutcheon/export"
	"escutcheon/fault"
	"escutcheon/importer"
	"escutcheon/store"
	"escutcheon/views"
)

// NoteImportStore takes notes in, whole or not at all.
type NoteImportStore interface {
	ImportNotes(ctx context.Context, rows iter.Seq2[store.NoteRow, error]) (store.NotesImported, error)
}

// MostNotesFile bounds the request that brings notes back, in bytes.
const MostNotesFile = 256 << 20

// mostRefusedLines is how many refused rows a page names.
const mostRefusedLines = 100

// ImportNotes takes in the notes of a notes.csv. The file waits in the spool until it
// has come whole: nobody waits for a slow client.
func (h *Handlers) ImportNotes(c echo.Context) (err error) {
	form, err := c.Request().MultipartReader()
	if err != nil {
		return h.notesAgain(c, fault.New(fault.Invalid, "The form brings no file. Choose a notes.csv."))
	}
	var file importer.File
	defer func() {
		if file.Path != "" {
			err = errors.Join(err, h.Spool.Drop(file.Path))
		}
	}()
	who := store.ActorOf(c.Request().Context())
	for {
		part, err := form.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return h.notesAgain(c, notArrived(err, "notes --import FILE"))
		}
		switch {
		case part.FormName() == "author":
			text, err := io.ReadAll(io.LimitReader(part, maxField+1))
			if err != nil {
				return h.notesAgain(c, notArrived(err, "notes --import FILE"))
			}
			sign(&who, string(text))
		case part.FormName() == "file" && part.FileName() != "" && file.Path == "":
			if file, err = h.Spool.Keep(c.Request().Context(), part, 0); err != nil {
				return h.notesAgain(c, notArrived(err, "notes --import FILE"))
			}
		}
	}
	if file.Path == "" {
		return h.notesAgain(c, fault.New(fault.Invalid, "The form brings no file. Choose a notes.csv."))
	}
	done, err := h.importNotes(store.WithActor(c.Request().Context(), who), file.Path)
	if err != nil {
		return h.notesAgain(c, err)
	}
	if WantsJSON(c) {
		return c.JSON(http.StatusOK, done)
	}
	told := views.NotesImport{Told: true, New: done.New, Changed: done.Changed, Unchanged: done.Unchanged,
		Refused: int64(len(done.Refused)) + done.More}
	for _, r := range done.Refused[:min(len(done.Refused), mostRefusedLines)] {
		told.Lines = append(told.Lines, views.RefusedLine(r))
	}
	return h.notesTold(c, http.StatusOK, told)
}

// notArrived says why a form's file is not there whole.
func notArrived(err error, command string) error {
	var tooBig *http.MaxBytesError
	var f *fault.Error
	switch {
	case errors.As(err, &tooBig):
		return fault.New(fault.TooLarge, "The file is larger than %d MiB. Import it with: escutcheon %s", tooBig.Limit>>20,
			command)
	case errors.As(err, &f):
		return err
	}
	return fault.New(fault.Invalid, "The file did not arrive whole. Choose it again.")
}

func (h *Handlers) importNotes(ctx context.Context, path string) (done store.NotesImported, err error) {
	f, err := os.Open(path)
	if err != nil {
		return done, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return h.Ask.NoteImport.ImportNotes(ctx, export.ReadNotes(f))
}

// notesAgain is the form again, with why the file was not taken.
func (h *Handlers) notesAgain(c echo.Context, err error) error {
	code := fault.CodeOf(err)
	if code != fault.Invalid && code != fault.Busy || WantsJSON(c) {
		return err
	}
	return h.notesTold(c, refusal(code), views.NotesImport{Problem: strings.TrimSpace(fault.Sentence(err))})
}

func (h *Handlers) notesTold(c echo.Context, status int, told views.NotesImport) error {
	s, err := h.Ask.Settings.Settings(c.Request().Context())
	if err != nil {
		return err
	}
	p, err := h.settingsPage(c, s)
	if err != nil {
		return err
	}
	p.Notes = told
	return render(c, status, views.Settings(p))
}
