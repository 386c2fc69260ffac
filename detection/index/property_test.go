package index_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"escutcheon/detection"
	"escutcheon/detection/index"
	"escutcheon/detection/spl"
	"escutcheon/event"
)

// searches makes random conditions of what randomEvent may hold.
type searches struct {
	*rand.Rand
	prefix string // of the fields of a data model, in part of the conditions
}

func (r *searches) pick(values ...string) string { return values[r.IntN(len(values))] }

// value is a value of the search command: whole, or with wildcards.
func (r *searches) value() string {
	switch r.IntN(6) {
	case 0:
		return r.pick("4688", "4624", "1", "29", "0029", "29.0", "-1", "2*")
	case 1:
		return r.pick("Security", "security", "System", event.Sysmon, "Sec*", "\u212aelvin", "kelvin")
	case 2:
		return r.pick("WinEventLog:Security", "XmlWinEventLog:security", "XmlWinEventLog:"+event.Sysmon, "xml*",
			"stream:http", "WinEventLog", "WinEventLog:Sec*", "XmlWinEventLog:*sysmon*",
			"IIS:Configuration:Operational", "wineventlog_security", "wineventlog_system", "ms-sysmon", "*")
	case 3:
		return r.pick(`C:\\cmd.exe`, `*cmd.exe`, `*.EXE`, `*app*exe`, `C:\\*`, "cmd.exe", "unknown")
	case 4:
		return r.pick("*enc*", "whoami /all", "who*", "*a*", "HKLM*", "*Run*x", "0x00000001", "bob", "*\u212a*")
	}
	return r.pick("*evil.dll", "*bad*", "web1", "web*", "dc")
}

func (r *searches) field() string {
	if r.prefix != "" && r.IntN(3) > 0 {
		return r.prefix + r.pick("process_name", "process", "user", "dest", "action", "registry_path",
			"registry_value_data", "file_name", "nope")
	}
	return r.pick("EventCode", "EventCode", "EventID", "signature_id", "LogName", "Channel", "source",
		"sourcetype", "eventtype", "Image",
		"NewProcessName", "CommandLine", "ImageLoaded", "TargetObject", "User", "dest", "process_name",
		"process", "user", "nope")
}

// condition is a random one, depth levels deep at most.
func (r *searches) condition(depth int) string {
	if depth > 0 {
		a, b := r.condition(depth-1), r.condition(depth-1)
		switch r.IntN(5) {
		case 0:
			return "(" + a + " OR " + b + ")"
		case 1:
			return "(" + a + " " + b + ")"
		case 2:
			return "NOT " + a
		case 3:
			return "(" + a + " AND " + b + ")"
		}
	}
	switch r.IntN(8) {
	case 0:
		return r.pick("error", "x", `"an error"`, "*", "err*", "*rro*", `"n err*"`, "nothing")
	case 1:
		return fmt.Sprintf(`%s IN ("%s", "%s")`, r.field(), r.value(), r.value())
	}
	return r.field() + r.pick("=", "=", "=", "=", "=", "!=", "<", ">=") + `"` + r.value() + `"`
}

func (r *searches) search() string {
	model := r.pick("", "", "Processes", "Registry", "Filesystem")
	if model == "" {
		r.prefix = ""
		s := r.condition(3)
		if r.IntN(4) == 0 {
			s += " | search " + r.condition(1)
		}
		return s + " | stats count by dest"
	}
	r.prefix = model + "."
	return "| tstats count from datamodel=Endpoint." + model + " where " + r.condition(2) + " by " + r.prefix + "dest"
}

// Whatever plans there are and whatever event comes, a plan that matches it is
// a candidate; and the others mostly are not.
func TestCandidatesMissNothing(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	s := &searches{Rand: r}
	matched, candidates, asked := 0, 0, 0
	for range 40 {
		var plans []*spl.Plan
		for range 25 {
			plans = append(plans, compile(t, s.search()))
		}
		ix := index.NewIndex(plans)
		for range 250 {
			e := randomEvent(r)
			got := ix.Candidates(e, []int{-1})
			if got[0] != -1 || !slices.IsSorted(got) || len(slices.Compact(slices.Clone(got))) != len(got) {
				t.Fatal(got)
			}
			asked, candidates = asked+len(plans), candidates+len(got)-1
			for i, p := range plans {
				if !p.Matches(e) {
					continue
				}
				if matched++; !slices.Contains(got, i) {
					t.Fatalf("%s\nmatches and is no candidate of %+v", p.Search(), e)
				}
			}
		}
	}
	if matched < asked/20 || candidates > asked*3/4 || candidates == matched {
		t.Errorf("of %d, %d match and %d are candidates", asked, matched, candidates)
	}
}

// Events that answer in their own way to what channel and code are asked for
// by are candidates of all plans.
func TestOddEvents(t *testing.T) {
	plans := []*spl.Plan{compile(t, "EventCode=1 | stats count"), compile(t,
		"LogName=Security EventCode=2 | stats count")}
	ix := index.NewIndex(plans)
	make := func(channel string, code int64, fields ...string) *event.Event {
		e := &event.Event{Channel: channel, EventCode: code, HasTime: true}
		for i := 0; i < len(fields); i += 2 {
			e.Add(fields[i], fields[i+1])
		}
		return e
	}
	iis := make("", 29, "EventCode", "29")
	iis.Provider = event.IISProvider
	for _, tt := range []struct {
		e   spl.Event
		odd bool
	}{
		{make("System", 3), false}, {make("System", 3, "EventCode", "3", "Image", "x"), false},
		{make("System", event.None), false},
		{make("System", 3, "EventID", "1"), true}, {make("System", 3, "signature_id", "1"), true},
		{make("System", 3, "Channel", "x"), true},
		{make("System", 3, "source", "x"), true}, {make("System", 3, "sourcetype", "x"), true},
		{make("System", 3, "eventtype", "x"), true},
		{make("System", 3, "EventCode", "3", "EventCode", "1"), true},
		{make("System", event.None, "EventCode", "x"), true},
		{make("S\u212a", 3), true}, {iis, true}, {spl.Map{"EventCode": "3"}, true},
	} {
		want := 0
		if tt.odd {
			want = len(plans)
		}
		if got := ix.Candidates(tt.e, nil); len(got) != want {
			t.Errorf("%+v: %v", tt.e, got)
		}
	}
}

// Other letters may be the same but for their case as those that a text is made
// of: where a value holds such, all plans that ask for its field are asked.
func TestOtherLetters(t *testing.T) {
	var plans []*spl.Plan
	for _, s := range []string{"CommandLine=kelvin", "CommandLine IN (kelvin, celsius)", "CommandLine=rankine",
		"User=kelvin", "CommandLine=*kelvin"} {
		plans = append(plans, compile(t, s+" | stats count"))
	}
	ix := index.NewIndex(plans)
	for value, want := range map[string][]int{"kelvin": {0, 1, 4}, "KELVIN": {0, 1, 4}, "\u212aelvin": {0, 1, 2,
		4}, "celsius": {1}, "": nil} {
		e := &event.Event{Channel: "System", EventCode: 1, HasTime: true}
		e.Add("CommandLine", value)
		if got := ix.Candidates(e, nil); !slices.Equal(got, want) {
			t.Errorf("%q: %v, want %v", value, got, want)
		}
	}
	e := &event.Event{Channel: "System", EventCode: 1, HasTime: true}
	e.Add("CommandLine", "\u212aelvin")
	if !plans[0].Matches(e) || !plans[1].Matches(e) {
		t.Error("the Kelvin sign is a k")
	}
}

// An index of no plans finds none; one of many plans tells them apart, also
// when they ask for the same texts of different events or fields.
func TestManyPlans(t *testing.T) {
	if got := index.NewIndex(nil).Candidates(iisEvent("29", event.IISConfiguration), nil); len(got) != 0 {
		t.Error(got)
	}
	var plans []*spl.Plan
	for i := range 300 {
		plans = append(plans, compile(t, fmt.Sprintf(`LogName=Channel%d EventCode=%d a=text%d | stats count`,
			i%3, i%5, i%7)),
			compile(t, fmt.Sprintf(`LogName=Channel%d b=text%d OR a=text%d | stats count`, i%3, i%7, i%2)))
	}
	ix := index.NewIndex(plans)
	if len(ix.Plans()) != len(plans) || ix.Plans()[7] != plans[7] {
		t.Error("the plans of the index")
	}
	for i := range 105 {
		e := &event.Event{Channel: strings.ToUpper(fmt.Sprint("channel", i%3)), EventCode: int64(i % 5),
			HasTime: true}
		e.Add("EventCode", fmt.Sprint(i%5))
		e.Add("a", fmt.Sprint("Text", i%7))
		var want []int
		for n, p := range plans {
			if p.Matches(e) {
				want = append(want, n)
			}
		}
		if got := ix.Candidates(e, nil); !slices.Equal(got, want) || len(want) == 0 {
			t.Fatalf("%d: %v, want %v", i, got, want)
		}
	}
}

// The rules that come with the program ask for one kind of event each, or a
// few: an event that none of them is about has no candidates.
func TestBuiltInRules(t *testing.T) {
	rules, err := detection.BuiltIn()
	if err != nil {
		t.Fatal(err)
	}
	var plans []*spl.Plan
	for _, r := range rules {
		plans = append(plans, r.Plan())
	}
	ix := index.NewIndex(plans)
	if got := ix.Candidates(&event.Event{Channel: "System", EventCode: 7036, HasTime: true}, nil); len(got) != 0 {
		t.Errorf("%v", got)
	}
	e := iisEvent("29", event.IISConfiguration)
	e.EventCode = 29
	if got := ix.Candidates(e, nil); !slices.Contains(got, 0) || len(got) > 3 {
		t.Errorf("%v", got)
	}
}
