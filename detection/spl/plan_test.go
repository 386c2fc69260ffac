package spl_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"escutcheon/detection/spl"
)

// A search without an aggregation has a row for each different tuple of its
// columns: those that are known, else the usual ones and all that it names, in
// the order in which it names them. Findings' keys are made of them, so their
// order stays.
func TestColumnsWithoutStats(t *testing.T) {
	usual := "_time dest source EventCode user "
	for search, want := range map[string]string{
		`*`:                                         usual + "_raw",
		`word`:                                      usual + "_raw",
		`a=1 OR (b=2 NOT c IN (3))`:                 usual + "a b c _raw",
		`user=x dest=y a=1`:                         usual + "a _raw",
		`* | where x>y`:                             usual + "x y _raw",
		`* | eval a=b, c=d`:                         usual + "a b c d _raw",
		`* | rename a as b, c as d`:                 usual + "a b c d _raw",
		`* | rename a.* as *`:                       usual + "_raw",
		`* | convert ctime(a) as b num(c)`:          usual + "a b c _raw",
		`* | bin a span=5 as b`:                     usual + "a b _raw",
		`* | rex field=a "(?<b>.)" | where c=1`:     usual + "a c b _raw",
		`* | regex a="x" | regex "y"`:               usual + "a _raw",
		`* | makemv a | mvexpand b | nomv c`:        usual + "a b c _raw",
		`* | fillnull a | addtotals b c`:            usual + "a b c Total _raw",
		`* | fields - a | where b=1`:                usual + "b _raw",
		`* | spath input=a path=b output=c`:         usual + "a c _raw",
		`* | spath input=a | xmlkv b`:               usual + "a b _raw",
		`* | lookup rights short as a`:              usual + "a long _raw",
		`* | eventstats max(a) as m by b`:           usual + "b a _raw",
		`* | dedup a sortby b`:                      usual + "a _raw",
		`* | sort a -b`:                             usual + "a b _raw",
		`* | top a by b`:                            usual + "a b _raw",
		`* | mvcombine a`:                           usual + "a _raw",
		`* | head 5 | where a=1 | stats count`:      usual + "a _raw",
		`* | table a b`:                             "a b",
		`* | table b a | eval c=1`:                  "b a c",
		`* | fields b a`:                            "b a",
		`* | table a b | where c=1 | sort d`:        "a b",
		`* | table a b | rename b as c`:             "a c",
		`* | table a | rex field=a "(?<b>.)"`:       "a b",
		`* | table a | bin a span=5 as b`:           "a b",
		`* | table a | addtotals`:                   "a Total",
		`* | table a | fillnull b`:                  "a b",
		`* | table a | spath input=a path=b`:        "a b",
		`* | table a | convert num(a) as b`:         "a b",
		`* | table a | convert num(z) as b`:         "a",
		`* | table a | lookup rights short as a`:    "a long",
		`* | stats count by a | table count a`:      "a",
		`* | table a | dedup a | stats count`:       "a",
		`| tstats count by a b`:                     "a b",
		`* | stats count by a b | stats c by a`:     "a b",
		`* | eval a=1 | stats count by b`:           "b",
		`* | table a | streamstats count | where c`: "a",
	} {
		if got := strings.Join(compileCase(t, search).By(), " "); got != want {
			t.Errorf("%s\n got %s\nwant %s", search, got, want)
		}
	}
}

// What is after the aggregation adds and takes columns.
func TestColumnsOfRows(t *testing.T) {
	for search, want := range map[string]string{
		`* | stats count max(a) as m by b`:                     "b count m",
		`* | stats count by a | eval b=1, a=2`:                 "a count b",
		`* | stats count by a | eventstats max(count) by a`:    "a count max(count)",
		`* | stats count by a | streamstats c as count`:        "a count",
		`* | stats count by a | stats max(count) as m by a`:    "a m",
		`* | stats count by a | top a`:                         "a count percent",
		`* | stats count by a | rare a by count showperc=f`:    "count a",
		`* | stats count by a | top a by b countfield=n`:       "b a n percent",
		`* | stats count by a | where a=1 | mvexpand a`:        "a count",
		`* | stats count by a | fields - count | head`:         "a",
		`* | table a | eventstats count as c by a`:             "a c",
		`* | stats values(a) as v by b | mvcombine v | nomv v`: "b v",
	} {
		if got := strings.Join(compileCase(t, search).Columns(), " "); got != want {
			t.Errorf("%s\n got %s\nwant %s", search, got, want)
		}
	}
}

// A key's text tells keys apart whatever their values hold. Both are stored.
func TestKeyText(t *testing.T) {
	for _, tt := range []struct {
		key  []string
		want string
	}{
		{nil, ""},
		{[]string{""}, "\x00"},
		{[]string{"a"}, "a\x00"},
		{[]string{"a", "b"}, "a\x00b\x00"},
		{[]string{"ab", ""}, "ab\x00\x00"},
		{[]string{"a\x00b"}, "a\x01\x03b\x00"},
		{[]string{"a\x01b"}, "a\x01\x02b\x00"},
		{[]string{"a\x01\x03b"}, "a\x01\x02\x03b\x00"},
	} {
		if got := spl.KeyText(tt.key); got != tt.want {
			t.Errorf("%q: %q, want %q", tt.key, got, tt.want)
		}
	}
}

// The key of a search without an aggregation is its whole row: null is "", an
// empty text and a list are told from it by what stands in front.
func TestKeysWithoutStats(t *testing.T) {
	p := compileCase(t, `* | eval l=split(l,",") | table a l`)
	for event, want := range map[string]string{
		"a=x":            `["x" ""]`,
		"b=x":            `["" ""]`,
		"a=":             `["\x00T" ""]`,
		"a=\x00y":        `["\x00T\x00y" ""]`,
		"a=x; l=p,qq":    `["x" "\x00L1,2\x00p\nqq"]`,
		"a=x; l=p\n,q,r": `["x" "\x00L2,1,1\x00p\n\nq\nr"]`,
		"a=x; l=p":       `["x" "p"]`,
	} {
		key, missing := p.Key(ev(event))
		if got := fmt.Sprintf("%q", key); got != want || missing != nil {
			t.Errorf("%q: %s %q, want %s", event, got, missing, want)
		}
		rows := p.Run(slices.Values([]spl.Event{ev(event)})).Rows
		again, v := p.Row(key, rows[0].State)
		if v != spl.Kept || listText(again) != listText(rows[0].Row) {
			t.Errorf("%q: %s is made again as %s", event, listText(rows[0].Row), listText(again))
		}
	}
	if row := p.Run(evs("a=; l=p\n,q")).Rows[0].Row; fmt.Sprintf("%q", row.List("l")) != `["p\n" "q"]` {
		t.Errorf("%q", row.List("l"))
	}
}

// What the search lacks of an event is named, and the first part tells.
func TestMissingFields(t *testing.T) {
	p := compileCase(t, `a=* | stats count by b c`)
	for event, want := range map[string]string{
		"a=1; b=1; c=2":             `["1" "2"] []`,
		"a=1; c=2":                  `[] ["b"]`,
		"a=1":                       `[] ["b" "c"]`,
		"a=1; b=1; c=2; _time=none": `[] ["_time"]`,
		"a=1; _time=none":           `[] ["b" "c" "_time"]`,
		"b=1; c=2":                  `[] []`,
	} {
		key, missing := p.Key(ev(event))
		if got := fmt.Sprintf("%q %q", key, missing); got != want {
			t.Errorf("%s: %s, want %s", event, got, want)
		}
	}
	key, missing := compileCase(t, `* | stats count by _time`).Key(ev("a=1; _time=none"))
	if fmt.Sprintf("%q %q", key, missing) != `[] ["_time"]` {
		t.Errorf("%q %q", key, missing)
	}
	out := p.Run(evs("a=1; b=1; c=2", "a=1", "b=1; c=1", "a=1; b=1; c=2"))
	if out.Matched != 3 || out.Incomplete != 1 || len(out.Rows) != 1 || fmt.Sprint(out.Missing) != "map[b:1 c:1]" {
		t.Errorf("%+v", out)
	}
}

// A plan's fingerprint is that of the text with its macros put in and of its
// tables. It is stored with what the plan made.
func TestFingerprint(t *testing.T) {
	if got := compileCase(t, `EventCode=29 | stats count by a`).Fingerprint(); got != "cbb22d745eb35e12" { // of SHA-256
		t.Error(got)
	}
	env := caseEnv()
	a, _ := env.Compile("`screen`")
	b, _ := env.Compile("search NOT dest=lab*")
	c, _ := env.Compile("search  NOT dest=lab*")
	if a.Fingerprint() != b.Fingerprint() || b.Fingerprint() == c.Fingerprint() {
		t.Error("it is not that of the expanded text")
	}
	env.Tables = spl.Tables{"rights": {Fields: []string{"short", "long"}, Rows: [][]string{{"CC", "other"}}}}
	d, _ := env.Compile(`* | lookup rights short OUTPUT long`)
	if d.Fingerprint() == compileCase(t, `* | lookup rights short OUTPUT long`).Fingerprint() {
		t.Error("the rows of the table make no difference")
	}
}

// The search commands that come first are what an event must fit before
// anything else looks at it.
func TestFirst(t *testing.T) {
	for search, want := range map[string]int{
		`a=1`: 1, `a=1 | search b=2`: 2, `a=1 | where b=2 | search c=3`: 1, `* | search b=2 | eval a=1 | search c=1`: 2,
		`* | stats count | search count>1`: 1, `a=1 | sort b | search c=1`: 1, `| tstats count`: 0,
		`| tstats count where a=1`: 1,
		`| eval a=1 | search b=1`:  0, `a=1 | table b | search c=1`: 1,
	} {
		if got := len(compileCase(t, search).First()); got != want {
			t.Errorf("%s: %d, want %d", search, got, want)
		}
	}
}

// What a plan gives out is its own: who changes it changes nothing.
func TestPlanIsReadOnly(t *testing.T) {
	p := compileCase(t, "`screen` | stats count by dest")
	p.Columns()[0], p.By()[0] = "x", "x"
	if p.Columns()[0] != "dest" || p.By()[0] != "dest" {
		t.Error("columns were changed from outside")
	}
	if p.Search() != "`screen` | stats count by dest" || p.Expanded() != "search NOT dest=lab* | stats count by dest" {
		t.Errorf("%q %q", p.Search(), p.Expanded())
	}
}

// States are of one search: those of others do not merge or load.
func TestStatesOfOtherSearches(t *testing.T) {
	p := compileCase(t, `* | stats count min(n) by a`)
	s := p.New()
	s.Add(ev("n=5; _time=2"))
	s.Add(ev("n=3; _time=7"))
	data, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	again, err := p.Load(data)
	if err != nil || again.Count() != 2 {
		t.Fatal(err)
	}
	if row, _ := p.Row([]string{"x"}, again); text(row) != "a=x count=2 min(n)=3" {
		t.Error(text(row))
	}
	other := compileCase(t, `* | stats count by a`)
	if _, err := other.Load(data); err == nil {
		t.Error("a state of another search was loaded")
	}
	if err := other.New().Merge(s); err == nil {
		t.Error("states of two searches merged")
	}
}
