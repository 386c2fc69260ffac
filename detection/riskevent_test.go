package detection_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"escutcheon/detection"
	"escutcheon/detection/spl"
	"escutcheon/event"
)

func sec(s string) int64 {
	t, err := time.Parse("2006-01-02 15:04:05", s)
	if err != nil {
		panic(err)
	}
	return t.Unix()
}

func TestWindowOf(t *testing.T) {
	for _, tt := range []struct{ at, start, run string }{
		{"2025-12-08 07:49:59", "2025-12-08 06:50:00", "2025-12-08 08:00:00"},
		{"2025-12-08 07:50:00", "2025-12-08 07:50:00", "2025-12-08 09:00:00"},
		{"2025-12-08 08:00:00", "2025-12-08 07:50:00", "2025-12-08 09:00:00"},
		{"2025-12-08 08:49:59", "2025-12-08 07:50:00", "2025-12-08 09:00:00"},
		{"1970-01-01 00:00:00", "1969-12-31 23:50:00", "1970-01-01 01:00:00"},
		{"1969-12-31 23:49:59", "1969-12-31 22:50:00", "1970-01-01 00:00:00"},
		{"1900-01-01 00:50:00", "1900-01-01 00:50:00", "1900-01-01 02:00:00"},
	} {
		w := detection.WindowOf(sec(tt.at))
		if w.Start != sec(tt.start) || w.RunAt != sec(tt.run) || w.End-w.Start != 3600 || w.RunAt-w.Start != 70*60 {
			t.Errorf("%s: %+v", tt.at, w)
		}
	}
	for range 1000 {
		s := rand.Int64N(1<<40) - 1<<39
		if w := detection.WindowOf(s); s < w.Start || s >= w.End || w.RunAt%3600 != 0 || detection.WindowOf(w.Start) != w || detection.WindowOf(w.End).Start != w.End {
			t.Fatalf("%d: %+v", s, w)
		}
	}
}

func state(p *spl.Plan, seconds ...int64) *spl.State {
	s := p.New()
	for _, at := range seconds {
		s.Add(&event.Event{HasTime: true, Nanos: at*1e9 + 5e8})
	}
	return s
}

func TestRiskEvents(t *testing.T) {
	r := seed(t)
	at := sec("2025-12-08 07:50:00")
	key := []string{"Info", "29", "WEB01.Corp.Example.", "m"}
	got := r.RiskEvents(key, state(r.Plan, at+9, at), detection.WindowOf(at))
	want := []detection.RiskEvent{{RuleID: r.ID, FindingID: detection.FindingID(r.ID, key), RiskObject: "web01.corp.example",
		ObjectType: "system", Score: 50, Message: "A new IIS Module has been loaded and should be reviewed on WEB01.Corp.Example..",
		Time: at + 9, Count: 2, WindowStart: at}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%+v", got)
	}
	if got[0].RunAt() != sec("2025-12-08 09:00:00") {
		t.Error(got[0].RunAt())
	}
	if r.RiskEvents(key, r.Plan.New(), detection.WindowOf(at)) != nil {
		t.Error("risk from nothing")
	}
	filtered, err := detection.Load(r.Raw, detection.BuiltInMacros().Overlay(spl.Macros{
		"windows_iis_components_new_module_added_filter": {Definition: "search NOT dest=web01*"}}))
	if err != nil {
		t.Fatal(err)
	}
	if filtered.RiskEvents(key, state(filtered.Plan, at), detection.WindowOf(at)) != nil {
		t.Error("a suppressed row carries risk")
	}
	hunting := *r
	hunting.Type = "Hunting"
	if hunting.RiskEvents(key, state(r.Plan, at), detection.WindowOf(at)) != nil {
		t.Error("hunting carries risk")
	}
}

func TestFindingID(t *testing.T) {
	seen := map[string]bool{}
	for _, k := range [][]string{{"a", "b"}, {"ab", ""}, {"a\x00b", ""}, {"a", "\x00b"}, {"a\x01", "b"}, {"A", "b"}, {"a", "b", ""}} {
		id := detection.FindingID("r", k)
		if len(id) != 32 || seen[id] {
			t.Errorf("%q: %s", k, id)
		}
		seen[id] = true
	}
}

func ExampleRule_RiskEvents() {
	rules, _ := detection.BuiltIn()
	rule := detection.Find(rules, detection.SeedID)
	e := spl.Map{"sourcetype": "IIS:Configuration:Operational", "EventCode": "29", "OpCode": "Info",
		"ComputerName": "WEB01", "Message": "Changes to …", "_time": "1765180200"}
	if rule.Plan.Matches(e) {
		key, _ := rule.Plan.Key(e)
		window := rule.Plan.New()
		window.Add(e)
		for _, r := range rule.RiskEvents(key, window, detection.WindowOf(e.Time().Unix())) {
			fmt.Println(r.RiskObject, r.Score, r.Message)
		}
	}
	// Output: web01 50 A new IIS Module has been loaded and should be reviewed on WEB01.
}
