package handlers

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"escutcheon/detection"
	"escutcheon/detection/risk"
	"escutcheon/event"
	"escutcheon/store"
	"escutcheon/views"
)

// ReplayStore is what the replay of a rule asks.
type ReplayStore interface {
	// ObjectsOfRule returns the systems that a rule gave risk to.
	ObjectsOfRule(ctx context.Context, rule string) ([]store.RiskedObject, error)
	HostByDest(ctx context.Context, f store.HostFilter) (store.Host, error)
	RiskEvents(ctx context.Context, f store.RiskFilter) ([]store.RiskEvent, error)
	Settings(ctx context.Context) (risk.Settings, error)
}

// Bounds of the replay: that many runs are listed, and that many findings of
// each are named.
const (
	mostRuns   = 1000
	namedInRun = 3
)

// Replay shows, for a rule and a dest, each scheduled run that would have
// fired, and when an incident threshold was crossed.
func (h *Handlers) Replay(c echo.Context) error {
	ctx := c.Request().Context()
	r, err := h.ruleParam(c)
	if err != nil {
		return err
	}
	p := views.ReplayPage{Rule: short(r), Dest: event.NormalizeHost(c.QueryParam("dest"))}
	if p.Frame, err = h.frame(c, "Replay of "+r.Name); err != nil {
		return err
	}
	fired, err := h.Ask.Replay.ObjectsOfRule(ctx, r.ID)
	if err != nil {
		return err
	}
	for _, o := range fired {
		p.Dests = append(p.Dests, views.ReplayDest{Dest: o.Name, Runs: o.Runs, First: second(o.First), Last: second(o.Last)})
	}
	if p.Dest == "" {
		return render(c, http.StatusOK, views.Replay(p))
	}
	host, err := h.Ask.Replay.HostByDest(ctx, store.HostFilter{Dest: p.Dest, Now: h.Now().Unix()})
	if err != nil {
		return err
	}
	p.Spelling = host.Spelling
	all, err := h.Ask.Replay.RiskEvents(ctx, store.RiskFilter{Object: p.Dest, After: math.MinInt64, UpTo: math.MaxInt64})
	if err != nil {
		return err
	}
	settings, err := h.Ask.Replay.Settings(ctx)
	if err != nil {
		return err
	}
	h.replayRuns(&p, r, all, h.scorer(settings))
	return render(c, http.StatusOK, views.Replay(p))
}

// replayRuns fills in the runs of a rule, of all risk events of the dest by
// time.
func (h *Handlers) replayRuns(p *views.ReplayPage, r *detection.Rule, all []store.RiskEvent, scorer risk.Scorer) {
	every := eventsOf(all)
	alone := slices.DeleteFunc(eventsOf(all), func(e detection.RiskEvent) bool { return e.RuleID != r.ID })
	runs := runsOf(r.ID, all)
	if len(runs) == 0 {
		return
	}
	steps, stepsAlone, incidents := scorer.Sum24(every), scorer.Sum24(alone), scorer.Incidents(every)
	p.Total, p.Score = int64(len(runs)), int64(scorer.Score(alone))
	first, last := detection.WindowOf(runs[0].start), detection.WindowOf(runs[len(runs)-1].start)
	p.Timeline = views.Timeline{Dest: p.Spelling, MarkName: "run", Score: p.Score, Thresholds: thresholds(scorer.Settings),
		From: second(first.Start - 3600), To: second(last.RunAt + 25*3600)}
	for _, s := range steps {
		p.Timeline.Steps = append(p.Timeline.Steps, views.SumStep{At: second(s.At), Sum: int64(s.Sum)})
	}
	next := 0 // the first incident that no run has been told of
	for _, of := range runs {
		w := detection.WindowOf(of.start)
		run := h.replayRun(r, of, p.Dest)
		run.Score = int64(scorer.Score(eventsOf(of.events)))
		run.Sum, run.All = int64(risk.SumAt(stepsAlone, w.RunAt)), int64(risk.SumAt(steps, w.RunAt))
		for ; next < len(incidents) && incidents[next].From <= w.RunAt; next++ {
			if incidents[next].To >= w.RunAt {
				in := incident(incidents[next], scorer.Settings)
				run.Crossed = &in
			}
		}
		p.Timeline.Marks = append(p.Timeline.Marks, h.runMark(r, run))
		if len(p.Runs) < mostRuns {
			p.Runs = append(p.Runs, run)
		}
	}
	if len(incidents) > 0 {
		p.Timeline.Crossed = second(incidents[0].From)
	}
	p.Alone = aloneWords(scorer.Incidents(alone))
}

// eventsOf are stored risk events without their findings' rows.
func eventsOf(stored []store.RiskEvent) []detection.RiskEvent {
	out := make([]detection.RiskEvent, len(stored))
	for i, e := range stored {
		out[i] = e.RiskEvent
	}
	return out
}

// ruleRun is one scheduled run of a rule.
type ruleRun struct {
	start  int64 // of its window
	events []store.RiskEvent
}

// runsOf are a rule's runs that fired, by their first risk event.
func runsOf(rule string, all []store.RiskEvent) (out []ruleRun) {
	at := map[int64]int{}
	for _, e := range all {
		if e.RuleID != rule {
			continue
		}
		i, ok := at[e.WindowStart]
		if !ok {
			i = len(out)
			at[e.WindowStart] = i
			out = append(out, ruleRun{start: e.WindowStart})
		}
		out[i].events = append(out[i].events, e)
	}
	return out
}

// replayRun says what a run found.
func (h *Handlers) replayRun(r *detection.Rule, of ruleRun, dest string) views.ReplayRun {
	w := detection.WindowOf(of.start)
	run := views.ReplayRun{At: second(w.RunAt), From: second(w.Start), To: second(w.End), Count: int64(len(of.events))}
	for i, e := range of.events {
		run.Events += e.Count
		if i < namedInRun {
			run.Findings = append(run.Findings, views.FoundRef{ID: e.FindingID, RuleID: r.ID, RuleName: r.Name, Dest: dest,
				Label: cut(detection.Telling(r.NewRow(e.Row)), listValue)})
		}
	}
	return run
}

func (h *Handlers) runMark(r *detection.Rule, run views.ReplayRun) views.RiskMark {
	return views.RiskMark{Time: run.At, Score: run.Score, RuleID: r.ID, RuleName: r.Name,
		Message: fmt.Sprintf("the run found %s", views.Plural(run.Count, "row")),
		Count:   run.Events, WindowFrom: run.From, WindowTo: run.To, FindingID: run.Findings[0].ID}
}

func aloneWords(incidents []risk.Incident) string {
	if len(incidents) == 0 {
		return "This rule alone crosses no incident threshold on this host."
	}
	return fmt.Sprintf("This rule alone makes %s on this host; the first begins at the run of %s UTC.",
		views.Plural(int64(len(incidents)), "incident"), second(incidents[0].From).Format("2006-01-02 15:04"))
}
