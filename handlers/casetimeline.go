package handlers

import (
	"context"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"escutcheon/detection/verdict"
	"escutcheon/fault"
	"escutcheon/store"
	"escutcheon/views"
)

// mostCaseHosts is of how many hosts a case's timeline tells what led to their
// verdicts.
const mostCaseHosts = 30

// caseTimeline is what happened on all hosts of a case: what their verdicts rest on,
// what was pinned, and what was noted, by time.
func (h *Handlers) caseTimeline(ctx context.Context, w store.WholeCase, from toldCase) (t views.CaseTimeline,
	err error) {
	t = views.CaseTimeline{Number: w.Number(), Title: w.Title}
	dests := w.Dests()
	t.MoreHosts = max(0, len(dests)-mostCaseHosts)
	at := map[string]int{} // of an event, by its address
	for _, dest := range dests[:len(dests)-t.MoreHosts] {
		host, err := h.Ask.Hosts.HostByDest(ctx, store.HostFilter{Dest: dest, Now: h.Now().Unix()})
		if err != nil && fault.CodeOf(err) != fault.NotFound {
			return t, err
		}
		if host.Events == 0 { // its logs are on another machine
			for _, m := range from.moments(dest) {
				if m.Evidence != 0 {
					at[evidenceMark(m.Evidence)] = len(t.Moments)
				}
				t.Moments = append(t.Moments, m)
			}
			continue
		}
		j, err := h.verdictOf(ctx, dest, nil)
		if err != nil {
			return t, err
		}
		for i, l := range chainView(j) {
			m := views.CaseMoment{At: l.At, Dest: dest, Kind: momentKind(j.chain[i], l), Text: l.Text, Log: l.Log, By: l.By,
				Where: l.Where, URL: l.URL}
			if l.URL != "" {
				at[dest+" "+l.URL] = len(t.Moments)
			}
			t.Moments = append(t.Moments, m)
		}
		for _, x := range j.Modules[min(1, len(j.Modules)):] {
			t.Moments = append(t.Moments, views.CaseMoment{At: x.At, Dest: dest, Kind: views.MomentModule,
				Text: x.Name + " " + string(x.Action), By: x.By, URL: findingURL(x.Finding), Where: "finding"})
		}
	}
	for _, i := range w.Items {
		switch i.Kind {
		case store.ItemFinding, store.ItemEvent, store.ItemFile, store.ItemModule:
			h.pinMoments(ctx, &t, w.Pins[i.Pin], at)
		case store.ItemNote:
			s := noteThen(i)
			first, _, _ := strings.Cut(s.Text, "\n")
			t.Moments = append(t.Moments, views.CaseMoment{At: parseTime(s.Created), Dest: s.Dest, Kind: views.MomentNote,
				Text: cut(first, 200), By: s.Author})
		}
	}
	t.Moments = slices.DeleteFunc(t.Moments, func(m views.CaseMoment) bool { return m.At.IsZero() })
	slices.SortStableFunc(t.Moments, func(a, b views.CaseMoment) int { return a.At.Compare(b.At) })
	return t, nil
}

// pinMoments are those of an item that was pinned: its own, or the first and the last
// event's of a finding. One that is there already, at its address, becomes evidence.
func (h *Handlers) pinMoments(ctx context.Context, t *views.CaseTimeline, p store.Pin, at map[string]int) {
	v := h.pinView(ctx, p)
	m := views.CaseMoment{At: p.At, Dest: p.Dest, Kind: views.MomentEvidence, Text: v.Title, Evidence: p.ID, URL: v.URL,
		Where: v.Where, Log: p.Kind == store.PinEvent}
	var told time.Time
	n, ok := at[p.Dest+" "+v.URL]
	if !ok || v.URL == "" {
		n, ok = at[evidenceMark(p.ID)] // as another machine told it
	}
	if ok {
		t.Moments[n].Evidence, told = p.ID, t.Moments[n].At
	}
	if p.Kind != store.PinFinding {
		if told.IsZero() {
			t.Moments = append(t.Moments, m)
		}
		return
	}
	f := p.Finding()
	times, words := []time.Time{parseTime(f.First), p.At}, []string{", the first of ", ", the last of "}
	for n, when := range times {
		switch {
		case when.IsZero(), !told.IsZero() && when.Equal(told.Truncate(time.Second)), n > 0 && when.Equal(times[0]):
			continue
		}
		m.At, m.Text = when, v.Title
		if f.Count > 1 {
			m.Text += words[n] + views.Plural(f.Count, "event")
		}
		t.Moments = append(t.Moments, m)
	}
}

func evidenceMark(id int64) string { return fmt.Sprint("evidence ", id) }

func findingURL(key string) string {
	if key == "" {
		return ""
	}
	return views.FindingURL(key)
}

func momentKind(l verdict.Link, v views.VerdictLink) views.MomentKind {
	switch {
	case l.Logging:
		return views.MomentLogging
	case v.Change:
		return views.MomentModule
	}
	return views.MomentCommand
}

// CasePicture is the timeline of a case as an SVG or PNG file, by the end of the
// path.
func (h *Handlers) CasePicture(c echo.Context) error {
	id, err := caseParam(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	w, err := h.Ask.Cases.WholeCase(ctx, id)
	if err != nil {
		return err
	}
	from, err := h.toldOf(ctx, id)
	if err != nil {
		return err
	}
	t, err := h.caseTimeline(ctx, w, from)
	if err != nil {
		return err
	}
	s := t.Scene()
	name := "timeline-" + w.Number()
	if path.Ext(c.Path()) == ".png" {
		return h.stream(c, "image/png", name+".png", func(w io.Writer) error { return s.PNG(w) })
	}
	return h.stream(c, "image/svg+xml", name+".svg", func(w io.Writer) error { return s.SVG(w) })
}
