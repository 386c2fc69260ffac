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
	if h, ok := s.CrossedIn(in, Hours(events)); ok {
		return h.Last
	}
	return in.Crossed
}

// CrossedIn is the hour of risk events with which they reached it, that of the one
// itself where each is an hour of its own; ok is false where they do not.
func (s Settings) CrossedIn(in Incident, hours []Hour) (by Hour, ok bool) {
	if in.Kind != ByScore {
		return by, false
	}
	hours = slices.DeleteFunc(slices.Clone(hours), func(h Hour) bool {
		return h.Last <= in.Crossed-day || h.Last > in.Crossed || h.RunAt > in.Crossed
	})
	slices.SortStableFunc(hours, func(a, b Hour) int { return cmp.Compare(a.Last, b.Last) })
	sum := running{settings: s, rules: map[string]*scores{}}
	for _, h := range hours {
		sum.count(h.RuleID, h.Tally, 1)
		if severity, _ := s.incident(sum.total); severity >= in.Severity {
			return h, true
		}
	}
	return by, false
}
