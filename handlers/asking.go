package handlers

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"escutcheon/fault"
	"escutcheon/importer"
	"escutcheon/importer/sniff"
	"escutcheon/intake"
	"escutcheon/views"
)

// Questions knows what the files leave open that wait for an answer, and takes
// the answers.
type Questions interface {
	// Open says what an import that asks leaves open; a conflict when it was
	// answered meanwhile.
	Open(i intake.Import) (importer.Opening, error)
	// Sample reads the start of a file with answers.
	Sample(i intake.Import, o importer.Opening, given intake.Reading) (importer.Sample, error)
	// Alike are up to limit other imports that leave the same open; where that is their
	// computer, of the same collection.
	Alike(ctx context.Context, like intake.Import, o importer.Opening, limit int) ([]intake.Import, error)
	// Groups are up to limit imports that wait, by what they leave open.
	Groups(ctx context.Context, limit int) (groups []importer.Group, more bool, err error)
	// Answer queues an import, and with others those that leave the same open.
	Answer(ctx context.Context, i intake.Import, given intake.Reading, others bool) (n int, err error)
}

// mostListed is how many waiting files are looked at for a page.
const mostListed = 200

// openWords say what is open for a person.
func openWords(o importer.Opening) string {
	out := o.Names()
	for i, n := range out {
		out[i] = map[string]string{"zone": "the zone", "computer": "the computer",
			"dates": "the order of day and month", "password": "the password"}[n]
	}
	if len(out) > 1 {
		return strings.Join(out[:len(out)-1], ", ") + " and " + out[len(out)-1]
	}
	return strings.Join(out, "")
}

// asking fills in what the page of an import has that asks.
func (h *Handlers) asking(c echo.Context, p *views.ImportPage, i intake.Import, problem string) error {
	p.CancelURL = views.ImportURL(p.Import.ID) + "/cancel"
	if i.Path == "" { // an archive whose members ask
		return nil
	}
	open, err := h.Questions.Open(i)
	if err != nil {
		return err
	}
	if open.Password {
		p.Password = &views.PasswordForm{ID: p.Import.ID}
		p.Password.Given = h.Queue.Password(i.ID)
		p.Password.Wrong = p.Password.Given != ""
		return nil
	}
	p.Ask, err = h.askForm(c, p, i, open, problem)
	return err
}

// askForm is the form of a file's open questions, with examples as the answers
// given so far have them read.
func (h *Handlers) askForm(c echo.Context, page *views.ImportPage, i intake.Import, open importer.Opening,
	problem string) (*views.AskForm, error) {
	a := answerOf(c)
	s, err := h.Questions.Sample(i, open, a)
	if err != nil {
		return nil, err
	}
	f := &views.AskForm{ID: number(i.ID), AskZone: open.Zone, AskCom: open.Computer, AskDates: open.Dates,
		Zone: a.Zone, Computer: a.Computer, Dates: a.Dates, ZoneKnown: s.Reading.Zone != "",
		UseOthers: c.QueryParam("others") != "" || c.FormValue("others") != "", Problem: problem}
	if s.Wrong != nil {
		f.Problem = fault.Sentence(s.Wrong)
	}
	if open.Dates {
		f.Dates = s.Reading.Dates
	}
	page.Import.Format = formatWords(intake.Import{Format: s.Format})
	f.OfServer = s.Format == importer.ArtifactFormat
	for _, e := range s.Examples {
		if f.OfServer && !open.Zone { // nothing of it is read by the answers but its name
			break
		}
		v := views.Example{Written: cut(e.TimeText, listValue), Computer: cut(e.Computer, listValue), Code: e.EventCode,
			Start: strings.ReplaceAll(e.Start, "\r\n", "\n")}
		if e.HasTime {
			v.Time = time.Unix(0, e.Nanos).UTC()
		}
		if open.Zone || i.Zone != "" && s.Zoneless > 0 {
			v.Zone = zoneWords(s.Reading.Zone)
		}
		f.Examples = append(f.Examples, v)
	}
	if f.MonthFirst, f.DayFirst, err = bothOrders(s); err != nil {
		return nil, err
	}
	others, err := h.Questions.Alike(c.Request().Context(), i, open, mostListed)
	f.Others = int64(len(others))
	return f, err
}

func zoneWords(zone string) string {
	if zone == "" {
		return "UTC"
	}
	return zone
}

// bothOrders says what a date of the sample is month-first and day-first.
func bothOrders(s importer.Sample) (month, day string, err error) {
	zone, err := importer.Zone(s.Reading.Zone)
	if err != nil || s.Month == nil {
		return "", "", err
	}
	say := func(e *sniff.Example) string {
		return fmt.Sprintf("%s → %s", cut(s.Month.TimeText, 80), time.Unix(0, e.Nanos).In(zone).Format("2 January 2006"))
	}
	return say(s.Month), say(s.Day), nil
}

// waitGroups are the files that wait, by what they leave open.
func (h *Handlers) waitGroups(ctx context.Context) ([]views.WaitGroup, error) {
	groups, more, err := h.Questions.Groups(ctx, mostListed)
	if err != nil {
		return nil, err
	}
	var out []views.WaitGroup
	for _, g := range groups {
		v := views.WaitGroup{What: openWords(g.Opening), More: more, Locked: g.Password, Count: int64(len(g.Imports)),
			URL: views.ImportURL(number(g.Imports[0].ID))}
		if v.Count > 1 && !g.Password {
			v.URL += "?others=1"
		}
		for _, i := range g.Imports[:min(len(g.Imports), 5)] {
			v.Files = append(v.Files, views.ImportRef{ID: number(i.ID), Name: i.Name})
		}
		out = append(out, v)
	}
	return out, nil
}

// answerOf reads the answers of a request, from its form or its address.
func answerOf(c echo.Context) intake.Reading {
	value := func(name string) string { return cut(strings.TrimSpace(formText(c, name)), maxField) }
	return intake.Reading{Zone: value("zone"), Computer: value("computer"), Dates: value("dates")}
}

// Answer takes what a person says of a file that leaves something open, and
// starts its import; with others=1 that of all files that leave the same open.
func (h *Handlers) Answer(c echo.Context) error {
	i, err := h.importParam(c)
	if err != nil {
		return err
	}
	if i.Status != intake.Asking || i.Path == "" {
		return fault.New(fault.Conflict, "Import %d does not wait for an answer.", i.ID)
	}
	open, err := h.Questions.Open(i)
	if err != nil {
		return err
	}
	if open.Password {
		return h.unlock(c, i)
	}
	n, err := h.Questions.Answer(c.Request().Context(), i, answerOf(c), c.FormValue("others") != "")
	switch {
	case fault.CodeOf(err) == fault.Invalid && !WantsJSON(c):
		return h.importPage(c, http.StatusBadRequest, i, fault.Sentence(err))
	case err != nil:
		return err
	case n > 0 && !WantsJSON(c):
		return c.Redirect(http.StatusSeeOther, "/imports")
	}
	i.Status = intake.Queued
	return h.began(c, i)
}

// unlock takes the password of an archive.
func (h *Handlers) unlock(c echo.Context, i intake.Import) error {
	password := c.FormValue("password")
	if password == "" || len(password) > maxField {
		return fault.New(fault.Invalid, "Say the password of the archive, of at most %d bytes.", maxField)
	}
	if err := h.Queue.Unlock(c.Request().Context(), i.ID, password); err != nil {
		return err
	}
	i.Status = intake.Queued
	return h.began(c, i)
}
