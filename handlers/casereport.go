package handlers

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"escutcheon/fault"
	"escutcheon/store"
	"escutcheon/views"
	"escutcheon/views/report"
)

// CaseReport is the report of a case as HTML, Markdown or JSON, by the end of the
// path.
func (h *Handlers) CaseReport(c echo.Context) error {
	id, err := caseParam(c)
	if err != nil {
		return err
	}
	r, err := h.caseReport(c, id)
	if err != nil {
		return err
	}
	return h.sendReport(c, r, "report-"+r.Number)
}

func (h *Handlers) caseReport(c echo.Context, id int64) (*report.Report, error) {
	ctx := c.Request().Context()
	w, err := h.Ask.Cases.WholeCase(ctx, id)
	if err != nil {
		return nil, err
	}
	r, err := h.newReport(ctx, "case", w.Title)
	if err != nil {
		return nil, err
	}
	r.Number = w.Number()
	r.Case = &report.Case{Status: w.Status.String(), Disposition: w.Disposition.String(),
		Severity: severityWord(w.Severity), Owner: w.Owner, Verdict: w.Verdict, Author: w.Author, Created: w.Created,
		Editor: w.Editor, Edited: w.Edited, Origin: w.Origin}
	from, err := h.toldOf(ctx, id)
	if err != nil {
		return nil, err
	}
	if err := h.reportedMoments(ctx, r, w, from); err != nil {
		return nil, err
	}
	inCase, why := map[string]bool{}, map[string]string{}
	for _, i := range w.Items {
		inCase[i.Ref] = inCase[i.Ref] || i.Kind == store.ItemFinding
		if i.Kind == store.ItemHost {
			why[i.Ref] = i.Why
		}
	}
	for _, dest := range w.Dests() {
		one, err := h.hostOfCase(c, w, dest, inCase, from)
		if err != nil {
			return nil, err
		}
		one.Why = why[dest]
		r.Hosts = append(r.Hosts, one)
	}
	spanOfHosts(r)
	h.reportedAnswers(r, w)
	h.reportedPins(ctx, r, w)
	for _, f := range w.Files {
		r.Attached = append(r.Attached, report.Attached{Name: f.Name, SHA256: f.SHA256, Size: f.Size, Why: f.Why,
			Author: f.Author, At: f.At})
	}
	v, err := h.Ask.Cases.VerifyCase(ctx, id)
	if err != nil {
		return nil, err
	}
	r.Verified = &report.Verified{Whole: len(v.Differences) == 0, Differences: []string{}}
	for _, d := range v.Differences {
		r.Verified.Differences = append(r.Verified.Differences, d.Object+": "+d.What)
	}
	return r, nil
}

// momentsOf are the moments of a timeline as they leave.
func momentsOf(t views.CaseTimeline) []report.Moment {
	out := []report.Moment{}
	for _, m := range t.Moments {
		out = append(out, report.Moment{At: m.At.UTC(), Dest: m.Dest, Kind: m.Kind.Words(), Text: m.Text, By: m.By,
			Where: m.Where, Evidence: m.Evidence})
	}
	return out
}

func (h *Handlers) reportedMoments(ctx context.Context, r *report.Report, w store.WholeCase, from toldCase) error {
	t, err := h.caseTimeline(ctx, w, from)
	if err != nil {
		return err
	}
	r.Moments = momentsOf(t)
	var svg strings.Builder
	err = t.Scene().SVG(&svg)
	r.Picture = svg.String()
	return err
}

// hostOfCase is what a report tells of a host of a case: what the case kept of it,
// where its logs are not here.
func (h *Handlers) hostOfCase(c echo.Context, w store.WholeCase, dest string, inCase map[string]bool,
	from toldCase) (report.Host, error) {
	ctx := c.Request().Context()
	filter := store.HostFilter{Dest: dest, Now: h.Now().Unix()}
	host, err := h.Ask.Hosts.HostByDest(ctx, filter)
	if err == nil && host.Events > 0 {
		return h.reportedHost(c, host, filter, inCase)
	}
	if err != nil && fault.CodeOf(err) != fault.NotFound {
		return report.Host{}, err
	}
	if one, ok := from.host(dest); ok {
		return h.toldHost(ctx, one, from)
	}
	if err == nil {
		return h.reportedHost(c, host, filter, inCase)
	}
	one := report.Host{Dest: dest, Spelling: dest, Gone: true, Gravity: "none"}
	for _, i := range w.Items {
		if i.Kind == store.ItemHost && i.Ref == dest {
			var s store.HostSnapshot
			_ = json.Unmarshal(i.Snapshot, &s) // a damaged one says nothing
			one.Spelling, one.Gravity, one.Verdict = s.Spelling, s.Gravity, s.Verdict
		}
	}
	return one, nil
}

func (h *Handlers) reportedAnswers(r *report.Report, w store.WholeCase) {
	item := map[int64]store.CaseItem{}
	for _, i := range w.Items {
		item[i.ID] = i
	}
	for _, q := range w.Questions {
		one := report.Question{Question: q.Question, Answer: q.Answer, Editor: q.Editor, Carried: []string{},
			Evidence: []int64{}}
		for _, id := range q.Items {
			i := item[id]
			words := i.Kind + " " + i.Ref
			if p, ok := w.Pins[i.Pin]; ok {
				one.Evidence = append(one.Evidence, p.ID)
				words = fmt.Sprintf("evidence %d on %s: %s", p.ID, p.Dest, titleOf(p))
			}
			one.Carried = append(one.Carried, words)
		}
		r.Questions = append(r.Questions, one)
	}
	for _, x := range w.Recommendations {
		r.Recommendations = append(r.Recommendations, report.Recommendation{Text: x.Text, Done: x.Done})
	}
}

// titleOf is what a pin is of, in words.
func titleOf(p store.Pin) string {
	switch p.Kind {
	case store.PinFinding:
		return p.Finding().Title
	case store.PinFile:
		return p.File().Path
	case store.PinModule:
		m := p.Module()
		return moduleTitle(&m)
	}
	return p.Event().Brief
}

func saidOf(list []store.Field) (out []report.Said) {
	for _, f := range list {
		out = append(out, report.Said{Name: f.Name, Value: f.Value})
	}
	return out
}

// reportedPins are the pins of a case's items, each with its events and files after it.
func (h *Handlers) reportedPins(ctx context.Context, r *report.Report, w store.WholeCase) {
	seen := map[int64]bool{}
	add := func(p store.Pin, of int64, why string) {
		if seen[p.ID] || p.ID == 0 {
			return
		}
		seen[p.ID] = true
		one := report.Evidence{ID: p.ID, Kind: p.Kind, Of: of, Title: titleOf(p), Dest: p.Dest, At: p.At, Why: why,
			Seal: p.Seal, Author: p.Author, Pinned: p.Pinned, Copies: []report.Copy{}}
		switch p.Kind {
		case store.PinFinding:
			one.Where = p.Finding().Rule
		case store.PinFile:
			f := p.File()
			one.Where, one.Said = f.Kind, saidOf(fileFields(&f))
		case store.PinModule:
			m := p.Module()
			one.Where, one.Said = m.Type, saidOf(moduleFields(&m))
		default:
			e := p.Event()
			one.Where, one.Record, one.Code = e.Log, e.Record, e.Code
		}
		for _, c := range p.Copies {
			one.Copies = append(one.Copies, report.Copy{File: c.FileName, FileSHA256: c.FileSHA256, Archive: c.Archive,
				Offset: c.Offset, SHA256: c.SHA256})
		}
		r.Evidence = append(r.Evidence, one)
	}
	// What somebody chose comes before what came with it.
	items := byTime(w)
	for _, i := range items {
		if p, ok := w.Pins[i.Pin]; ok {
			add(p, 0, i.Why)
		}
	}
	for _, i := range items {
		p := w.Pins[i.Pin]
		events := slices.Clone(p.Events)
		slices.SortFunc(events, func(a, b int64) int { return w.Pins[a].At.Compare(w.Pins[b].At) })
		for _, e := range events {
			add(w.Pins[e], p.ID, "")
		}
	}
}
