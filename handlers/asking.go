package handlers

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"escutcheon/fault"
	"escutcheon/importer"
	"escutcheon/intake"
	"escutcheon/views"
)

// asks is what somebody has to say before a file is imported.
type asks struct{ zone, computer, dates, password bool }

// names are the fields in which the answers are sent.
func (a asks) names() (out []string) {
	for _, f := range []struct {
		open bool
		name string
	}{{a.zone, "zone"}, {a.computer, "computer"}, {a.dates, "dates"}, {a.password, "password"}} {
		if f.open {
			out = append(out, f.name)
		}
	}
	return out
}

// words are the same for a person.
func (a asks) words() string {
	var out []string
	for _, n := range a.names() {
		out = append(out, map[string]string{"zone": "the zone", "computer": "the computer", "dates": "the order of day and month", "password": "the password"}[n])
	}
	if len(out) > 1 {
		return strings.Join(out[:len(out)-1], ", ") + " and " + out[len(out)-1]
	}
	return strings.Join(out, "")
}

// openings remembers what files leave open: an import's id stands for one file
// and what was answered with its upload.
type openings struct {
	mu sync.Mutex
	of map[int64]asks
}

// mostOpenings bounds how many are remembered.
const mostOpenings = 50_000

// openOf says what an import that asks leaves open. What leaves nothing open
// and asks is an archive with a password.
func (h *Handlers) openOf(i intake.Import) (asks, error) {
	h.openings.mu.Lock()
	a, ok := h.openings.of[i.ID]
	h.openings.mu.Unlock()
	if ok {
		return a, nil
	}
	in, err := h.inspect(i, i.Reading())
	if err != nil {
		return a, err
	}
	a = asks{zone: in.Zone, computer: in.Computer, dates: in.DateOrder, password: !in.Open()}
	h.openings.mu.Lock()
	defer h.openings.mu.Unlock()
	if h.openings.of == nil || len(h.openings.of) >= mostOpenings {
		h.openings.of = map[int64]asks{}
	}
	h.openings.of[i.ID] = a
	return a, nil
}

func (h *Handlers) inspect(i intake.Import, r intake.Reading) (importer.Inspection, error) {
	in, err := h.Queue.Importer().Inspect(i.Path, r)
	if errors.Is(err, fs.ErrNotExist) {
		return in, fault.New(fault.Conflict, "The file of import %d is gone: it was answered just now, or somebody removed it. Open its page again; if it still asks, cancel it and upload the file again.", i.ID)
	}
	return in, err
}

// asking fills in what the page of an import has that asks.
func (h *Handlers) asking(c echo.Context, p *views.ImportPage, i intake.Import, problem string) error {
	p.CancelURL = views.ImportURL(p.Import.ID) + "/cancel"
	if i.Path == "" { // an archive whose members ask
		return nil
	}
	open, err := h.openOf(i)
	if err != nil {
		return err
	}
	if open.password {
		p.Password = &views.PasswordForm{ID: p.Import.ID, Wrong: h.Queue.Importer().HasPassword(i.ID)}
		return nil
	}
	p.Ask, err = h.askForm(c, p, i, open, problem)
	return err
}

// askForm is the form of a file's open questions, with examples as the answers
// given so far have them read.
func (h *Handlers) askForm(c echo.Context, page *views.ImportPage, i intake.Import, open asks, problem string) (*views.AskForm, error) {
	a := answerOf(c)
	f := &views.AskForm{ID: number(i.ID), AskZone: open.zone, AskCom: open.computer, AskDates: open.dates, Zone: a.Zone, Computer: a.Computer, Dates: a.Dates,
		UseOthers: c.QueryParam("others") != "" || c.FormValue("others") != "", Problem: problem}
	r := merged(i.Reading(), a, open)
	if _, err := importer.Zone(r.Zone); err != nil {
		f.Problem, r.Zone = sentenceOf(err), ""
	}
	if err := importer.ValidDates(r.Dates); err != nil {
		f.Problem, r.Dates, f.Dates = sentenceOf(err), "", ""
	}
	f.ZoneKnown = r.Zone != ""
	in, err := h.inspect(i, r)
	if err != nil {
		return nil, err
	}
	page.Import.Format = formatWords(intake.Import{Format: in.Format})
	for _, e := range in.Examples {
		v := views.Example{Written: cut(e.TimeText, listValue), Computer: cut(e.Computer, listValue), Code: e.EventCode, Start: strings.ReplaceAll(e.Start, "\r\n", "\n")}
		if e.HasTime {
			v.Time = time.Unix(0, e.Nanos).UTC()
		}
		if open.zone || i.Zone != "" && in.Zoneless > 0 {
			v.Zone = zoneWords(r.Zone)
		}
		f.Examples = append(f.Examples, v)
	}
	if open.dates {
		if f.MonthFirst, f.DayFirst, err = h.bothOrders(i, r); err != nil {
			return nil, err
		}
	}
	others, err := h.sameOpen(c.Request().Context(), i.ID, open, mostListed)
	f.Others = int64(len(others))
	return f, err
}

func zoneWords(zone string) string {
	if zone == "" {
		return "UTC"
	}
	return zone
}

func sentenceOf(err error) string {
	var f *fault.Error
	if errors.As(err, &f) {
		return f.Sentence
	}
	return err.Error()
}

// bothOrders is a date of the file and what it is month-first and day-first,
// one for which that makes a difference if there is one.
func (h *Handlers) bothOrders(i intake.Import, r intake.Reading) (month, day string, err error) {
	r.Dates = "mdy"
	m, err := h.inspect(i, r)
	if err != nil {
		return "", "", err
	}
	r.Dates = "dmy"
	d, err := h.inspect(i, r)
	if err != nil {
		return "", "", err
	}
	zone, err := importer.Zone(r.Zone)
	if err != nil {
		return "", "", err
	}
	for n := range min(len(m.Examples), len(d.Examples)) {
		a, b := m.Examples[n], d.Examples[n]
		if !a.HasTime || !b.HasTime || month != "" && a.Nanos == b.Nanos {
			continue
		}
		say := func(nanos int64) string {
			return fmt.Sprintf("%s → %s", cut(a.TimeText, 80), time.Unix(0, nanos).In(zone).Format("2 January 2006"))
		}
		if month, day = say(a.Nanos), say(b.Nanos); a.Nanos != b.Nanos {
			break
		}
	}
	return month, day, nil
}

// mostListed is how many waiting files are looked at for a page.
const mostListed = 200

// sameOpen are the other imports that leave the same open.
func (h *Handlers) sameOpen(ctx context.Context, id int64, open asks, limit int) (out []intake.Import, err error) {
	waiting, err := h.Ask.Imports.Waiting(ctx, limit)
	if err != nil {
		return nil, err
	}
	for _, w := range waiting {
		if w.ID == id {
			continue
		}
		a, err := h.openOf(w)
		if fault.CodeOf(err) == fault.Conflict { // answered meanwhile
			continue
		}
		if err != nil {
			return nil, err
		}
		if a == open {
			out = append(out, w)
		}
	}
	return out, nil
}

// waitGroups are the files that wait, by what they leave open.
func (h *Handlers) waitGroups(ctx context.Context) ([]views.WaitGroup, error) {
	waiting, err := h.Ask.Imports.Waiting(ctx, mostListed+1)
	if err != nil || len(waiting) == 0 {
		return nil, err
	}
	more := len(waiting) > mostListed
	var out []views.WaitGroup
	at := map[asks]int{}
	for _, w := range waiting[:min(len(waiting), mostListed)] {
		a, err := h.openOf(w)
		if fault.CodeOf(err) == fault.Conflict {
			continue
		}
		if err != nil {
			return nil, err
		}
		n, ok := at[a]
		if !ok {
			n, at[a] = len(out), len(out)
			out = append(out, views.WaitGroup{What: a.words(), More: more, Locked: a.password, URL: views.ImportURL(number(w.ID))})
		}
		g := &out[n]
		if g.Count++; g.Count == 2 && !a.password {
			g.URL += "?others=1"
		}
		if len(g.Files) < 5 {
			g.Files = append(g.Files, views.ImportRef{ID: number(w.ID), Name: w.Name})
		}
	}
	return out, nil
}

// merged are an import's own answers, and those given now for what it leaves
// open.
func merged(r, given intake.Reading, open asks) intake.Reading {
	if open.zone {
		r.Zone = given.Zone
	}
	if open.computer {
		r.Computer = given.Computer
	}
	if open.dates {
		r.Dates = given.Dates
	}
	return r
}
