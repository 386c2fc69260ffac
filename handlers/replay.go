package handlers

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"escutcheon/detection"
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
	Settings(ctx context.Context) (store.Settings, error)
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
	h.replayRuns(&p, r, all, settings.Thresholds())
	return render(c, http.StatusOK, views.Replay(p))
}

// replayRuns fills in the runs of a rule, of all risk events of the dest.
func (h *Handlers) replayRuns(p *views.ReplayPage, r *detection.Rule, all []store.RiskEvent, limits detection.Thresholds) {
	every := risk{limits: limits}
	alone := risk{limits: limits}
	byRun := map[int64][]store.RiskEvent{}
	var order []int64
	for _, e := range all {
		every.all = append(every.all, e.RiskEvent)
		if e.RuleID != r.ID {
			continue
		}
		alone.all = append(alone.all, e.RiskEvent)
		if byRun[e.WindowStart] == nil {
			order = append(order, e.WindowStart)
		}
		byRun[e.WindowStart] = append(byRun[e.WindowStart], e)
	}
	if len(order) == 0 {
		return
	}
	every.steps, alone.steps = limits.Sum24(every.all), limits.Sum24(alone.all)
	every.incidents, alone.incidents = limits.Incidents(every.all, h.rulesOf(every.all)), limits.Incidents(alone.all, []*detection.Rule{r})
	sums, sumsOfAll := sumAt(alone.steps), sumAt(every.steps)
	p.Total = int64(len(order))
	last := detection.WindowOf(order[len(order)-1]).RunAt
	p.Timeline = h.timeline(store.Host{Spelling: p.Spelling, AsOf: last + 25*3600}, alone)
	p.Timeline.From, p.Timeline.Marks, p.Timeline.Steps, p.Timeline.Crossed = second(detection.WindowOf(order[0]).Start-3600), nil, nil, time.Time{}
	p.Timeline.MarkName = "run"
	for _, s := range every.steps {
		p.Timeline.Steps = append(p.Timeline.Steps, views.SumStep{At: second(s.At), Sum: int64(s.Sum)})
	}
	next := 0 // the first incident that no run has been told of
	for _, start := range order {
		events := byRun[start]
		w := detection.WindowOf(start)
		run := views.ReplayRun{At: second(w.RunAt), From: second(w.Start), To: second(w.End), Count: int64(len(events)),
			Sum: int64(sums(w.RunAt)), All: int64(sumsOfAll(w.RunAt))}
		for ; next < len(every.incidents) && every.incidents[next].From <= w.RunAt; next++ {
			if in := every.incident(every.incidents[next]); every.incidents[next].To >= w.RunAt {
				run.Crossed = &in
			}
		}
		for i, e := range events {
			run.Events += e.Count
			run.Score += int64(e.Score)
			if i < namedInRun {
				run.Findings = append(run.Findings, views.FoundRef{ID: e.FindingID, RuleID: r.ID, RuleName: r.Name, Dest: p.Dest, Label: cut(detection.Telling(r.NewRow(e.Row)), listValue)})
			}
		}
		p.Score += run.Score
		p.Timeline.Marks = append(p.Timeline.Marks, h.runMark(r, run))
		if len(p.Runs) < mostRuns {
			p.Runs = append(p.Runs, run)
		}
	}
	if len(every.incidents) > 0 {
		p.Timeline.Crossed = second(every.incidents[0].From)
	}
	p.Alone = aloneWords(alone)
}

func (h *Handlers) runMark(r *detection.Rule, run views.ReplayRun) views.RiskMark {
	return views.RiskMark{Time: run.At, Score: run.Score, RuleID: r.ID, RuleName: r.Name, Message: fmt.Sprintf("the run found %s", views.Plural(run.Count, "row")),
		Count: run.Events, WindowFrom: run.From, WindowTo: run.To, FindingID: run.Findings[0].ID}
}

func aloneWords(r risk) string {
	if len(r.incidents) == 0 {
		return "This rule alone crosses no incident threshold on this host."
	}
	first := r.incident(r.incidents[0])
	return fmt.Sprintf("This rule alone makes %s on this host; the first begins at the run of %s UTC.",
		views.Plural(int64(len(r.incidents)), "incident"), first.Began.Format("2006-01-02 15:04"))
}

// sumAt answers what a sum is at a run; it is asked in order of time.
func sumAt(steps []detection.Step) func(at int64) int {
	i, sum := 0, 0
	return func(at int64) int {
		for ; i < len(steps) && steps[i].At <= at; i++ {
			sum = steps[i].Sum
		}
		return sum
	}
}
