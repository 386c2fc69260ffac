package risk_test

import (
	"fmt"
	"slices"
	"testing"

	"escutcheon/detection"
	"escutcheon/detection/risk"
)

// A view's score is of (as-of − 168 h, as-of], both ends.
func TestViewScore(t *testing.T) {
	const w = risk.Period
	events := of("r", 50, T, T+1, T+w, T+1+w)
	for asOf, want := range map[int64]int{
		T - 1: 0, T: 50, T + 1: 100, T + w - 1: 100, T + w: 100, T + 1 + w: 100, T + 1 + 2*w: 0,
	} {
		v := plain().View(events, asOf)
		if v.Score != want || len(v.Hours) != want/50 || v.Count != want/50 || v.AsOf != asOf {
			t.Errorf("as of T%+d: %d of %d events, want %d", asOf-T, v.Score, v.Count, want)
		}
		if v := capped().View(events, asOf); v.Score != min(want, 50) {
			t.Errorf("capped, as of T%+d: %d", asOf-T, v.Score)
		}
	}
}

func TestViewEventsByTime(t *testing.T) {
	v := plain().View(join(of("b", 1, T), of("a", 2, T-1), of("a", 3, T)), T)
	if got := fmt.Sprint(v.Hours[0].Sum, v.Hours[1].Sum, v.Hours[2].Sum); got != "2 1 3" {
		t.Errorf("scores in the order %s, want 2 1 3: by time, else as they came", got)
	}
}

// An incident is in the view when its last run is in the period.
func TestViewIncidents(t *testing.T) {
	events := of("r", 50, T, T, T) // runs T+1 h to T+23 h
	last := T + 23*h
	for asOf, want := range map[int64]int{T: 1, last: 1, last + risk.Period - 1: 1, last + risk.Period: 0} {
		if v := plain().View(events, asOf); len(v.Incidents) != want {
			t.Errorf("as of %+d: %+v", asOf-last, v.Incidents)
		}
	}
	steps := plain().View(events, T).Steps
	if !slices.Equal(steps, []risk.Step{{At: T + h, Sum: 150}, {At: T + 24*h, Sum: 0}}) {
		t.Errorf("%v", steps)
	}
}

func TestViewSeverity(t *testing.T) {
	s := plain()
	s.Rule = risk.Find(fourRules)
	type events = []detection.RiskEvent
	for name, tt := range map[string]struct {
		events   events
		severity risk.Severity
		from     int64 // of the worst; 0 for none
		ranked   string
	}{
		"no risk":              {nil, risk.None, 0, "[]"},
		"a score of nothing":   {of("r", 0, T), risk.None, 0, "[]"},
		"risk":                 {of("r", 100, T), risk.Low, 0, "[]"},
		"the least risk":       {of("r", 1, T), risk.Low, 0, "[]"},
		"medium":               {of("r", 101, T), risk.Medium, T + h, "[100]"},
		"the newest of equals": {of("r", 101, T, T+48*h), risk.Medium, T + 49*h, "[100 100]"},
		"a graver one before":  {join(of("r", 250, T), of("r", 101, T+48*h)), risk.High, T + h, "[250 100]"},
		"a graver one after":   {join(of("r", 101, T), of("r", 500, T+48*h)), risk.Critical, T + 49*h, "[500 100]"},
		"tactics are medium, and last": {join(of("r", 101, T), each(T+2*h, T+2*h, T+2*h, T+2*h)),
			risk.Medium, T + 3*h, "[100 0]"},
		"tactics first": {join(each(T, T, T, T), of("r", 101, T+2*h)), risk.Medium, T + 3*h, "[100 0]"},
	} {
		v := s.View(tt.events, T+100*h)
		worst, ok := v.Worst()
		if v.Severity() != tt.severity || worst.From != tt.from || ok != (tt.from != 0) {
			t.Errorf("%s: %v, worst %+v %v", name, v.Severity(), worst, ok)
		}
		thresholds := []int{}
		for _, in := range v.Ranked() {
			thresholds = append(thresholds, in.Threshold)
		}
		if got := fmt.Sprint(thresholds); got != tt.ranked {
			t.Errorf("%s: ranked %s, want %s", name, got, tt.ranked)
		}
	}
	ranked := s.View(of("r", 101, T, T+48*h), T+100*h).Ranked()
	if len(ranked) != 2 || ranked[0].From != T+49*h {
		t.Errorf("of equals the newest first: %+v", ranked)
	}
}

// The strip's cells are (from, to], three hours each, the last up to as-of; a
// cell's score obeys the cap.
func TestCells(t *testing.T) {
	asOf := int64(1_000_000_000)
	events := join(of("r", 50, asOf, asOf-3*h+1, asOf-3*h, asOf-168*h+1, asOf-168*h, asOf+1),
		of("q", 7, asOf-1), of("r", 60, asOf-2))
	for _, s := range []risk.Scorer{plain(), capped()} {
		cells := s.View(events, asOf).Cells()
		last, score := len(cells)-1, 50+50+60+7
		if s.CapPerRule {
			score = 60 + 7
		}
		if len(cells) != 56 || cells[last] != (risk.Cell{From: asOf - 3*h, To: asOf, Count: 4, Score: score}) {
			t.Errorf("%d cells, the last %+v", len(cells), cells[last])
		}
		if cells[last-1] != (risk.Cell{From: asOf - 6*h, To: asOf - 3*h, Count: 1, Score: 50}) {
			t.Errorf("the one before %+v", cells[last-1])
		}
		if cells[0] != (risk.Cell{From: asOf - 168*h, To: asOf - 165*h, Count: 1, Score: 50}) {
			t.Errorf("the first %+v", cells[0])
		}
		if cells[1] != (risk.Cell{From: asOf - 165*h, To: asOf - 162*h}) {
			t.Errorf("one without risk %+v", cells[1])
		}
	}
}

func TestRow(t *testing.T) {
	s := plain()
	s.Rule = risk.Find([]*detection.Rule{tagged("a", "T1505.004"), tagged("b", "T1562.002", "T1505.004")})
	events := join(of("a", 50, 2000, 1000, 3000), of("unknown", 20, 1500), of("b", 10, 1600))
	events[0].Message, events[1].Message, events[4].Message = "b", "a", "b"
	row, ok := s.View(events, 2999).Row()
	if !ok {
		t.Fatal("no row")
	}
	for _, c := range []struct{ what, got, want string }{
		{"numbers", fmt.Sprintf("%s %d %d %d %d", row.RiskObject, row.Score, row.Count, row.FirstTime, row.LastTime),
			"h 130 4 1000 2000"},
		{"names", fmt.Sprintf("%q", row.SearchNames), `["ESCU - name of a - Rule" "ESCU - name of b - Rule" "unknown"]`},
		{"messages", fmt.Sprintf("%q", row.RiskMessages), `["" "a" "b"]`},
		{"stories", fmt.Sprintf("%q", row.AnalyticStories), `["IIS" "story of a" "story of b"]`},
		{"tactics", fmt.Sprintf("%q", row.Tactics), `["defense-evasion" "persistence"]`},
		{"annotations", fmt.Sprintf("%q", row.Annotations),
			`["CIS 10" "DE.CM" "IIS" "T1505.004" "T1562.002" "defense-evasion" "persistence" "story of a" "story of b"]`},
	} {
		if c.got != c.want {
			t.Errorf("%s: %s, want %s", c.what, c.got, c.want)
		}
	}
	if row, _ := capped().View(events, 2999).Row(); row.Score != 80 || row.Count != 4 || len(row.SearchNames) != 3 {
		t.Errorf("capped, without rules: %+v", row)
	}
	if _, ok := s.View(events, 999).Row(); ok {
		t.Error("a row of nothing")
	}
}
