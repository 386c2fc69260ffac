// Package risk is the one scorer: what the risk events of one risk object come
// to. Scores, 24-hour sums, incidents, severities, the cells of the 7-day strip
// and the row of the second drilldown are made here, whoever shows them: the
// pages, the lists, CSV, JSON and the command line.
//
// It makes no risk events (detection does), stores none, and chooses no words.
// Times are whole seconds since 1970 UTC.
package risk

import (
	"cmp"
	"slices"

	"escutcheon/detection"
)

const (
	hour = 3600
	day  = 24 * hour
	// Period is how long the view of risk is: 168 hours.
	Period = 7 * day
	// Lookback is how far before its as-of a view needs risk events: a sum
	// over 7 days at the start of the period looks back as far again.
	Lookback = 2 * Period
)

// In says whether a second is in the period up to asOf: (asOf − 168 h, asOf].
func In(second, asOf int64) bool { return second > asOf-Period && second <= asOf }

// Scorer is what a score depends on besides the risk events.
type Scorer struct {
	Settings
	// Rule is the rule with an id, nil where there is none. It gives tactics
	// and what the drilldown's row says of a rule.
	Rule func(id string) *detection.Rule
}

// Find is a Scorer's Rule over a list of rules.
func Find(rules []*detection.Rule) func(id string) *detection.Rule {
	byID := make(map[string]*detection.Rule, len(rules))
	for _, r := range rules {
		byID[r.ID] = r
	}
	return func(id string) *detection.Rule { return byID[id] }
}

// View is the risk of one risk object over the period up to a moment.
type View struct {
	AsOf      int64
	Score     int
	Events    []detection.RiskEvent // in the period, by time
	Steps     []Step                // the 24-hour sum, as the hourly runs see it
	Incidents []Incident            // that touch the period, by their first run

	scorer Scorer
}

// View scores the risk events of one risk object: those of the Lookback up to
// asOf, in any order. Earlier ones change nothing that it shows; later ones
// must not be among them.
func (s Scorer) View(events []detection.RiskEvent, asOf int64) View {
	v := View{AsOf: asOf, Events: during(events, asOf), Steps: s.Sum24(events), scorer: s}
	v.Score = s.Score(v.Events)
	for _, i := range s.Incidents(events) {
		if i.To > asOf-Period {
			v.Incidents = append(v.Incidents, i)
		}
	}
	return v
}

// during are the risk events in the period up to asOf, by time.
func during(events []detection.RiskEvent, asOf int64) []detection.RiskEvent {
	var out []detection.RiskEvent
	for _, e := range events {
		if In(e.Time, asOf) {
			out = append(out, e)
		}
	}
	slices.SortStableFunc(out, func(a, b detection.RiskEvent) int { return cmp.Compare(a.Time, b.Time) })
	return out
}

// Worst is the gravest incident of the view, the newest of equals; ok is false
// when there is none.
func (v View) Worst() (worst Incident, ok bool) {
	for _, in := range v.Incidents {
		if in.Severity >= worst.Severity {
			worst, ok = in, true
		}
	}
	return worst, ok
}

// Severity is the step of the ramp that the risk object stands on: that of its
// gravest incident, else Low when it has any risk.
func (v View) Severity() Severity {
	if worst, ok := v.Worst(); ok {
		return worst.Severity
	}
	if v.Score > 0 {
		return Low
	}
	return None
}

// Ranked are the incidents of the view by the threshold they crossed, the
// highest first, those of tactics last; the newest first of equals.
func (v View) Ranked() []Incident {
	out := slices.Clone(v.Incidents)
	slices.Reverse(out)
	slices.SortStableFunc(out, func(a, b Incident) int { return cmp.Compare(b.Threshold, a.Threshold) })
	return out
}
