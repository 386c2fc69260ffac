package handlers

import (
	"context"

	"escutcheon/detection"
	"escutcheon/store"
	"escutcheon/views"
)

// RiskStore is what a score, its incidents and its changes come from.
type RiskStore interface {
	// RiskEvents returns risk events by time, rule and finding.
	RiskEvents(ctx context.Context, f store.RiskFilter) ([]store.RiskEvent, error)
	Settings(ctx context.Context) (store.Settings, error)
	// ChangesOf returns the findings of a dest with an event in (after, upTo].
	ChangesOf(ctx context.Context, dest, rule string, after, upTo int64) ([]store.Finding, error)
}

// risk is what a host's risk events of a period come to.
type risk struct {
	all       []detection.RiskEvent // from one period before the view on: a sum looks back
	view      []store.RiskEvent     // in the period
	steps     []detection.Step      // the 24-hour sum, as the hourly runs see it
	incidents []detection.Incident  // that touch the period, oldest first
	limits    detection.Thresholds
}

// riskOf reads the risk events of a host up to its as-of.
func (h *Handlers) riskOf(ctx context.Context, host store.Host, rule string) (risk, error) {
	return h.objectRisk(ctx, store.RiskFilter{Object: host.Dest, Rule: rule}, host.AsOf)
}

// objectRisk reads the risk events of a risk object up to a moment.
func (h *Handlers) objectRisk(ctx context.Context, f store.RiskFilter, asOf int64) (r risk, err error) {
	f.After, f.UpTo = asOf-2*store.Period, asOf
	stored, err := h.Ask.Risk.RiskEvents(ctx, f)
	if err != nil {
		return r, err
	}
	for _, e := range stored {
		r.all = append(r.all, e.RiskEvent)
		if e.Time > asOf-store.Period {
			r.view = append(r.view, e)
		}
	}
	settings, err := h.Ask.Risk.Settings(ctx)
	if err != nil {
		return r, err
	}
	r.limits = settings.Thresholds()
	r.steps = r.limits.Sum24(r.all)
	for _, i := range r.limits.Incidents(r.all, h.rulesOf(r.all)) {
		if i.To > asOf-store.Period {
			r.incidents = append(r.incidents, i)
		}
	}
	return r, nil
}

// rulesOf are the rules that risk events are of.
func (h *Handlers) rulesOf(events []detection.RiskEvent) (out []*detection.Rule) {
	seen := map[string]bool{}
	for _, e := range events {
		if !seen[e.RuleID] {
			seen[e.RuleID] = true
			if r := h.Book.Find(e.RuleID); r != nil {
				out = append(out, r)
			}
		}
	}
	return out
}

// worst is the gravest incident of the period, the newest of equals.
func (r risk) worst() *views.Incident {
	var worst *detection.Incident
	for i := range r.incidents {
		if in := &r.incidents[i]; worst == nil || in.Severity >= worst.Severity {
			worst = in
		}
	}
	if worst == nil {
		return nil
	}
	in := r.incident(*worst)
	return &in
}

// severity is the step of the ramp that a host stands on.
func (r risk) severity(score int64) views.Severity {
	if in := r.worst(); in != nil {
		return in.Severity
	}
	if score > 0 {
		return views.Low
	}
	return ""
}

// incident is an incident as a page shows it: crossed when the run first saw
// the threshold of its severity crossed, begun when it saw the lowest.
func (r risk) incident(i detection.Incident) views.Incident {
	v := views.Incident{Crossed: second(i.From), Began: second(i.From), Lowest: int64(r.limits.Medium)}
	for _, s := range r.steps {
		if i.Kind == detection.ByScore && s.At >= i.From && r.limits.SeverityOf(s.Sum) >= i.Severity {
			v.Crossed = second(s.At)
			break
		}
	}
	switch i.Severity {
	case detection.Critical:
		v.Severity, v.Threshold = views.Critical, int64(r.limits.Critical)
	case detection.High:
		v.Severity, v.Threshold = views.High, int64(r.limits.High)
	default:
		v.Severity, v.Threshold = views.Medium, int64(r.limits.Medium)
	}
	if i.Kind == detection.ByTactics {
		v.Threshold, v.Tactics, v.Rules = 0, i.Peak, i.Rules
	} else {
		v.Sum = int64(i.Peak)
	}
	return v
}

// changesIn says in words what the findings of a host come to.
func (h *Handlers) changesIn(ctx context.Context, host store.Host, rule string) (string, error) {
	if host.Findings == host.Suppressed {
		return "", nil
	}
	found, err := h.Ask.Risk.ChangesOf(ctx, host.Dest, rule, host.AsOf-store.Period, host.AsOf)
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
