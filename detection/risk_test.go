package detection_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
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
	filtered, err := detection.Load(r.Raw, spl.BuiltIn().Overlay(spl.Macros{
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

// risk makes events of one rule, 50 each, at these seconds.
func risk(rule string, at ...int64) []detection.RiskEvent {
	var out []detection.RiskEvent
	for _, s := range at {
		out = append(out, detection.RiskEvent{RuleID: rule, Score: 50, Time: s, Count: 1, RiskObject: "h", WindowStart: detection.WindowOf(s).Start})
	}
	return out
}

func TestScoreAndAsOf(t *testing.T) {
	const w = 168 * 3600
	events := risk("r", 1_000_000, 1_000_001, 1_000_000+w, 1_000_001+w)
	for _, tt := range []struct {
		asOf int64
		want int
	}{{999_999, 0}, {1_000_000, 50}, {1_000_001, 100}, {1_000_000 + w - 1, 100}, {1_000_000 + w, 100}, {1_000_001 + w, 100}, {1_000_001 + 2*w, 0}} {
		if got := detection.Score(events, tt.asOf); got != tt.want {
			t.Errorf("as of %d: %d, want %d", tt.asOf, got, tt.want)
		}
	}
	newest := events[3].Time
	for _, tt := range []struct {
		now, asOf int64
		isNow     bool
	}{{newest, newest, true}, {newest + w - 1, newest + w - 1, true}, {newest + w, newest, false}, {5, newest, false}} {
		asOf, isNow, ok := detection.DefaultAsOf(events, tt.now)
		if asOf != tt.asOf || isNow != tt.isNow || !ok {
			t.Errorf("now %d: %d %v %v", tt.now, asOf, isNow, ok)
		}
	}
	if _, _, ok := detection.DefaultAsOf(nil, 1); ok {
		t.Error("an as-of of nothing")
	}
}

func TestCells(t *testing.T) {
	asOf := int64(1_000_000_000)
	cells := detection.Cells(risk("r", asOf, asOf-3*3600+1, asOf-3*3600, asOf-168*3600+1, asOf-168*3600, asOf+1), asOf)
	if cells[55].Count != 2 || cells[54].Score != 50 || cells[0].Count != 1 || cells[55].To != asOf || cells[0].From != asOf-168*3600 {
		t.Errorf("%+v", cells)
	}
}

func TestRiskRow(t *testing.T) {
	r := seed(t)
	events := append(risk(r.ID, 2000, 1000, 3000), risk("unknown", 1500)...)
	events[0].Message, events[1].Message = "b", "a"
	row, ok := detection.RiskRowOf(events, 2999, []*detection.Rule{r})
	got := fmt.Sprintln(ok, row.RiskObject, row.Score, row.Count, row.FirstTime, row.LastTime, row.Tactics, row.SearchNames)
	if got != "true h 150 3 1000 2000 [persistence] [ESCU - Windows IIS Components New Module Added - Rule unknown]\n" {
		t.Error(got)
	}
	if strings.Join(row.RiskMessages, "|") != "|a|b" || len(row.AnalyticStories) != 2 || !slices.Contains(row.Annotations, "T1505.004") {
		t.Errorf("%+v", row)
	}
	if _, ok := detection.RiskRowOf(events, 999, nil); ok {
		t.Error("a row of nothing")
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
