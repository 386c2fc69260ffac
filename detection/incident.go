package detection

import (
	"cmp"
	"slices"
)

// Splunk ES's default risk incident rules.
const (
	MediumAbove = 100 // 24-hour sum: more than this is an incident, medium
	HighFrom    = 250
	CritFrom    = 500
	MinTactics  = 3 // over 7 days, together with
	MinRules    = 4
)

// Severity of a risk incident, in ascending order.
type Severity int

// NoIncident is the severity where there is none.
const (
	NoIncident Severity = iota
	Medium
	High
	Critical
)

func (s Severity) String() string {
	return [...]string{"none", "medium", "high", "critical"}[s]
}

// Thresholds are when risk is an incident.
type Thresholds struct {
	Medium         int // a 24-hour sum above it is an incident, medium
	High, Critical int // from these on it is high, critical
	Tactics, Rules int // over 7 days, at least so many of both are one too
	// Capped says that of each rule only the greatest score counts in a sum,
	// however often it fires.
	Capped bool
}

// DefaultThresholds are those of Splunk ES.
var DefaultThresholds = Thresholds{Medium: MediumAbove, High: HighFrom, Critical: CritFrom, Tactics: MinTactics, Rules: MinRules}

// SeverityOf is the severity of a 24-hour sum.
func (t Thresholds) SeverityOf(sum int) Severity {
	switch {
	case sum >= t.Critical:
		return Critical
	case sum >= t.High:
		return High
	case sum > t.Medium:
		return Medium
	}
	return NoIncident
}

// SeverityOf is the severity of a 24-hour sum by Splunk ES's thresholds.
func SeverityOf(sum int) Severity { return DefaultThresholds.SeverityOf(sum) }

// IncidentKind says which of the two rules an incident is by.
type IncidentKind int

const (
	// ByScore: the sum of 24 hours exceeds the threshold.
	ByScore IncidentKind = iota
	// ByTactics: over 7 days there are enough tactics and rules.
	ByTactics
)

// Incident is a stretch of hourly runs at each of which an incident rule held.
type Incident struct {
	Kind     IncidentKind
	Severity Severity // at the peak; ByTactics is medium
	From     int64    // the first run that saw it
	To       int64    // the last run that saw it
	Peak     int      // the greatest 24-hour sum; ByTactics: the most tactics at a time
	PeakAt   int64    // the first run that saw the peak
	Rules    int      // ByTactics: how many rules at the peak
}

// Step is one step of a step line: from the run At on the value is Sum, until
// the next step.
type Step struct {
	At  int64
	Sum int
}

// change is a risk event coming into a sum at a run, or leaving it.
type change struct {
	at    int64
	event int // index into the events
	sign  int
}

// changes lists when each risk event enters the sum over a span of seconds and
// when it leaves, by time. A run H counts the events of runs ≤ H with a time
// in (H − span, H].
func changes(events []RiskEvent, span int64) []change {
	out := make([]change, 0, 2*len(events))
	for i, e := range events {
		enter := max(e.RunAt(), ceilTo(e.Time, hour))
		leave := ceilTo(e.Time+span, hour)
		if enter < leave {
			out = append(out, change{enter, i, 1}, change{leave, i, -1})
		}
	}
	slices.SortFunc(out, func(a, b change) int { return cmp.Compare(a.at, b.at) })
	return out
}

// Sum24 is the 24-hour sum of one risk object as its hourly runs see it, from
// before the first risk event to after the last. Each step differs from the
// one before it; the last is 0.
func Sum24(events []RiskEvent) []Step { return DefaultThresholds.Sum24(events) }

// Sum24 is the 24-hour sum, capped or not.
func (t Thresholds) Sum24(events []RiskEvent) []Step {
	var out []Step
	list, sum := changes(events, day), 0
	capped := caps{}
	for i, c := range list {
		if e := events[c.event]; t.Capped {
			sum += capped.count(e.RuleID, e.Score, c.sign)
		} else {
			sum += c.sign * e.Score
		}
		if i+1 < len(list) && list[i+1].at == c.at {
			continue
		}
		if n := len(out); n == 0 && sum != 0 || n > 0 && out[n-1].Sum != sum {
			out = append(out, Step{c.at, sum})
		}
	}
	return out
}

// caps counts the scores of each rule in a sum.
type caps map[string]map[int]int

// count counts a score in or out and returns by how much the sum of the rules'
// greatest scores changes.
func (c caps) count(rule string, score, sign int) int {
	if c[rule] == nil {
		c[rule] = map[int]int{}
	}
	before := greatest(c[rule])
	if c[rule][score] += sign; c[rule][score] == 0 {
		delete(c[rule], score)
	}
	return greatest(c[rule]) - before
}

func greatest(scores map[int]int) int {
	top := 0
	for s := range scores {
		top = max(top, s)
	}
	return top
}

// Incidents are the risk incidents of one risk object by Splunk ES's
// thresholds, by their first run. rules gives each rule's tactics.
func Incidents(events []RiskEvent, rules []*Rule) []Incident {
	return DefaultThresholds.Incidents(events, rules)
}

// Incidents are the risk incidents of one risk object, by their first run.
// rules gives each rule's tactics.
func (t Thresholds) Incidents(events []RiskEvent, rules []*Rule) []Incident {
	out := append(t.scoreIncidents(events), t.tacticIncidents(events, rules)...)
	slices.SortStableFunc(out, func(a, b Incident) int { return cmp.Compare(a.From, b.From) })
	return out
}

func (t Thresholds) scoreIncidents(events []RiskEvent) []Incident {
	var out []Incident
	open := false
	for _, s := range t.Sum24(events) {
		sev := t.SeverityOf(s.Sum)
		if open {
			out[len(out)-1].To = s.At - hour
		}
		switch {
		case sev == NoIncident:
			open = false
		case !open:
			open = true
			out = append(out, Incident{From: s.At, Peak: s.Sum, PeakAt: s.At, Severity: sev})
		default:
			if in := &out[len(out)-1]; s.Sum > in.Peak {
				in.Peak, in.PeakAt, in.Severity = s.Sum, s.At, sev
			}
		}
	}
	return out
}

// tally counts the rules and tactics of the events in a sum.
type tally struct {
	rules   map[string]int
	tactics map[string]int
}

func (t tally) add(ruleID string, tactics []string, sign int) {
	bump(t.rules, ruleID, sign)
	for _, name := range tactics {
		bump(t.tactics, name, sign)
	}
}

func bump(m map[string]int, key string, by int) {
	if m[key] += by; m[key] == 0 {
		delete(m, key)
	}
}

func (limit Thresholds) tacticIncidents(events []RiskEvent, rules []*Rule) []Incident {
	tactics := map[string][]string{}
	for _, r := range rules {
		tactics[r.ID] = r.Tactics()
	}
	t := tally{map[string]int{}, map[string]int{}}
	var out []Incident
	open := false
	list := changes(events, week)
	for i, c := range list {
		id := events[c.event].RuleID
		t.add(id, tactics[id], c.sign)
		if i+1 < len(list) && list[i+1].at == c.at {
			continue
		}
		if open {
			out[len(out)-1].To = c.at - hour
		}
		holds := len(t.tactics) >= limit.Tactics && len(t.rules) >= limit.Rules
		if holds && !open {
			out = append(out, Incident{Kind: ByTactics, Severity: Medium, From: c.at})
		}
		open = holds
		if n := len(out) - 1; holds && len(t.tactics) > out[n].Peak {
			out[n].Peak, out[n].PeakAt, out[n].Rules = len(t.tactics), c.at, len(t.rules)
		}
	}
	return out
}

// SeverityAt is the severity of one risk object's sum as the last run up to a
// time saw it.
func SeverityAt(steps []Step, at int64) Severity {
	sev := NoIncident
	for _, s := range steps {
		if s.At > at {
			break
		}
		sev = SeverityOf(s.Sum)
	}
	return sev
}
