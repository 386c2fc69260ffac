package handlers

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"

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
	// RiskHours is all risk that a system ever had.
	RiskHours(ctx context.Context, system string) ([]risk.Hour, error)
	// Runs are what the runs of a rule over windows found of a system, each with
	// its first risk events, most at most.
	Runs(ctx context.Context, system, rule string, of []detection.Window, most int) ([]store.Run, error)
	Settings(ctx context.Context) (risk.Settings, error)
}

// Bounds of the replay: so many runs are on a page, that many findings of each
// are named; the picture has a mark for each run of a page, and of more than a
// page so many marks.
const (
	runsPage   = 20
	namedInRun = 3
	mostRuns   = 84
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
	all, err := h.Ask.Replay.RiskHours(ctx, p.Dest)
	if err != nil {
		return err
	}
	settings, err := h.Ask.Replay.Settings(ctx)
	if err != nil {
		return err
	}
	re := replay{h: h, rule: r, dest: p.Dest, scorer: h.scorer(settings), runs: runsOf(r.ID, all)}
	if len(re.runs) > 0 {
		err = re.fill(c, &p, all)
	}
	if err != nil {
		return err
	}
	return render(c, http.StatusOK, views.Replay(p))
}

// replay are the runs of a rule that found something of a system.
type replay struct {
	h      *Handlers
	rule   *detection.Rule
	dest   string
	scorer risk.Scorer
	runs   []ruleRun
}

// ruleRun is one scheduled run of a rule.
type ruleRun struct {
	detection.Window
	hours []risk.Hour
}

// runsOf are a rule's runs that fired, by time.
func runsOf(rule string, all []risk.Hour) (out []ruleRun) {
	at := map[int64]int{}
	for _, h := range all {
		if h.RuleID != rule {
			continue
		}
		i, ok := at[h.RunAt]
		if !ok {
			i = len(out)
			at[h.RunAt] = i
			out = append(out, ruleRun{Window: detection.WindowOf(h.Last)})
		}
		out[i].hours = append(out[i].hours, h)
	}
	slices.SortFunc(out, func(a, b ruleRun) int { return cmp.Compare(a.RunAt, b.RunAt) })
	return out
}

// fill fills in the page, of all risk of the system.
func (re *replay) fill(c echo.Context, p *views.ReplayPage, all []risk.Hour) error {
	var alone []risk.Hour
	for _, run := range re.runs {
		alone = append(alone, run.hours...)
	}
	steps, stepsAlone := re.scorer.Sum24Over(all), re.scorer.Sum24Over(alone)
	incidents := re.scorer.IncidentsOver(all)
	p.Total, p.Score = int64(len(re.runs)), int64(re.scorer.ScoreOver(alone))
	p.Alone = aloneWords(re.scorer.IncidentsOver(alone))
	p.Timeline = re.picture(p.Spelling, p.Score, steps, incidents)
	from, upTo := re.page(c, p)
	windows := make([]detection.Window, 0, upTo-from)
	for _, run := range re.runs[from:upTo] {
		windows = append(windows, run.Window)
	}
	found, err := re.h.Ask.Replay.Runs(c.Request().Context(), re.dest, re.rule.ID, windows, namedInRun)
	if err != nil {
		return err
	}
	crossed := re.crossed(incidents)
	for i, run := range re.runs[from:upTo] {
		v := re.run(run, found[i])
		v.Sum, v.All = int64(risk.SumAt(stepsAlone, run.RunAt)), int64(risk.SumAt(steps, run.RunAt))
		v.Crossed, v.Mark = crossed[from+i], re.markOf(from+i)
		p.Runs = append(p.Runs, v)
		if m := &p.Timeline.Marks[v.Mark]; m.All == 0 && len(v.Findings) > 0 {
			m.Count, m.FindingID = v.Events, v.Findings[0].ID
		}
	}
	return nil
}

// page is which of the runs are on the page: those behind the run of after=, or
// before the one of before=, in seconds.
func (re *replay) page(c echo.Context, p *views.ReplayPage) (from, upTo int) {
	index := func(name string) (i int, ok bool) {
		at, err := strconv.ParseInt(c.QueryParam(name), 10, 64)
		i, found := slices.BinarySearchFunc(re.runs, at, func(r ruleRun, at int64) int { return cmp.Compare(r.RunAt, at) })
		if found && name == "after" {
			i++
		}
		return i, err == nil
	}
	if i, ok := index("after"); ok {
		from = min(i, len(re.runs)-1)
	} else if i, ok := index("before"); ok {
		from = max(0, i-runsPage)
	}
	upTo = min(len(re.runs), from+runsPage)
	p.Pager = views.Pager{Shown: upTo - from, Total: p.Total, Prev: "earlier", Next: "later"}
	if from > 0 {
		p.Pager.PrevURL = with(c, "before", strconv.FormatInt(re.runs[from].RunAt, 10))
	}
	if upTo < len(re.runs) {
		p.Pager.NextURL = with(c, "after", strconv.FormatInt(re.runs[upTo-1].RunAt, 10))
	}
	return from, upTo
}

// crossed are the incidents that each run is the first to be told of.
func (re *replay) crossed(incidents []risk.Incident) map[int]*views.Incident {
	out := map[int]*views.Incident{}
	next := 0 // the first incident that no run has been told of
	for i, run := range re.runs {
		for ; next < len(incidents) && incidents[next].From <= run.RunAt; next++ {
			if incidents[next].To >= run.RunAt {
				in := incident(incidents[next], re.scorer.Settings)
				out[i] = &in
			}
		}
	}
	return out
}

// run says what a run found.
func (re *replay) run(of ruleRun, found store.Run) views.ReplayRun {
	run := views.ReplayRun{At: second(of.RunAt), From: second(of.Start), To: second(of.End), Events: found.Events,
		Score: int64(re.scorer.ScoreOver(of.hours))}
	for _, h := range of.hours {
		run.Count += int64(h.Count)
	}
	for _, e := range found.First {
		run.Findings = append(run.Findings, views.FoundRef{ID: e.FindingID, RuleID: re.rule.ID, RuleName: re.rule.Name,
			Dest: re.dest, Label: re.rule.Label(e.Row, e.Change)})
	}
	return run
}

// stretch is how many runs one mark of the picture stands for; the last one for
// those that are left as well.
func (re *replay) stretch() int {
	if len(re.runs) <= runsPage {
		return 1
	}
	return max(2, len(re.runs)/mostRuns)
}

func (re *replay) markOf(run int) int {
	return min(run, len(re.runs)/re.stretch()*re.stretch()-1) / re.stretch()
}

// picture is the runs over time, and the 24-hour sum of all rules.
func (re *replay) picture(spelling string, score int64, steps []risk.Step, incidents []risk.Incident) views.Timeline {
	first, last := re.runs[0], re.runs[len(re.runs)-1]
	t := views.Timeline{Dest: spelling, MarkName: "run", Score: score, Thresholds: thresholds(re.scorer.Settings),
		From: second(first.Start - 3600), To: second(last.RunAt + 25*3600)}
	for _, s := range thinned(steps, mostSteps) {
		t.Steps = append(t.Steps, views.SumStep{At: second(s.At), Sum: int64(s.Sum)})
	}
	n := re.stretch()
	for from := 0; from+n <= len(re.runs); from += n {
		upTo := from + n
		if upTo+n > len(re.runs) {
			upTo = len(re.runs)
		}
		t.Marks = append(t.Marks, re.mark(re.runs[from:upTo]))
	}
	if len(incidents) > 0 {
		t.Crossed = second(incidents[0].From)
	}
	return t
}

// mostSteps is how many steps the picture's line has at most: it tells no more
// apart.
const mostSteps = 1500

// thinned are at most so many steps: of those that are drawn at one place the
// greatest.
func thinned(steps []risk.Step, most int) []risk.Step {
	if len(steps) <= most {
		return steps
	}
	first, last := steps[0].At, steps[len(steps)-1].At
	place := func(s risk.Step) int64 { return (s.At - first) * int64(most-1) / max(1, last-first) }
	out := steps[:1:1]
	for _, s := range steps[1:] {
		if n := len(out) - 1; place(s) > place(out[n]) {
			out = append(out, s)
		} else if s.Sum > out[n].Sum {
			out[n].Sum = s.Sum
		}
	}
	out[len(out)-1].Sum = steps[len(steps)-1].Sum
	return out
}

// mark is one mark of the picture: a run, or those of a stretch.
func (re *replay) mark(runs []ruleRun) views.RiskMark {
	first, last := runs[0], runs[len(runs)-1]
	m := views.RiskMark{Time: second(first.RunAt), RuleID: re.rule.ID, RuleName: re.rule.Name,
		WindowFrom: second(first.Start), WindowTo: second(first.End)}
	var found int64
	for _, run := range runs {
		score := int64(re.scorer.ScoreOver(run.hours))
		m.Uneven = m.Uneven || m.Score > 0 && score != m.Score
		m.Score = max(m.Score, score)
		for _, h := range run.hours {
			found += int64(h.Count)
		}
	}
	if len(runs) > 1 {
		m.All, m.Until = len(runs), second(last.RunAt)
	} else {
		m.Message = fmt.Sprintf("the run found %s", views.Plural(found, "row"))
	}
	return m
}

func aloneWords(incidents []risk.Incident) string {
	if len(incidents) == 0 {
		return "This rule alone crosses no incident threshold on this host."
	}
	return fmt.Sprintf("This rule alone makes %s on this host; the first begins at the run of %s UTC.",
		views.Plural(int64(len(incidents)), "incident"), second(incidents[0].From).Format("2006-01-02 15:04"))
}
