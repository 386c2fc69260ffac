package db_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"escutcheon/detection"
	"escutcheon/store"
)

// TestRiskEvents: those in (after, upTo] of one object, by time, rule and
// finding; a suppressed finding has none.
func TestRiskEvents(t *testing.T) {
	s := newShelf(t)
	s.risk("system", "web01", "b", 10, 200, 0) // key1
	s.risk("system", "web01", "a", 20, 200, 0) // key2
	s.risk("system", "web01", "a", 30, 100, 0) // key3
	s.risk("system", "web01", "a", 40, 300, 1) // suppressed
	s.risk("user", "web01", "a", 50, 200, 0)   // key5
	s.risk("system", "web02", "a", 60, 200, 0) // key6
	s.risk("system", "web01", "a", 70, 200, 0) // key7
	for what, c := range map[string]struct {
		f    store.RiskFilter
		want string
	}{
		"all":      {store.RiskFilter{Object: "web01", After: math.MinInt64, UpTo: math.MaxInt64}, "key3 key2 key7 key1"},
		"a type":   {store.RiskFilter{Object: "web01", Type: "user", UpTo: 999}, "key5"},
		"a rule":   {store.RiskFilter{Object: "web01", Rule: "b", UpTo: 999}, "key1"},
		"after":    {store.RiskFilter{Object: "web01", After: 100, UpTo: 999}, "key2 key7 key1"},
		"from":     {store.RiskFilter{Object: "web01", After: 99, UpTo: 100}, "key3"},
		"up to":    {store.RiskFilter{Object: "web01", UpTo: 199}, "key3"},
		"nobody's": {store.RiskFilter{Object: "web09", UpTo: 999}, ""},
	} {
		list, err := s.RiskEvents(ctx, c.f)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, e := range list {
			got = append(got, e.FindingID)
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: %q, want %q", what, got, c.want)
		}
	}
	list, err := s.RiskEvents(ctx, store.RiskFilter{Object: "web02", UpTo: 999})
	want := store.RiskEvent{RiskEvent: detection.RiskEvent{RuleID: "a", FindingID: "key6", RiskObject: "web02",
		ObjectType: "system", Score: 60,
		Message: "m", Time: 200, Count: 1, WindowStart: 0}, Row: []string{"x"}}
	if err != nil || len(list) != 1 || fmt.Sprintf("%+v", list[0]) != fmt.Sprintf("%+v", want) {
		t.Errorf("%+v, %v; want %+v", list, err, want)
	}
}

// TestRulesOf: what rules found, on a host and at all.
func TestRulesOf(t *testing.T) {
	s := withFindings(t)
	counts, err := s.RulesOf(ctx, "web01")
	if want := "[{a 2 1 450 0 0} {b 1 0 350 0 0}]"; err != nil || fmt.Sprint(counts) != want {
		t.Errorf("%v, %v; want %s", counts, err, want)
	}
	s.do(`UPDATE finding SET verdict = 2 WHERE rule_id = 'b'`)
	s.do(`INSERT INTO rule (id, name, digest, filter) VALUES ('a', '', '', ''), ('b', '', '', ''), ('c', '', '', '')`)
	with, err := s.RulesWithFindings(ctx)
	if want := "map[a:true]"; err != nil || fmt.Sprint(with) != want {
		t.Errorf("%v, %v; want %s", with, err, want)
	}
}
