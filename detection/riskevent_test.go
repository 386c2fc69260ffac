package detection_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
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
		if w := detection.WindowOf(s); s < w.Start || s >= w.End || w.RunAt%3600 != 0 || detection.WindowOf(w.Start) != w ||
			detection.WindowOf(w.End).Start != w.End {
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
	got := r.RiskEvents(key, state(r.Plan(), at+9, at), detection.WindowOf(at))
	want := []detection.RiskEvent{{RuleID: r.ID, FindingID: detection.FindingID(r.ID, key),
		RiskObject: "web01.corp.example",
		ObjectType: "system", Score: 50,
		Message: "A new IIS Module has been loaded and should be reviewed on WEB01.Corp.Example..",
		Time:    at + 9, Count: 2, WindowStart: at}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%+v", got)
	}
	if got[0].RunAt() != sec("2025-12-08 09:00:00") {
		t.Error(got[0].RunAt())
	}
	if r.RiskEvents(key, r.Plan().New(), detection.WindowOf(at)) != nil {
		t.Error("risk from nothing")
	}
	filtered, err := detection.Load(r.Raw, detection.BuiltInMacros().Overlay(spl.Macros{
		"windows_iis_components_new_module_added_filter": {Definition: "search NOT dest=web01*"}}))
	if err != nil {
		t.Fatal(err)
	}
	if filtered.RiskEvents(key, state(filtered.Plan(), at), detection.WindowOf(at)) != nil {
		t.Error("a suppressed row carries risk")
	}
	hunting := *r
	hunting.Type = "Hunting"
	if hunting.RiskEvents(key, state(r.Plan(), at), detection.WindowOf(at)) != nil {
		t.Error("hunting carries risk")
	}
}

func TestFindingID(t *testing.T) {
	seen := map[string]bool{}
	for _, k := range [][]string{{"a", "b"}, {"ab", ""}, {"a\x00b", ""}, {"a", "\x00b"}, {"a\x01", "b"}, {"A", "b"},
		{"a", "b", ""}} {
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
	if rule.Plan().Matches(e) {
		key, _ := rule.Plan().Key(e)
		window := rule.Plan().New()
		window.Add(e)
		for _, r := range rule.RiskEvents(key, window, detection.WindowOf(e.Time().Unix())) {
			fmt.Println(r.RiskObject, r.Score, r.Message)
		}
	}
	// Output: web01 50 A new IIS Module has been loaded and should be reviewed on WEB01.
}

// columns is a rule with risk objects in two columns and threats in one, over a
// search that gathers their values; its message is the column user.
func columns(t *testing.T) *detection.Rule {
	t.Helper()
	r := *seed(t)
	plan, err := detection.Env(nil, nil).Compile(
		"a=1 | stats values(user) as user values(dest) as dest values(path) as path by a")
	if err != nil {
		t.Fatal(err)
	}
	r.SetPlan(plan)
	r.RBA = detection.RBA{Message: "$user$", RiskObjects: []detection.RiskObject{
		{Field: "user", Type: "user", Score: 1}, {Field: "dest", Type: "System", Score: 2}},
		ThreatObjects: []detection.ThreatObject{{Field: "path", Type: "file_path"}, {Field: "none", Type: "x"}}}
	return &r
}

// run makes the risk events of one row: of each column, its values.
func run(t *testing.T, r *detection.Rule, values map[string][]string) []detection.RiskEvent {
	t.Helper()
	s := r.Plan().New()
	var key []string
	for column, list := range values {
		for _, v := range list {
			e := spl.Map{"a": "1", column: v, "_time": "100"}
			key, _ = r.Plan().Key(e)
			s.Add(e)
		}
	}
	return r.RiskEvents(key, s, detection.WindowOf(100))
}

func numbered(n int, as string) (out []string) {
	for i := range n {
		out = append(out, fmt.Sprintf(as, i))
	}
	return out
}

// What a log decides the number or length of is bounded: 1,000 risk objects and
// 100 threats of a column, 8 KiB of a message or a threat.
func TestRiskEventBounds(t *testing.T) {
	r := columns(t)
	for n, want := range map[int]int{999: 999, 1000: 1000, 1001: 1000} {
		if got := run(t, r, map[string][]string{"user": numbered(n, "u%04d")}); len(got) != want {
			t.Errorf("%d users: %d risk events", n, len(got))
		}
	}
	for n, want := range map[int]int{0: 0, 99: 99, 100: 100, 101: 100} {
		got := run(t, r, map[string][]string{"user": {"u"}, "path": numbered(n, "p%04d")})
		if len(got) != 1 || len(got[0].Threats) != want {
			t.Errorf("%d paths: %d threats", n, len(got[0].Threats))
		}
	}
	long := func(n int) string { return strings.Repeat("é", n/2) }
	for in, want := range map[string]string{
		long(8192): long(8192), long(8194): long(8192) + "…", "x" + long(8192): "x" + long(8190) + "…",
	} {
		got := run(t, r, map[string][]string{"user": {in}, "path": {in}})
		if len(got) != 1 || got[0].Message != want || got[0].Threats[0].Value != want {
			t.Errorf("of %d bytes %d are left", len(in), len(got[0].Message))
		}
	}
}

// Of a column each value is a risk object once, by its normalised name; an
// empty one is none.
func TestRiskObjectsNormalised(t *testing.T) {
	got := run(t, columns(t), map[string][]string{
		"user": {" Ann ", "ANN", "", "  ", "web01."}, "dest": {"WEB01.", "web01"}})
	var names []string
	for _, e := range got {
		names = append(names, fmt.Sprintf("%s %q %d", e.ObjectType, e.RiskObject, e.Score))
	}
	if want := `user "ann" 1|user "web01." 1|System "web01" 2`; strings.Join(names, "|") != want {
		t.Errorf("%s, want %s", strings.Join(names, "|"), want)
	}
}

func TestScheduleOf(t *testing.T) {
	for kind, want := range map[string]bool{"TTP": true, "ttp": true, "Anomaly": true, "Correlation": true,
		"Hunting": false, "Baseline": false, "": false, "TTPs": false} {
		s := detection.ScheduleOf(kind)
		if s != (detection.Schedule{Cron: "0 * * * *", Earliest: "-70m@m", Latest: "-10m@m", Risk: want}) {
			t.Errorf("%q: %+v", kind, s)
		}
	}
}

// A row is about its column dest, else about the first system that the rule
// gives risk to, else about a column that names a computer.
func TestDestOf(t *testing.T) {
	r := &detection.Rule{RBA: detection.RBA{RiskObjects: []detection.RiskObject{
		{Field: "who", Type: "user"}, {Field: "box", Type: "system"}, {Field: "box2", Type: "system"}}}}
	for _, tt := range []struct {
		row  string // column=value …
		want string
	}{
		{"dest=WEB01. box=b Computer=c", "web01"}, {"box=B box2=c host=d", "b"}, {"box2=C Computer=d", "c"},
		{"dest= box=b", "b"}, {"who=anna Computer=C. ComputerName=d", "c"}, {"ComputerName=D host=e", "d"},
		{"host=E dvc=f", "e"}, {"dvc=F", "f"}, {"who=anna", ""}, {"", ""},
	} {
		var row spl.Row
		for pair := range strings.FieldsSeq(tt.row) {
			name, value, _ := strings.Cut(pair, "=")
			row = append(row, spl.Field{Name: name, Value: value})
		}
		if got := r.DestOf(row); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.row, got, tt.want)
		}
	}
}
