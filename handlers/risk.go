package handlers

import (
	"context"
	"fmt"
	"time"

	"escutcheon/detection"
	"escutcheon/detection/risk"
	"escutcheon/store"
	"escutcheon/views"
)

// RiskStore is what a score, its incidents and its changes come from.
type RiskStore interface {
	// RisksOf is the risk of risk objects of one type, in the order of their
	// names.
	RisksOf(ctx context.Context, f store.RiskOf, names []string) ([]store.Risk, error)
}

// scored is the risk of a host or user as its page and its row in a list show
// it.
type scored struct{ store.Risk }

// objectRisk is the risk of one risk object.
func (h *Handlers) objectRisk(ctx context.Context, f store.RiskOf, name string) (s scored, err error) {
	found, err := h.Ask.Risk.RisksOf(ctx, f, []string{name})
	if err != nil {
		return s, err
	}
	return scored{found[0]}, nil
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
		in := incident(worst, s.Settings())
		return &in
	}
	return nil
}

// incident is the incident of a change at a time, else the gravest of the period;
// nil when there is none.
func (s scored) incident(at time.Time) *views.Incident {
	if in, ok := incidentOf(s, at); ok {
		v := incident(in, s.Settings())
		if in.Crossed-risk.Day >= s.AsOf-risk.Period {
			if at, ok := exactly(s.Settings(), in, s.Hours); ok {
				v.At = second(at)
			}
		}
		return &v
	}
	return nil
}

// strip are the scores of the 7-day strip's cells, which stand on full hours.
func (s scored) strip() (out [views.StripCells]int64) {
	for i, cell := range s.At(risk.CellsEnd(s.AsOf)).Cells() {
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

// change is what a finding's change means: the module by its row, what was
// done by all its events.
func (h *Handlers) change(f store.Finding) (detection.Change, bool) {
	r := h.Book.Find(f.RuleID)
	if r == nil {
		return detection.Change{}, false
	}
	return r.ChangeOf(f.Row, f.Change)
}
