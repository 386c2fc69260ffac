package handlers

import (
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"escutcheon/fault"
	"escutcheon/store"
)

// Attach keeps a file for a case: the one part of the form that is a file. It is
// kept by its hash, and only ever sent to be saved.
func (h *Handlers) Attach(c echo.Context) error {
	id, err := caseParam(c)
	if err != nil {
		return err
	}
	f := store.CaseFile{Case: id}
	data, asked, err := readAttachment(c, &f)
	if err != nil {
		return h.caseAgain(c, id, err)
	}
	if f.Author = typedAuthor(c, f.Author); f.Author == "" {
		f.Author = author(c)
	}
	if f.Author == "" && !asked {
		f.Author = store.ActorOf(c.Request().Context()).Address
	}
	made, err := h.Ask.Cases.Attach(c.Request().Context(), f, data)
	if err != nil {
		return h.caseAgain(c, id, err)
	}
	return caseDone(c, id, "files", nil, map[string]any{"file": made, "sha256": store.SumOf(data), "size": len(data)})
}

// readAttachment reads the form; asked says that it has a place for a name.
func readAttachment(c echo.Context, f *store.CaseFile) (data []byte, asked bool, err error) {
	form, err := c.Request().MultipartReader()
	if err != nil {
		return nil, asked, fault.New(fault.Invalid, "The form brings no file. Choose one.")
	}
	found := false
	for {
		part, err := form.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, asked, fault.New(fault.Invalid, "The form that was sent cannot be read. Choose the file again.")
		}
		most := int64(store.MaxAttachment)
		if part.FormName() != "file" {
			most = 4 * store.MaxWhy
		}
		body, err := io.ReadAll(io.LimitReader(part, most+1))
		if err != nil {
			return nil, asked, fault.New(fault.Invalid, "The file did not arrive whole. Choose it again.")
		}
		switch part.FormName() {
		case "author":
			f.Author, asked = strings.TrimSpace(plainText(string(body))), true
		case "why":
			f.Why = plainText(string(body))
		case "file":
			if int64(len(body)) > most {
				return nil, asked, fault.New(fault.TooLarge,
					"The file is larger than %d MiB. Keep it elsewhere, and note its SHA-256.", most>>20)
			}
			f.Name, data, found = part.FileName(), body, part.FileName() != ""
		}
	}
	if !found {
		return nil, asked, fault.New(fault.Invalid, "The form brings no file. Choose one.")
	}
	return data, asked, nil
}

// CaseFile sends an attached file, to be saved.
func (h *Handlers) CaseFile(c echo.Context) error {
	id, file, err := partParams(c, "part", "file")
	if err != nil {
		return err
	}
	f, data, err := h.Ask.Cases.CaseFile(c.Request().Context(), id, file)
	if err != nil {
		return err
	}
	if err := h.exported(c, exportOf(c)); err != nil {
		return err
	}
	c.Response().Header().Set(echo.HeaderContentDisposition, attachment(f.Name))
	return c.Blob(http.StatusOK, echo.MIMEOctetStream, data)
}

// DropFile takes an attached file out of a case.
func (h *Handlers) DropFile(c echo.Context) error {
	id, file, err := partParams(c, "part", "file")
	if err == nil {
		err = h.Ask.Cases.DropFile(c.Request().Context(), id, file, caseAuthor(c))
	}
	if err != nil {
		return h.caseAgain(c, id, err)
	}
	return caseDone(c, id, "files", nil, map[string]any{})
}
