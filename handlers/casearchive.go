package handlers

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"escutcheon/casefile"
	"escutcheon/fault"
	"escutcheon/importer"
	"escutcheon/store"
	"escutcheon/views"
	"escutcheon/views/report"
)

// MostCaseFile bounds the request that brings a case file, in bytes.
const MostCaseFile = 1 << 30

// CaseArchive is a case as a case file: with its report, the bytes of its evidence and
// its files, its notes and its audit rows.
func (h *Handlers) CaseArchive(c echo.Context) error {
	id, err := caseParam(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	v, err := h.Ask.Cases.VerifyCase(ctx, id)
	if err != nil {
		return err
	}
	if n := len(v.Differences); n > 0 {
		return fault.New(fault.Conflict, "%s is not as it was when it was pinned, and would not be taken on another "+
			"machine: %s: %s%s. “Verify the evidence” on its page names all of it.", store.CaseNumber(id),
			v.Differences[0].Object, v.Differences[0].What, more(n-1))
	}
	r, carried, err := h.carriedCase(c, id)
	if err != nil {
		return err
	}
	pictures := map[string][]byte{}
	for _, one := range r.Hosts {
		if one.Gone || len(one.Scene.Items) == 0 {
			continue
		}
		var b bytes.Buffer
		if err := one.Scene.PNG(&b); err != nil {
			return err
		}
		sum := store.SumOf(b.Bytes())
		pictures[sum], carried.Pictures[one.Dest] = b.Bytes(), sum
	}
	key, err := h.signer(r)
	if err != nil {
		return err
	}
	var reports casefile.Reports
	var html, md, told bytes.Buffer
	if err := errors.Join(report.HTML(r).Render(ctx, &html), r.Markdown(&md), r.JSON(&told)); err != nil {
		return err
	}
	reports.HTML, reports.Markdown, carried.Told = html.Bytes(), md.Bytes(), told.Bytes()
	return h.stream(c, "application/zip", carried.Number()+".zip", func(w io.Writer) error {
		return casefile.Write(ctx, w, &carried, reports, h.Ask.Pins.Kept, pictures, key)
	})
}

func more(n int) string {
	if n == 0 {
		return ""
	}
	return ", and " + views.Plural(int64(n), "more difference", "more differences")
}

// carriedCase is a case with its report, of the same moment.
func (h *Handlers) carriedCase(c echo.Context, id int64) (r *report.Report, out store.CarriedCase, err error) {
	ctx := c.Request().Context()
	for range 3 {
		if r, err = h.caseReport(c, id); err != nil {
			return nil, out, err
		}
		if out, err = h.Ask.Cases.CarriedCase(ctx, id); err != nil {
			return nil, out, err
		}
		if r.Case.Edited.Equal(out.Edited) {
			out.Version = h.Version
			from, err := h.Ask.Cases.CaseBrought(ctx, id)
			out.Pictures = map[string]string{}
			for _, one := range r.Hosts {
				if sum := from.Pictures[one.Dest]; one.Gone && sum != "" {
					out.Pictures[one.Dest] = sum
				}
			}
			return r, out, err
		}
	}
	return nil, out, fault.New(fault.Busy, "%s is being changed. Export it again in a moment.", store.CaseNumber(id))
}

// ImportCase brings the case of a case file. The file waits in the spool until it has
// come whole.
func (h *Handlers) ImportCase(c echo.Context) (err error) {
	form, err := c.Request().MultipartReader()
	if err != nil {
		return h.caseNotBrought(c, fault.New(fault.Invalid, "The form brings no file. Choose a case file."))
	}
	var file importer.File
	defer func() {
		if file.Path != "" {
			err = errors.Join(err, h.Spool.Drop(file.Path))
		}
	}()
	who, fresh := store.ActorOf(c.Request().Context()), false
	for {
		part, err := form.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return h.caseNotBrought(c, notArrived(err, "case import FILE"))
		}
		switch {
		case part.FormName() == "file" && part.FileName() != "" && file.Path == "":
			if file, err = h.Spool.Keep(c.Request().Context(), part, 0); err != nil {
				return h.caseNotBrought(c, notArrived(err, "case import FILE"))
			}
		case part.FormName() == "author", part.FormName() == "new":
			text, err := io.ReadAll(io.LimitReader(part, maxField+1))
			if err != nil {
				return h.caseNotBrought(c, notArrived(err, "case import FILE"))
			}
			if part.FormName() == "author" {
				sign(&who, string(text))
			} else {
				fresh = string(text) == "1"
			}
		}
	}
	if file.Path == "" {
		return h.caseNotBrought(c, fault.New(fault.Invalid, "The form brings no file. Choose a case file."))
	}
	done, err := casefile.Bring(store.WithActor(c.Request().Context(), who), h.Ask.Cases, file.Path, fresh)
	if err != nil {
		return h.caseNotBrought(c, err)
	}
	if WantsJSON(c) {
		status := http.StatusCreated
		if done.Known {
			status = http.StatusOK
		}
		return c.JSON(status, struct {
			caseJSON
			Known    bool                `json:"known"`
			Imported store.NotesImported `json:"notes_imported"`
			Warnings []string            `json:"warnings"`
		}{toCaseJSON(done.Case), done.Known, done.Notes, append([]string{}, done.Warnings...)})
	}
	return c.Redirect(http.StatusSeeOther, views.CaseURL(done.Case.ID))
}

// caseNotBrought shows the list of cases with why a file was not taken.
func (h *Handlers) caseNotBrought(c echo.Context, err error) error {
	code := fault.CodeOf(err)
	if code != fault.Invalid && code != fault.Busy && code != fault.Conflict || WantsJSON(c) {
		return err
	}
	status := refusal(code)
	if code == fault.Conflict {
		status = http.StatusConflict
	}
	return h.casesPage(c, status, views.CaseForm{Author: author(c)}, views.CaseImport{Conflict: code == fault.Conflict,
		Problem: strings.TrimSpace(fault.Sentence(err))})
}
