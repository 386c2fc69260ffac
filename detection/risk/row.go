package risk

import (
	"slices"

	"escutcheon/detection"
)

// Row is the row of the seed's second drilldown for one risk object. The lists
// are sorted and distinct.
type Row struct {
	RiskObject string // normalized_risk_object
	Score      int
	Count      int // of risk events
	FirstTime  int64
	LastTime   int64

	SearchNames     []string
	RiskMessages    []string
	AnalyticStories []string
	Annotations     []string
	Tactics         []string
}

// Row makes the row of the risk events in the period up to asOf; ok is false
// when there are none. A rule that is not there any more has its id for a name
// and no annotations.
func (s Scorer) Row(events []detection.RiskEvent, asOf int64) (row Row, ok bool) {
	events = during(events, asOf)
	if len(events) == 0 {
		return row, false
	}
	first, last := events[0], events[len(events)-1]
	row = Row{RiskObject: first.RiskObject, Score: s.Score(events), Count: len(events),
		FirstTime: first.Time, LastTime: last.Time}
	rules := map[string]bool{}
	for _, e := range events {
		row.RiskMessages = append(row.RiskMessages, e.Message)
		rules[e.RuleID] = true
	}
	for id := range rules {
		row.annotate(s, id)
	}
	row.tidy()
	return row, true
}

// Row is the row of the view's risk events.
func (v View) Row() (row Row, ok bool) { return v.scorer.Row(v.Events, v.AsOf) }

func (row *Row) tidy() {
	for _, list := range []*[]string{
		&row.SearchNames, &row.RiskMessages, &row.AnalyticStories, &row.Annotations, &row.Tactics,
	} {
		slices.Sort(*list)
		*list = slices.Compact(*list)
	}
}

func (row *Row) annotate(s Scorer, ruleID string) {
	r := s.rule(ruleID)
	if r == nil {
		row.SearchNames = append(row.SearchNames, ruleID)
		return
	}
	row.SearchNames = append(row.SearchNames, r.SearchName())
	row.AnalyticStories = append(row.AnalyticStories, r.Tags.AnalyticStory...)
	row.Annotations = append(row.Annotations, r.Annotations()...)
	row.Tactics = append(row.Tactics, r.Tactics()...)
}
