package handlers

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"escutcheon/detection"
	"escutcheon/detection/risk"
	"escutcheon/store"
	"escutcheon/views"
)

// laneOf is the lane of a change to the configuration.
func laneOf(k detection.Kind) views.Lane {
	switch k.Class() {
	case detection.ClassModule, detection.ClassFilter:
		return views.LaneModules
	case detection.ClassLogging:
		return views.LaneLogging
	}
	return views.LaneOther
}

// ofNote are the kinds of change that have lanes of their own.
const ofNote = detection.ModuleKinds | detection.ISAPIFilter | detection.HTTPLoggingOff | detection.ETWTargetRemoved |
	detection.LoggingChanged

// laneOfRule is the lane of a rule's risk events that are no change.
func laneOfRule(r *detection.Rule) views.Lane {
	if r != nil {
		columns := r.Plan().Columns()
		if slices.Contains(columns, "process_name") || slices.Contains(columns, "process") {
			return views.LaneCommands
		}
	}
	return views.LaneOther
}

// mark is a risk event as a timeline has it.
func (h *Handlers) mark(e store.RiskEvent) views.RiskMark {
	w := detection.WindowOf(e.WindowStart)
	m := views.RiskMark{Time: second(e.Time), Score: int64(e.Score), RuleID: e.RuleID, RuleName: e.RuleID,
		RiskMessage: e.Message, Count: e.Count, WindowFrom: second(w.Start), WindowTo: second(w.End),
		FindingID: e.FindingID, Lane: views.LaneOther}
	if r := h.Book.Find(e.RuleID); r != nil {
		m.RuleName, m.Lane = r.Name, laneOfRule(r)
		row := r.NewRow(e.Row)
		m.Message = cut(detection.Telling(row), listValue)
		c, ok := r.ChangeOf(e.Row, e.Change)
		if !ok && e.Change != 0 { // the row names the module, and has no path of what was changed
			c.Module, ok = get(row, "module"), true
			m.Message = cut(r.Label(e.Row, e.Change), listValue)
		}
		if ok {
			m.Change, m.Name = c.Words(), c.Module
			m.Lane = laneOf(c.Kind)
		} else if m.Lane == views.LaneCommands {
			m.Name = get(row, "process_name")
		}
	}
	return m
}

// hourOfRule is an hour of a rule's risk events.
type hourOfRule struct {
	rule string
	hour int64
}

// manyMarks are the marks of many risk events: of a host's changes of note each, if
// they are not many too, and of the others those of one rule that are near.
func (h *Handlers) manyMarks(ctx context.Context, o pictured, w window, hours []risk.Hour) (out []views.RiskMark,
	err error) {
	taken := map[hourOfRule]int{}
	if !o.user {
		events, places, err := h.Ask.Timeline.RiskOfKinds(ctx, o.filter(w.from, w.upTo), ofNote, mostDrawn)
		if err != nil {
			return nil, err
		}
		for _, e := range events {
			out = append(out, h.mark(e))
			taken[hourOfRule{e.RuleID, risk.HourOf(e.Time)}]++
		}
		for _, p := range places {
			m := h.markOfMany(p.RuleID, p.First, p.Last, p.Count)
			m.Lane = laneOf(p.Change)
			out = append(out, m)
			taken[hourOfRule{p.RuleID, risk.HourOf(p.Last)}] += p.Count
		}
	}
	out = append(out, h.restOf(hours, taken, w)...)
	slices.SortStableFunc(out, func(a, b views.RiskMark) int { return a.Time.Compare(b.Time) })
	return out, nil
}

// stretches is how many stretches of a window the risk events of a rule are one
// mark in: what the picture can tell apart.
const stretches = 84

// restOf are the marks of the hours without what was taken out of them.
func (h *Handlers) restOf(hours []risk.Hour, taken map[hourOfRule]int, w window) (out []views.RiskMark) {
	at := map[hourOfRule]int{}
	long := max(1, (w.upTo-w.from)/stretches)
	for _, e := range hours {
		k := hourOfRule{e.RuleID, risk.HourOf(e.Last)}
		n := min(taken[k], e.Count)
		taken[k] -= n
		if n = e.Count - n; n == 0 {
			continue
		}
		place := hourOfRule{e.RuleID, (e.Last - w.from) / long}
		i, ok := at[place]
		if !ok {
			i, at[place] = len(out), len(out)
			out = append(out, h.markOfMany(e.RuleID, e.First, e.Last, 0))
		}
		m := &out[i]
		m.All += n
		if first := second(e.First); first.Before(m.Time) {
			m.Time = first
		}
		if last := second(e.Last); last.After(m.Until) {
			m.Until = last
		}
	}
	return out
}

func (h *Handlers) markOfMany(rule string, first, last int64, count int) views.RiskMark {
	r := h.Book.Find(rule)
	m := views.RiskMark{Time: second(first), Until: second(last), All: count, RuleID: rule, RuleName: rule,
		Lane: laneOfRule(r)}
	if r != nil {
		m.RuleName = r.Name
	}
	return m
}

// besides fills in the marks of notes and of changes of status.
func (h *Handlers) besides(c echo.Context, t *views.Timeline, o pictured, w *window) error {
	ctx := c.Request().Context()
	notes, err := h.Ask.Timeline.NotesBetween(ctx, o.name, w.from, w.latest, mostBeside)
	if err != nil {
		return err
	}
	for _, n := range notes {
		if n.Created.Unix() > w.upTo {
			w.later = true
			break
		}
		id := fmt.Sprint(n.ID)
		t.Marks = append(t.Marks, views.RiskMark{Time: n.Created, Lane: views.LaneNotes, FindingID: "note " + id,
			Message: n.Author, URL: with(c, "notes-from", id, "part", "") + "#note-" + id})
	}
	steps, err := h.Ask.Timeline.StatusSteps(ctx, o.name, w.from, w.latest, mostBeside)
	if err != nil {
		return err
	}
	for _, s := range steps {
		if s.At.Unix() > w.upTo {
			w.later = true
			break
		}
		m := views.RiskMark{Time: s.At, Lane: views.LaneStatus, Name: s.New, Message: cmp.Or(s.Author, "an event"),
			Change: statusWords(s), URL: "#triage"}
		if s.Kind == store.OfFinding {
			m.URL = views.WithQuery("/findings", "rule", allRules, "dest", o.name, "status", "all")
		}
		t.Marks = append(t.Marks, m)
	}
	t.Marks = append(t.Marks, fileMarks(o.judged, w)...)
	slices.SortStableFunc(t.Marks, func(a, b views.RiskMark) int { return a.Time.Compare(b.Time) })
	return nil
}

// mostFileMarks is how many changes that files alone say a timeline marks.
const mostFileMarks = 50

// fileMarks are the changes to modules that files of the server show, and no event says.
func fileMarks(j *judged, w *window) (out []views.RiskMark) {
	if j == nil || j.OnFile == nil {
		return nil
	}
	done := map[string]bool{}
	for _, c := range j.OnFile.Changes {
		key := c.File + "\x00" + strings.ToLower(c.Module)
		at := c.At.Unix()
		if c.Module == "" || c.At.IsZero() || at < w.from || at > w.upTo || done[key] || len(out) == mostFileMarks {
			continue
		}
		done[key] = true
		out = append(out, views.RiskMark{Time: c.At, Lane: views.LaneModules, Name: c.Module, FromFile: true,
			FindingID: fmt.Sprint("file ", c.Artifact), URL: views.ArtifactURL(c.Artifact),
			Change: c.Module + " changed in " + c.File})
	}
	return out
}

func statusWords(s store.StatusStep) string {
	if s.Kind == store.OfHost {
		return "the host is " + s.New
	}
	return views.Plural(s.Count, "finding") + " " + s.New
}
