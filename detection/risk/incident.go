package risk

import (
	"cmp"
	"slices"

	"escutcheon/detection"
)

// Kind says which of the two rules an incident is by.
type Kind int

const (
	// ByScore: the sum of 24 hours exceeds the threshold.
	ByScore Kind = iota
	// ByTactics: over 7 days there are enough tactics and rules.
	ByTactics
)

// Incident is a stretch of hourly runs at each of which an incident rule held.
type Incident struct {
	Kind      Kind
	Severity  Severity // at the peak; ByTactics is medium
	Threshold int      // of that severity, a sum; ByTactics has none
	From      int64    // the first run that saw it
	Crossed   int64    // the first run that saw the threshold crossed
	To        int64    // the last run that saw it
	Peak      int      // the greatest 24-hour sum; ByTactics: the most tactics at a time
	PeakAt    int64    // the first run that saw the peak
	Rules     int      // ByTactics: how many rules at the peak
}

// Incidents are the risk incidents of one risk object, by their first run.
func (s Scorer) Incidents(events []detection.RiskEvent) []Incident {
	hours := Hours(events)
	return s.incidents(hours, s.sum24(hours))
}

// IncidentsOver is Incidents of hours.
func (s Scorer) IncidentsOver(hours []Hour) []Incident { return s.incidents(hours, s.sum24(hours)) }

func (s Scorer) incidents(hours []Hour, steps []Step) []Incident {
	out := append(s.byScore(steps), s.byTactics(hours)...)
	slices.SortStableFunc(out, func(a, b Incident) int { return cmp.Compare(a.From, b.From) })
	return out
}

func (s Settings) byScore(steps []Step) []Incident {
	var all stretches
	for _, step := range steps {
		severity, threshold := s.incident(step.Sum)
		in := all.at(step.At, severity != None)
		if in == nil || step.Sum <= in.Peak {
			continue
		}
		in.Peak, in.PeakAt = step.Sum, step.At
		if severity > in.Severity {
			in.Severity, in.Threshold, in.Crossed = severity, threshold, step.At
		}
	}
	return all.list
}

func (s Scorer) byTactics(hours []Hour) []Incident {
	var all stretches
	if !atLeast(hours, s.Settings.Rules) {
		return nil
	}
	rules, tactics, of := map[string]int{}, map[string]int{}, s.tactics()
	replay(hours, Period, func(h Hour, sign int) {
		bump(rules, h.RuleID, sign)
		for _, name := range of(h.RuleID) {
			bump(tactics, name, sign)
		}
	}, func(run int64) {
		in := all.at(run, len(tactics) >= s.Settings.Tactics && len(rules) >= s.Settings.Rules)
		if in == nil || len(tactics) <= in.Peak {
			return
		}
		in.Peak, in.PeakAt, in.Rules = len(tactics), run, len(rules)
		in.Kind, in.Severity, in.Crossed = ByTactics, Medium, in.From
	})
	return all.list
}

// atLeast says whether hours are of so many rules or more.
func atLeast(hours []Hour, most int) bool {
	var few []string
	for _, h := range hours {
		if !slices.Contains(few, h.RuleID) {
			few = append(few, h.RuleID)
		}
		if len(few) >= most {
			return true
		}
	}
	return most <= 0
}

// tactics looks the tactics of rules up, each rule once.
func (s Scorer) tactics() func(rule string) []string {
	known := map[string][]string{}
	return func(id string) []string {
		if out, ok := known[id]; ok {
			return out
		}
		if r := s.rule(id); r != nil {
			known[id] = r.Tactics()
		}
		return known[id]
	}
}

func (s Scorer) rule(id string) *detection.Rule {
	if s.Rule == nil {
		return nil
	}
	return s.Rule(id)
}

// stretches are incidents as a replay of runs finds them.
type stretches struct {
	list []Incident
	open bool
}

// at takes a run at which something changed, and whether an incident rule holds
// from it on. It returns the incident that goes on or begins, nil for none. One
// that ended did so at the run before.
func (s *stretches) at(run int64, holds bool) *Incident {
	if n := len(s.list); s.open {
		s.list[n-1].To = run - hour
	}
	if holds && !s.open {
		s.list = append(s.list, Incident{From: run})
	}
	if s.open = holds; !holds {
		return nil
	}
	return &s.list[len(s.list)-1]
}
