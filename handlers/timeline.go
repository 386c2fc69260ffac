package handlers

import (
	"context"
	"math"
	"net/http"
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	"escutcheon/detection"
	"escutcheon/detection/risk"
	"escutcheon/store"
	"escutcheon/views"
)

// TimelineStore is what a timeline asks.
type TimelineStore interface {
	// RiskSpan are the risk events that a filter chooses, by hour, and, apart, those
	// of so many seconds before.
	RiskSpan(ctx context.Context, f store.RiskFilter, before int64) (lead, within []risk.Hour, err error)
	// RiskSeconds are they one by one; of very many the first.
	RiskSeconds(ctx context.Context, f store.RiskFilter, most int) ([]risk.Hour, error)
	// RiskEventPage returns one page of them by time.
	RiskEventPage(ctx context.Context, f store.RiskFilter, p store.Page) ([]store.RiskEvent, store.Cursors, error)
	// RiskOfKinds are those of a system whose findings are of some kinds of change:
	// one by one, or where they are more than most together.
	RiskOfKinds(ctx context.Context, f store.RiskFilter, kinds detection.Kind, most int) ([]store.RiskEvent,
		[]store.RiskPlace, error)
	// StatusSteps are the newest changes of status of a dest and its findings between
	// two seconds, NotesBetween its newest notes; both oldest first.
	StatusSteps(ctx context.Context, dest string, after, upTo int64, most int) ([]store.StatusStep, error)
	NotesBetween(ctx context.Context, dest string, after, upTo int64, most int) ([]store.Note, error)
}

// Bounds of a timeline: so many risk events are on a page of its table, so many are
// drawn each for itself, and so many notes and changes of status.
const (
	riskPage   = 30
	mostDrawn  = 400
	mostBeside = 200
)

// pictured is what a timeline is of: a host (dest) or a user, with its risk.
type pictured struct {
	of             store.RiskOf
	name, spelling string
	user           bool
	first          int64   // second of its first event
	judged         *judged // of a host
	scored
	typed
}

// spanned is the risk of a window.
type spanned struct {
	hours     []risk.Hour
	steps     []risk.Step
	incidents []risk.Incident
	count     int
}

// timelineOf is the timeline of a host or user, in the window that is asked for.
func (h *Handlers) timelineOf(c echo.Context, o pictured) (t views.Timeline, err error) {
	ctx := c.Request().Context()
	w := o.typed.window(o.AsOf, h.Now().Unix(), o.of.AsOf != nil)
	s, err := h.spanOf(ctx, o, w)
	if err != nil {
		return t, err
	}
	t = views.Timeline{Dest: o.spelling, User: o.user, From: second(w.from), To: second(w.upTo),
		Score: int64(o.scorer(h).ScoreOver(s.hours)), Thresholds: thresholds(o.Settings()), Steps: stepsIn(s.steps, w)}
	if err = h.riskRows(c, &t, o, w, s); err != nil {
		return t, err
	}
	if t.Crossings, t.Crossed, err = h.crossings(ctx, o, w, s); err != nil {
		return t, err
	}
	if !o.user {
		if err = h.besides(c, &t, o, &w); err != nil {
			return t, err
		}
		t.Shades, t.MoreShades = shadesOf(*o.judged, t)
		t.Counting = o.judged.Counting
	}
	first, moment := o.first, views.Span{}
	if o.Any {
		first = min(first, o.First)
	}
	if o.judged != nil {
		moment = momentOf(*o.judged)
	}
	t.Range = rangeOf(c, w, o.AsOf, first, moment)
	t.Pictures = picturesOf(c, o)
	return t, nil
}

// runsBehind is how long after a risk event, at the latest, there was a run that saw
// it and all before, in seconds.
const runsBehind = 2 * int64(time.Hour/time.Second)

// spanOf is the risk of a window: that of the score, or another one.
func (h *Handlers) spanOf(ctx context.Context, o pictured, w window) (s spanned, err error) {
	if !w.chosen {
		s = spanned{hours: o.Hours, steps: o.Steps, incidents: o.Incidents}
	} else {
		lead, within, err := h.Ask.Timeline.RiskSpan(ctx, o.filter(w.from, w.upTo), risk.Period)
		if err != nil {
			return s, err
		}
		_, behind, err := h.Ask.Timeline.RiskSpan(ctx, o.filter(w.upTo, min(w.latest, w.upTo+runsBehind)), 0)
		if err != nil {
			return s, err
		}
		all, by := slices.Concat(lead, within, behind), o.scorer(h)
		s = spanned{hours: within, steps: by.Sum24Over(all)}
		for _, in := range by.IncidentsOver(all) {
			if in.To > w.from && in.From <= w.upTo+runsBehind {
				s.incidents = append(s.incidents, in)
			}
		}
	}
	for _, hour := range s.hours {
		s.count += hour.Count
	}
	return s, nil
}

// filter chooses the risk events between two seconds.
func (o pictured) filter(after, upTo int64) store.RiskFilter {
	return store.RiskFilter{Object: o.name, Type: o.of.Type, Rule: o.of.Rule, After: after, UpTo: upTo}
}

func (o pictured) scorer(h *Handlers) risk.Scorer { return h.scorer(o.Settings()) }

// stepsIn are the steps of a sum within a window, with what it is at its beginning.
func stepsIn(steps []risk.Step, w window) []views.SumStep {
	out := []views.SumStep{{At: second(w.from), Sum: int64(risk.SumAt(steps, w.from))}}
	var within []risk.Step
	for _, step := range steps {
		if step.At > w.from && step.At <= w.upTo {
			within = append(within, step)
		}
	}
	for _, step := range thinned(within, mostSteps) {
		out = append(out, views.SumStep{At: second(step.At), Sum: int64(step.Sum)})
	}
	return out
}

// riskRows fills in the table of a window's risk events, a page of them, and the
// marks of all.
func (h *Handlers) riskRows(c echo.Context, t *views.Timeline, o pictured, w window, s spanned) error {
	ctx, f := c.Request().Context(), o.filter(w.from, w.upTo)
	p := store.Page{Limit: riskPage, After: c.QueryParam("risk-after"), Before: c.QueryParam("risk-before")}
	found, cursors, err := h.Ask.Timeline.RiskEventPage(ctx, f, p)
	if err != nil {
		return err
	}
	t.Rows = []views.RiskMark{}
	for _, e := range found {
		t.Rows = append(t.Rows, h.mark(e))
	}
	t.Pager = views.Pager{Shown: len(found), Total: int64(s.count)}
	if cursors.Before != "" {
		t.Pager.PrevURL = with(c, "risk-before", cursors.Before, "risk-after", "", "part", "") + "#risk-events"
	}
	if cursors.After != "" {
		t.Pager.NextURL = with(c, "risk-after", cursors.After, "risk-before", "", "part", "") + "#risk-events"
	}
	switch {
	case p.After+p.Before == "" && cursors.After == "":
		t.Marks = backwards(t.Rows)
	case s.count <= mostDrawn:
		found, _, err = h.Ask.Timeline.RiskEventPage(ctx, f, store.Page{Asc: true, Limit: mostDrawn})
		for _, e := range found {
			t.Marks = append(t.Marks, h.mark(e))
		}
	default:
		t.Marks, err = h.manyMarks(ctx, o, w, s.hours)
	}
	return err
}

func backwards(rows []views.RiskMark) []views.RiskMark {
	out := make([]views.RiskMark, 0, len(rows))
	for i := len(rows) - 1; i >= 0; i-- {
		out = append(out, rows[i])
	}
	return out
}

// part says whether only the timeline of a page is asked for, by its script.
func part(c echo.Context) bool { return c.QueryParam("part") == "timeline" }

// hostPictured is a host as its timeline is made of.
func hostPictured(host store.Host, f store.HostFilter, s scored, j judged, t typed) pictured {
	o := pictured{of: store.RiskOf{Rule: f.Rule, AsOf: f.AsOf, Now: f.Now}, name: host.Dest, spelling: host.Spelling,
		first: math.MaxInt64, judged: &j, scored: s, typed: t}
	if host.HasTime {
		o.first = host.First
	}
	return o
}

// userPictured is a user.
func userPictured(u store.Object, of store.RiskOf, s scored, t typed) pictured {
	return pictured{of: of, name: u.Name, spelling: u.Name, user: true, first: math.MaxInt64, scored: s, typed: t}
}

// hostPart is the timeline of a host's page alone.
func (h *Handlers) hostPart(c echo.Context, host store.Host, f store.HostFilter, t typed) error {
	o, err := h.hostToPicture(c.Request().Context(), host, f, t)
	if err != nil {
		return err
	}
	return h.sendPart(c, o)
}

func (h *Handlers) hostToPicture(ctx context.Context, host store.Host, f store.HostFilter, t typed) (o pictured,
	err error) {
	s, err := h.objectRisk(ctx, store.RiskOf{Rule: f.Rule, AsOf: f.AsOf, Now: f.Now}, host.Dest)
	if err != nil {
		return o, err
	}
	j, err := h.verdictOf(ctx, host.Dest, f.AsOf)
	return hostPictured(host, f, s, j, t), err
}

func (h *Handlers) sendPart(c echo.Context, o pictured) error {
	tl, err := h.timelineOf(c, o)
	if err != nil {
		return err
	}
	return render(c, statusOf(tl.Range), views.RiskTimeline(tl, views.Frame{Now: h.Now().UTC()}))
}

// statusOf is the status of a page: one whose boxes hold what cannot be read is
// shown all the same.
func statusOf(r views.Range) int {
	if r.Wrong != "" || r.AsOfWrong != "" {
		return http.StatusBadRequest
	}
	return http.StatusOK
}
