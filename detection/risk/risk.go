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
	"math"
	"slices"

	"escutcheon/detection"
)

const (
	hour = 3600
	day  = 24 * hour
	// Day is how long the sum of an incident is: 24 hours.
	Day = day
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
	Count     int        // of risk events in the period
	Hours     []Hour     // in the period, by time
	Steps     []Step     // the 24-hour sum, as the hourly runs see it
	Incidents []Incident // that touch the period, by their first run

	object string
	scorer Scorer
	until  int64
}

// View scores the risk events of one risk object: those of the Lookback up to
// asOf, in any order. Earlier ones change nothing that it shows; later ones
// must not be among them.
func (s Scorer) View(events []detection.RiskEvent, asOf int64) View {
	object := ""
	if len(events) > 0 {
		object = events[0].RiskObject
	}
	return s.Over(object, Hours(events), asOf)
}

// Over is View of hours. None may have risk events on both sides of where the
// period or the Lookback begins or ends.
func (s Scorer) Over(object string, hours []Hour, asOf int64) View {
	v := View{AsOf: asOf, Hours: during(hours, asOf), Steps: s.sum24(hours), object: object, scorer: s,
		until: math.MaxInt64}
	v.Score = s.ScoreOver(v.Hours)
	for _, h := range v.Hours {
		v.Count += h.Count
	}
	for _, h := range hours {
		v.lasts(h.First + Period)
		v.lasts(h.First + Lookback)
	}
	for _, i := range s.incidents(hours, v.Steps) {
		if i.To > asOf-Period {
			v.Incidents = append(v.Incidents, i)
			v.lasts(i.To + Period)
		}
	}
	return v
}

// lasts says that a view that ends at second may show something else.
func (v *View) lasts(second int64) {
	if second > v.AsOf {
		v.until = min(v.until, second)
	}
}

// Until is the first second after the as-of such that a view that ends then, of
// the same risk events, may show something else besides its as-of and its
// cells; math.MaxInt64 when none does.
func (v View) Until() int64 { return v.until }

// At is the view as one that ends at another moment shows it, before Until.
func (v View) At(asOf int64) View {
	v.AsOf = asOf
	return v
}

// Settings are those that the view was scored by.
func (v View) Settings() Settings { return v.scorer.Settings }

// Rules counts the rules that have risk events in the period.
func (v View) Rules() int {
	seen := map[string]bool{}
	for _, h := range v.Hours {
		seen[h.RuleID] = true
	}
	return len(seen)
}

// during are the hours in the period up to asOf, by time.
func during(hours []Hour, asOf int64) []Hour {
	var out []Hour
	for _, h := range hours {
		if In(h.Last, asOf) {
			out = append(out, h)
		}
	}
	slices.SortStableFunc(out, func(a, b Hour) int { return cmp.Compare(a.Last, b.Last) })
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
