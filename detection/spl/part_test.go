package spl_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"escutcheon/detection/spl"
)

// An event makes a part for each combination of the values of its BY fields;
// one that lacks a field, or a time, makes a part that is in no row.
func TestFeed(t *testing.T) {
	for _, tt := range []struct{ search, event, want string }{
		{"a=1 | stats count by a", "a=1", "[1]"}, {"a=1 | stats count by a", "a=2", ""},
		{"a=1 | stats count", "a=1", "[]"},
		{"* | stats count by b a", "a=1; b=2", "[2 1]"}, {"* | stats count by a b", "a=1", "-b"},
		{"* | stats count by a b", "c=1", "-a,b"},
		{"* | stats count by a", "a=1; _time=none", "-_time"},
		{"* | stats count by a b", "a=1; _time=none", "-b,_time"},
		{"* | stats count by _time", "_time=none", "-_time"}, {"* | stats count by _time", "_time=1.5", "[1.5]"},
		{`* | eval m=split("x,y",",") | stats count by m`, "a=1", "[x] [y]"},
		{`* | eval m=split("x,y",","), n=split("1,2,3",",") | stats count by m a n`, "a=q",
			"[x q 1] [x q 2] [x q 3] [y q 1] [y q 2] [y q 3]"},
		{`* | eval m=split("x,y",",") | stats count by m b`, "a=1", "-b"},
		{`* | eval m=split("x,y",",") | mvexpand m | stats count by m`, "a=1", "[x] [y]"},
		{`* | eval m=split("x,y",",") | mvexpand m | search m=y | stats count by m`, "a=1", "[y]"},
		{`* | eval e="" | stats count by e`, "a=1", "[]"},
		{"* | where a>1 | stats count by a", "a=2", "[2]"}, {"* | where a>1 | stats count by a", "a=1", ""},
		{"* | bin _time span=1h | stats count by _time", "_time=3700", "[3600]"},
	} {
		p := compile(t, tt.search)
		before := spl.Part{Key: []string{"before"}}
		parts := p.Feed(ev(tt.event), []spl.Part{before})
		if len(parts) == 0 || parts[0].Key[0] != "before" {
			t.Fatalf("%s: what was there is gone", tt.search)
		}
		var got []string
		for _, x := range parts[1:] {
			if x.Missing != nil {
				got = append(got, "-"+strings.Join(x.Missing, ","))
				if x.Key != nil {
					t.Errorf("%s: a key of what is missing", tt.search)
				}
			} else {
				got = append(got, fmt.Sprint(x.Key))
			}
		}
		if strings.Join(got, " ") != tt.want {
			t.Errorf("%s on %s: %s, want %s", tt.search, tt.event, got, tt.want)
		}
		if p.Matches(ev(tt.event)) != (tt.want != "") {
			t.Errorf("%s matches %s: %v", tt.search, tt.event, p.Matches(ev(tt.event)))
		}
		key, missing := p.Key(ev(tt.event))
		if len(parts) == 1 && (key != nil || missing != nil) || len(parts) > 1 && (!slices.Equal(key,
			parts[1].Key) || !slices.Equal(missing, parts[1].Missing)) {
			t.Errorf("%s on %s: the first key is %v %v", tt.search, tt.event, key, missing)
		}
	}
}

// A part keeps its event's time, and has no fields.
func TestPartsTime(t *testing.T) {
	p := compile(t, "* | stats count by a")
	for event, want := range map[string]string{"a=1; _time=1.5": "1970-01-01 00:00:01.5 +0000 UTC",
		"a=1; _time=none": "0001-01-01 00:00:00 +0000 UTC", "_time=2": "1970-01-01 00:00:02 +0000 UTC"} {
		part := p.Feed(ev(event), nil)[0]
		if got := part.Time().String(); got != want {
			t.Errorf("%s: %s, want %s", event, got, want)
		}
		if v, ok := part.Get("a"); v != "" || ok {
			t.Errorf("%s: a part has a field %q", event, v)
		}
	}
}

// Without an aggregation equal rows are one, whatever their columns hold: null,
// nothing, lists, and texts that look like one of these.
func TestWholeRowsAsKeys(t *testing.T) {
	events := []spl.Event{}
	for i, v := range []string{"x", "", "\x00Tx", "\x00L1\x00x", "x\ny", "x", "x,y"} {
		events = append(events, spl.Map{"_time": fmt.Sprint(i), "v": v})
	}
	events = append(events, spl.Map{"_time": "9"})
	p := compile(t, `* | eval w=if(v="x,y",split(v,","),v) | table w`)
	var got []string
	for _, r := range p.Run(slices.Values(events)).Rows {
		got = append(got, fmt.Sprintf("%q %d", r.Row.List("w"), r.State.Count()))
	}
	slices.Sort(got)
	want := []string{`[""] 1`, `["\x00L1\x00x"] 1`, `["\x00Tx"] 1`, `["x" "y"] 1`, `["x"] 2`, `["x\ny"] 1`, `[] 1`}
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("\n got %q\nwant %q", got, want)
	}
}

// Run counts what matched and what is in no row, by what it lacks.
func TestOutput(t *testing.T) {
	p := compile(t, `a=* | eval m=split(a,",") | mvexpand m | stats count by m b`)
	out := p.Run(evs("a=1,2; b=x", "a=1", "b=x", "a=3; b=y; _time=none", "a=2; b=x"))
	if out.Matched != 4 || out.Incomplete != 2 || len(out.Missing) != 2 || out.Missing["b"] != 1 ||
		out.Missing["_time"] != 1 || len(out.Rows) != 2 {
		t.Errorf("%+v", out)
	}
	if r := out.Rows[1]; fmt.Sprint(r.Key) != "[2 x]" || r.State.Count() != 2 || r.Verdict != spl.Kept ||
		len(r.Groups) != 1 {
		t.Errorf("%+v", r)
	}
	if out := p.Run(evs()); out.Matched != 0 || len(out.Rows) != 0 {
		t.Errorf("%+v", out)
	}
}

// Row gives the columns that a row has, in their order.
func TestRows(t *testing.T) {
	p := compile(t, `* | stats count values(b) as b by a | eval n=null() | table b a n count`)
	rows := p.Run(evs("a=1; b=x", "a=1; b=y")).Rows
	if len(rows) != 1 || listText(rows[0].Row) != "b=[x|y] a=1 count=2" || !slices.Equal(p.Columns(),
		[]string{"b", "a", "n", "count"}) || !slices.Equal(p.By(), []string{"a"}) {
		t.Fatalf("%v %v %v", rows, p.Columns(), p.By())
	}
	row := rows[0].Row
	if v, ok := row.Get("n"); v != "" || ok {
		t.Errorf("%q", v)
	}
	if v, ok := row.Get("b"); v != "x\ny" || !ok {
		t.Errorf("%q", v)
	}
	if !row.Time().IsZero() || row[0].String() != "{b x\ny}" || len(row.List("a")) != 1 {
		t.Errorf("%v", row)
	}
}

// One event makes at most 10,000 parts, and its commands run some 100,000 times at
// most: where they would have to run more often the event is not decided.
func TestBoundsOfParts(t *testing.T) {
	lists := func(a, b int) string { return fmt.Sprintf("* | eval a=mvrange(0,%d), b=mvrange(0,%d) | ", a, b) }
	for _, tt := range []struct {
		search string
		want   int
	}{
		{lists(99, 101) + "stats count by a b", 9_999}, {lists(100, 100) + "stats count by a b",
			10_000}, {lists(200, 100) + "stats count by a b", 10_000},
		{lists(200, 60) + "mvexpand a | stats count by a b", 10_000}, {lists(100, 60) +
			"mvexpand a | stats count by a b", 6_000},
		{lists(200, 199) + "mvexpand a | mvexpand b | where a=199 | stats count by b", 199},
		{lists(1000, 199) + "mvexpand a | mvexpand b | where a=499 | stats count by b", ranOver},
		{lists(1000, 199) + "mvexpand a | mvexpand b | where a=500 | stats count by b", ranOver},
	} {
		if got := partsOf(compile(t, tt.search).Feed(ev("x=1"), nil)); got != tt.want {
			t.Errorf("%s: %d parts, want %d", tt.search, got, tt.want)
		}
	}
}

// ranOver stands for the one part of an event that is not decided.
const ranOver = -1

func partsOf(parts []spl.Part) int {
	if len(parts) == 1 && parts[0].Undecided() {
		return ranOver
	}
	return len(parts)
}
