package risk

import (
	"cmp"
	"slices"

	"escutcheon/detection"
)

// Crossing is the moment at which the risk events that the run Crossed of an
// incident sums up reached its threshold: the time of the one that did. Events are
// those of the object around that day, in any order. Where they do not reach it
// (an incident by tactics, or events that are missing) it is the run.
func (s Settings) Crossing(in Incident, events []detection.RiskEvent) int64 {
	if in.Kind != ByScore {
		return in.Crossed
	}
	events = slices.DeleteFunc(slices.Clone(events), func(e detection.RiskEvent) bool {
		return e.Time <= in.Crossed-day || e.Time > in.Crossed || e.RunAt() > in.Crossed
	})
	slices.SortStableFunc(events, func(a, b detection.RiskEvent) int { return cmp.Compare(a.Time, b.Time) })
	sum := running{settings: s, rules: map[string]*scores{}}
	for _, e := range events {
		h := hourOf(e)
		sum.count(h.RuleID, h.Tally, 1)
		if severity, _ := s.incident(sum.total); severity >= in.Severity {
			return e.Time
		}
	}
	return in.Crossed
}
