package risk

import "slices"

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

// Row makes the row of the view's risk events; ok is false when there are none.
// A rule that is not there any more has its id for a name and no annotations.
func (v View) Row() (row Row, ok bool) {
	if len(v.Hours) == 0 {
		return row, false
	}
	row = Row{RiskObject: v.object, Score: v.Score, Count: v.Count, FirstTime: v.Hours[0].First,
		LastTime: v.Hours[0].Last}
	rules := map[string]bool{}
	for _, h := range v.Hours {
		row.FirstTime, row.LastTime = min(row.FirstTime, h.First), max(row.LastTime, h.Last)
		row.RiskMessages = append(row.RiskMessages, h.Message)
		rules[h.RuleID] = true
	}
	for id := range rules {
		row.annotate(v.scorer, id)
	}
	row.tidy()
	return row, true
}

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
