package risk_test

import (
	"escutcheon/detection"
	"escutcheon/detection/risk"
)

const (
	h = int64(3600)
	// T is a full hour; the runs of tests are counted from it.
	T = 1_000_000 * h
)

// of makes risk events of one rule with that score, at these seconds.
func of(rule string, score int, at ...int64) []detection.RiskEvent {
	var out []detection.RiskEvent
	for _, s := range at {
		out = append(out, detection.RiskEvent{RuleID: rule, Score: score, Time: s, Count: 1, RiskObject: "h",
			WindowStart: detection.WindowOf(s).Start})
	}
	return out
}

// join puts the events of several rules together.
func join(lists ...[]detection.RiskEvent) (out []detection.RiskEvent) {
	for _, l := range lists {
		out = append(out, l...)
	}
	return out
}

// plain scores by the defaults, capped with each rule's greatest score once.
func plain() risk.Scorer { return risk.Scorer{Settings: risk.Default()} }

func capped() risk.Scorer {
	s := plain()
	s.CapPerRule = true
	return s
}

// tagged is a rule with these techniques.
func tagged(id string, techniques ...string) *detection.Rule {
	return &detection.Rule{ID: id, Name: "name of " + id, Type: "TTP",
		Tags: detection.Tags{MitreAttackID: techniques, AnalyticStory: []string{"story of " + id, "IIS"}}}
}
