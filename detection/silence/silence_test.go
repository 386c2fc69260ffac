package silence_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"escutcheon/detection"
	"escutcheon/detection/silence"
	"escutcheon/event"
)

var (
	access = silence.Kind{Channel: event.Sysmon, Code: 10}
	begun  = silence.Kind{Channel: event.Sysmon, Code: 1}
)

// of is an event of a kind with some fields.
func of(k silence.Kind, fields ...string) *event.Event {
	e := &event.Event{Nanos: 1e18, HasTime: true, EventCode: k.Code, Computer: "ws01", Channel: k.Channel,
		RecordNumber: event.None}
	e.Add("EventCode", strconv.FormatInt(k.Code, 10))
	for i := 0; i < len(fields); i += 2 {
		e.Add(fields[i], fields[i+1])
	}
	return e
}

func rule(t *testing.T, search string) *detection.Rule {
	t.Helper()
	files := []detection.SourceFile{
		{Kind: detection.RuleFile, Path: "r.yml",
			Content: fmt.Appendf(nil, "name: x\nid: x\ntype: TTP\nsearch: %q\n", search)},
		{Kind: detection.LookupFile, Path: "l.yml", Content: []byte("name: nobody\nfilename: nobody.csv\n")},
		{Kind: detection.TableFile, Path: "nobody.csv", Content: []byte("user,known\n")},
		{Kind: detection.LookupFile, Path: "m.yml", Content: []byte("name: some\nfilename: some.csv\n")},
		{Kind: detection.TableFile, Path: "some.csv", Content: []byte("user,known\na,yes\n")},
	}
	content, err := detection.Assemble(files, nil)
	if err != nil {
		t.Fatal(err)
	}
	r := detection.Find(content.Rules, "x")
	if r == nil {
		t.Fatalf("%s: %+v", search, content.Refused)
	}
	return r
}

func TestReasons(t *testing.T) {
	const ofSysmon = `source="XmlWinEventLog:Microsoft-Windows-Sysmon/Operational" EventCode=10 `
	opened := func(fields ...string) *event.Event {
		return of(access, append([]string{"TargetImage", `C:\lsass.exe`, "Made", "x"}, fields...)...)
	}
	many := make([]*event.Event, 1200)
	for i := range many {
		many[i] = opened()
	}
	for _, tt := range []struct {
		name, search string
		events       []*event.Event
		more         int64 // events that are counted and never shown
		want         []string
	}{
		{"nothing of it", `source="WinEventLog:Security" EventCode=4769 | stats count by dest`, many[:2], 0,
			[]string{"no Security 4769 was imported"}},
		{"nothing of several", ofSysmon[:len(ofSysmon)-len("EventCode=10 ")] + `EventCode IN (7,8) | stats count by dest`,
			many[:2], 0, []string{"no Sysmon 7 or 8 was imported"}},
		{"another index", `index=risk | stats count by risk_object`, many[:2], 0,
			[]string{"asks for index=risk, in which no imported event is"}},
		{"a model of another index", "| tstats count from datamodel=Risk.All_Risk by All_Risk.risk_object", many[:2], 0,
			[]string{"asks for index=risk, in which no imported event is"}},
		{"another index or this", `(index=notable OR EventCode=10) | stats count by dest`, many[:2], 0, nil},
		{"it can fire", ofSysmon + `TargetImage=*lsass.exe | stats count by dest TargetImage`, many[:2], 0, nil},
		{"a BY field is missing", ofSysmon + `TargetImage=*lsass.exe | stats count by dest Nowhere`, many, 0,
			[]string{"groups by Nowhere, which none of 1,200 Sysmon 10 events here carries; 1,200 events matched before that"}},
		{"and nothing matched", ofSysmon + `TargetImage=*other.exe | stats count by dest Nowhere`, many[:2], 0,
			[]string{"groups by Nowhere, which none of 2 Sysmon 10 events here carries"}},
		{"one event", ofSysmon + `| stats count by Nowhere`, many[:1], 0,
			[]string{"groups by Nowhere, which the one Sysmon 10 event here does not carry; 1 event matched before that"}},
		{"one of many has it", ofSysmon + `| stats count by Rare`, append(many[:9:9], opened("Rare", "x")), 0, nil},
		{"the search makes it", ofSysmon + `| eval Other=Made."!" | rex field=TargetImage "(?<file>\\w+)\\.exe" ` +
			`| rename Made as Renamed | stats count by Other file Renamed`, many[:2], 0, nil},
		{"the search makes it of what is missing", ofSysmon + `| eval Other=Nowhere."!" | stats count by Other`, many[:2], 0,
			[]string{"groups by Other, which none of 2 Sysmon 10 events here carries; 2 events matched before that"}},
		{"filled", ofSysmon + `| fillnull value=- Nowhere | stats count by Nowhere`, many[:2], 0, nil},
		{"a condition on a field", ofSysmon + `Nowhere=x* | stats count by dest`, many[:2], 0,
			[]string{"asks for Nowhere, which none of 2 Sysmon 10 events here carries"}},
		{"one of two conditions", ofSysmon + `(Nowhere=x OR Made=x) | stats count by dest`, many[:2], 0, nil},
		{"a condition that is none", ofSysmon + `NOT Nowhere=x | stats count by dest`, many[:2], 0, nil},
		{"only some looked at", ofSysmon + `| stats count by Nowhere`, many[:3], 7,
			[]string{"groups by Nowhere, which none of 3 Sysmon 10 events looked at carries, of 10; " +
				"3 events matched before that"}},
		{"an empty lookup", ofSysmon + `| lookup nobody user OUTPUT known | where isnotnull(known) | stats count by dest`,
			many[:2], 0, []string{"its lookup nobody is empty"}},
		{"an empty list of exceptions", ofSysmon + `| lookup nobody user OUTPUT known | where isnull(known) ` +
			`| stats count by dest`,
			many[:2], 0, nil},
		{"an empty lookup that only adds", ofSysmon + `| lookup nobody user OUTPUT known | stats count values(known) by dest`,
			many[:2], 0, nil},
		{"a field of an empty lookup filled", ofSysmon + `| lookup nobody user OUTPUT known | fillnull known ` +
			`| where known=0 | stats count by dest`, many[:2], 0, nil},
		{"grouped by a field of an empty lookup", ofSysmon + `| lookup nobody user OUTPUT known | stats count by known`,
			many[:2], 0, []string{"its lookup nobody is empty",
				"groups by known, which none of 2 Sysmon 10 events here carries; 2 events matched before that"}},
		{"a lookup with rows", ofSysmon + `| lookup some user OUTPUT known | stats count by dest`, many[:2], 0, nil},
		{"a data model", "| tstats count from datamodel=Endpoint.Processes where Processes.process_name=x " +
			"by Processes.dest Processes.parent_process_name", []*event.Event{of(begun, "Image", `C:\x.exe`)}, 0, nil},
		{"no data for a model", "| tstats count from datamodel=Endpoint.Processes by Processes.dest", many[:2], 0,
			[]string{"no Sysmon 1 or Security 4688 was imported"}},
	} {
		r := rule(t, tt.search)
		counts := map[silence.Kind]int64{}
		for _, e := range tt.events {
			counts[silence.Kind{Channel: e.Channel, Code: e.EventCode}]++
		}
		counts[access] += tt.more
		l := silence.New(r, counts)
		for _, e := range tt.events {
			if k := (silence.Kind{Channel: e.Channel, Code: e.EventCode}); l.Wants(k) {
				l.See(k, e)
			}
		}
		if got := l.Reasons(nil); strings.Join(got, "|") != strings.Join(tt.want, "|") {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

// TestStoredLacks: what the database counted goes before what was looked at, and an
// event that lacks several fields counts for each.
func TestStoredLacks(t *testing.T) {
	l := silence.New(rule(t, "EventCode=10 | stats count by A B C"), map[silence.Kind]int64{access: 5})
	for range 5 {
		l.See(access, of(access, "C", "c"))
	}
	got := l.Reasons(map[string]int64{"A": 2000, "A, B": 3, "_time": 7})
	want := "groups by A, which none of 5 Sysmon 10 events here carries; 2,003 events matched before that|" +
		"groups by B, which none of 5 Sysmon 10 events here carries; 3 events matched before that"
	if strings.Join(got, "|") != want {
		t.Errorf("%q", got)
	}
}

// TestLooksNoFurther: what is known needs no more events, and of a kind so many are
// looked at, however many there are.
func TestLooksNoFurther(t *testing.T) {
	l := silence.New(rule(t, "EventCode=10 | stats count by Made"), map[silence.Kind]int64{access: 1e6, begun: 1e6})
	if l.Wants(begun) || !l.Wants(access) {
		t.Fatal("it wants other kinds than the rule")
	}
	l.See(access, of(access, "Made", "x"))
	if l.Wants(access) {
		t.Error("it goes on though all is known")
	}
	l = silence.New(rule(t, "EventCode=10 | stats count by Nowhere"), map[silence.Kind]int64{access: 1e6})
	n := 0
	for ; l.Wants(access); n++ {
		l.See(access, of(access))
	}
	if n != silence.Most {
		t.Errorf("%d events", n)
	}
}

func TestNum(t *testing.T) {
	for n, want := range map[int64]string{0: "0", 999: "999", 1000: "1,000", 9120: "9,120", 1234567: "1,234,567",
		-1000: "-1,000"} {
		if got := silence.Num(n); got != want {
			t.Errorf("%d: %s", n, got)
		}
	}
}
