package spl_test

import (
	"slices"
	"strings"
	"testing"
)

// Whole searches: events in, rows out. The notes name Splunk's Search
// Reference ("stats", "rename", "convert") or the design.
func TestRun(t *testing.T) {
	three := []string{`a=x; n=9; _time=30.5`, `a=y; n=10; _time=20`, `a=x; n=100; _time=10`}
	for _, tt := range []struct {
		name   string
		search string
		events []string
		want   []string
	}{
		{"stats: count by", `* | stats count by a`, three, []string{"a=x count=2", "a=y count=1"}},
		{"stats: BY in capitals, commas", `* | stats count BY a, n`, three,
			[]string{"a=x n=100 count=1", "a=x n=9 count=1", "a=y n=10 count=1"}},
		{"stats: without by one row", `* | stats count c(n) as c`, three, []string{"count=3 c=3"}},
		{"stats: a null BY field leaves the event out", `* | stats count by b`, three, nil},
		{"stats: min and max compare numbers", `* | stats min(n) max(n) by a`, three,
			[]string{"a=x min(n)=9 max(n)=100", "a=y min(n)=10 max(n)=10"}},
		{"stats: or text when one value is none", `* | stats min(n), max(n)`, append(three, "n=x"),
			[]string{"min(n)=10 max(n)=x"}},
		{"stats: null aggregates are left out", `* | stats count min(q) as q by a`, three,
			[]string{"a=x count=2", "a=y count=1"}},
		{"stats: count(f) counts the events with f", `* | stats count(m) as m count`,
			append(three, "m=1"), []string{"m=1 count=4"}},
		{"stats: BY values keep case", `* | stats count by a`, []string{"a=X", "a=x"},
			[]string{"a=X count=1", "a=x count=1"}},
		{"stats: _time to the nanosecond", `* | stats min(_time) as f max(_time) as l`,
			[]string{"_time=1765046631.123456789", "_time=1765046631.123456788"},
			[]string{"f=1765046631.123456788 l=1765046631.123456789"}},
		{"design 2: no time, no row", `* | stats count`, []string{"a=1; _time=none"}, nil},
		{"rename: keeps the place", `* | stats count by a | rename a AS dest`, three,
			[]string{"dest=x count=2", "dest=y count=1"}},
		{"rename: several, quoted", `* | stats count by a | rename a AS "The Host", count as n`, three,
			[]string{"The Host=x n=2", "The Host=y n=1"}},
		{"rename: replaces a column of that name", `* | stats count min(n) as m by a | rename m as count`, three,
			[]string{"a=x count=9", "a=y count=10"}},
		{"rename: a field that is not there erases the target", `* | stats count by a | rename q as count`, three,
			[]string{"a=x", "a=y"}},
		{"rename: wildcards", `* | stats count by P.a P.n | rename P.* as *`, []string{"P.a=1; P.n=2"},
			[]string{"a=1 n=2 count=1"}},
		{"convert: ctime rounds down", "* | stats min(_time) as f | convert timeformat=\"%Y-%m-%dT%H:%M:%S\" ctime(f)",
			[]string{"_time=1765046631.999"}, []string{"f=2025-12-06T18:43:51"}},
		{"convert: before 1970 too", "* | stats min(_time) as f | `security_content_ctime(f)`",
			[]string{"_time=-0.5"}, []string{"f=1969-12-31T23:59:59"}},
		{"convert: as keeps the original",
			`* | stats max(_time) as l | convert timeformat="%H:%M:%S.%3N%% %s %Z" ctime(l) as t`,
			[]string{"_time=1.25"}, []string{"l=1.25 t=00:00:01.250% 1 UTC"}},
		{"convert: default format", `* | stats max(_time) as l | convert ctime(l)`, []string{"_time=0"},
			[]string{"l=01/01/1970 00:00:00"}},
		{"convert: no number stays", `* | stats count by a | convert ctime(a)`, three,
			[]string{"a=x count=2", "a=y count=1"}},
		{"search on rows", `* | stats count by a | search count>1`, three, []string{"a=x count=2"}},
		{"search on rows: null", `* | stats count min(q) as q by a | search NOT q=*`, three,
			[]string{"a=x count=2", "a=y count=1"}},
		{"search twice before stats", `a=* | search n>9 | stats count by a`, three, []string{"a=x count=1", "a=y count=1"}},
		{"search by name, comments", "search ```all``` a=x | stats count ```here``` by a", three, []string{"a=x count=2"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			out := compile(t, tt.search).Run(evs(tt.events...))
			var got []string
			for _, r := range out.Rows {
				got = append(got, text(r.Row))
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("%s\n got %s\nwant %s", tt.search, strings.Join(got, "\n     "), strings.Join(tt.want, "\n     "))
			}
		})
	}
}

func TestMissing(t *testing.T) {
	out := compile(t, `a=1 | stats count by b c`).Run(evs("a=1; b=1; c=1", "a=1; b=1", "a=1", "a=1; b=1; c=1; _time=none",
		"a=2"))
	if out.Matched != 4 || out.Incomplete != 3 || out.Missing["b"] != 1 || out.Missing["c"] != 2 ||
		out.Missing["_time"] != 1 {
		t.Errorf("%+v", out)
	}
}

func TestColumns(t *testing.T) {
	for search, want := range map[string]string{
		`* | stats count max(x) as m by b a`:                                          "b a count m",
		`* | stats count by P.a P.b | rename P.* as *`:                                "a b count",
		`* | stats count by a | rename a as count`:                                    "count",
		`* | stats count by a | convert ctime(count) as c`:                            "a count c",
		"* | stats count min(_time) as f by h | rename h as dest | `x_filter`":        "dest count f",
		`* | stats count by a b | rename a as b, b as c | search c=1 | rename c as d`: "d count",
	} {
		if got := strings.Join(compile(t, search).Columns(), " "); got != want {
			t.Errorf("%s: %s, want %s", search, got, want)
		}
	}
}
