package handlers

import (
	"context"
	"fmt"

	"escutcheon/detection"
	"escutcheon/detection/risk"
	"escutcheon/store"
	"escutcheon/views"
)

// RiskStore is what a score, its incidents and its changes come from.
type RiskStore interface {
	// RiskEvents returns risk events by time, rule and finding.
	RiskEvents(ctx context.Context, f store.RiskFilter) ([]store.RiskEvent, error)
	Settings(ctx context.Context) (risk.Settings, error)
	// ChangesOf returns the findings of a dest with an event in (after, upTo].
	ChangesOf(ctx context.Context, dest, rule string, after, upTo int64) ([]store.Finding, error)
}

// scored is the risk of a host or user as its page and its row in a list show
// it.
type scored struct {
	risk.View
	settings risk.Settings
	stored   []store.RiskEvent // those of the View's period, by time, rule and finding
}

// riskOf scores a host at its as-of.
func (h *Handlers) riskOf(ctx context.Context, host store.Host, rule string) (scored, error) {
	return h.objectRisk(ctx, store.RiskFilter{Object: host.Dest, Rule: rule}, host.AsOf)
}

// objectRisk scores a risk object at a moment.
func (h *Handlers) objectRisk(ctx context.Context, f store.RiskFilter, asOf int64) (s scored, err error) {
	f.After, f.UpTo = asOf-risk.Lookback, asOf
	stored, err := h.Ask.Risk.RiskEvents(ctx, f)
	if err != nil {
		return s, err
	}
	if s.settings, err = h.Ask.Risk.Settings(ctx); err != nil {
		return s, err
	}
	for _, e := range stored {
		if risk.In(e.Time, asOf) {
			s.stored = append(s.stored, e)
		}
	}
	s.View = h.scorer(s.settings).View(eventsOf(stored), asOf)
	return s, nil
}

// scorer scores by settings and by what the rules are.
func (h *Handlers) scorer(s risk.Settings) risk.Scorer {
	return risk.Scorer{Settings: s, Rule: h.Book.Find}
}

// severity is the step of the ramp that a host or user stands on.
func (s scored) severity() views.Severity { return severity(s.Severity()) }

func severity(s risk.Severity) views.Severity {
	if s == risk.None {
		return ""
	}
	return views.Severity(s.String())
}

// worst is the gravest incident of the period, nil when there is none.
func (s scored) worst() *views.Incident {
	if worst, ok := s.Worst(); ok {
		in := incident(worst, s.settings)
		return &in
	}
	return nil
}

// shown are the incidents of the period, the gravest first.
func (s scored) shown() (out []views.Incident) {
	for _, i := range s.Ranked() {
		out = append(out, incident(i, s.settings))
	}
	return out
}

// strip are the scores of the 7-day strip's cells.
func (s scored) strip() (out [views.StripCells]int64) {
	for i, cell := range s.Cells() {
		out[i] = int64(cell.Score)
	}
	return out
}

// incident is an incident as a page shows it: crossed when the run first saw
// the threshold of its severity crossed, begun when it saw the lowest.
func incident(i risk.Incident, s risk.Settings) views.Incident {
	v := views.Incident{Severity: severity(i.Severity), Threshold: int64(i.Threshold),
		Crossed: second(i.Crossed), Began: second(i.From), Lowest: int64(s.Medium)}
	if i.Kind == risk.ByTactics {
		v.Tactics, v.Rules = i.Peak, i.Rules
	} else {
		v.Sum = int64(i.Peak)
	}
	return v
}

// thresholds are the lines across a timeline.
func thresholds(s risk.Settings) []views.Threshold {
	return []views.Threshold{
		{Value: int64(s.Medium), Label: fmt.Sprintf("medium over %d", s.Medium)},
		{Value: int64(s.High), Label: fmt.Sprintf("high from %d", s.High)},
		{Value: int64(s.Critical), Label: fmt.Sprintf("critical from %d", s.Critical)},
	}
}

// changesIn says in words what the findings of a host come to.
func (h *Handlers) changesIn(ctx context.Context, host store.Host, rule string) (string, error) {
	if host.Findings == host.Suppressed {
		return "", nil
	}
	found, err := h.Ask.Risk.ChangesOf(ctx, host.Dest, rule, host.AsOf-risk.Period, host.AsOf)
	if err != nil {
		return "", err
	}
	var changes []detection.Change
	for _, f := range found {
		if c, ok := h.change(f); ok {
			changes = append(changes, c)
		}
	}
	return detection.Summary(changes), nil
}

// change is what a finding's change means: the module by its row, what was
// done by all its events.
func (h *Handlers) change(f store.Finding) (detection.Change, bool) {
	r := h.Book.Find(f.RuleID)
	if r == nil || f.Change == 0 {
		return detection.Change{}, false
	}
	c, ok := detection.ChangeOf(r.NewRow(f.Row))
	c.Kind = f.Change
	return c, ok
}
