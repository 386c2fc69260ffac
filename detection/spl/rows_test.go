package spl_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"escutcheon/detection/spl"
)

// asideEnv has a macro whose commands set aside what they remove.
func asideEnv(definition string) spl.Env {
	return spl.Env{Macros: spl.Macros{"f": {Definition: definition, Aside: true}, "g": {Definition: definition}}}
}

// Rows that a macro's commands remove are set aside where it says so, as they
// stood before it; without that they are gone. It is so whether the rows are
// made one by one or together.
func TestSetAside(t *testing.T) {
	in := evs("a=x; n=1", "a=y; n=2", "a=z; n=3")
	for _, tt := range []struct{ definition, aside, dropped string }{
		{`search n!=2`, "n=1 a=x|n=3 a=z|n=2 a=y aside", "n=1 a=x|n=3 a=z"},
		{`where n>1`, "n=2 a=y|n=3 a=z|n=1 a=x aside", "n=2 a=y|n=3 a=z"},
		{`regex a="[xy]"`, "n=1 a=x|n=2 a=y|n=3 a=z aside", "n=1 a=x|n=2 a=y"},
		{`eval a="new" | where n>2`, "n=3 a=new|n=1 a=x aside|n=2 a=y aside", "n=3 a=new"},
		{`where n>1 | eval a="new" | where n>2`, "n=3 a=new|n=1 a=x aside|n=2 a=y aside", "n=3 a=new"},
		{`head 2`, "n=1 a=x|n=2 a=y|n=3 a=z aside", "n=1 a=x|n=2 a=y"},
		{`head 0`, "n=1 a=x aside|n=2 a=y aside|n=3 a=z aside", ""},
		{`tail 1`, "n=3 a=z|n=1 a=x aside|n=2 a=y aside", "n=3 a=z"},
		{`eval k=1 | dedup k | fields - k`, "n=1 a=x|n=2 a=y aside|n=3 a=z aside", "n=1 a=x"},
		{`sort -n | head 2`, "n=3 a=z|n=2 a=y|n=1 a=x aside", "n=3 a=z|n=2 a=y"},
		{`search *`, "n=1 a=x|n=2 a=y|n=3 a=z", "n=1 a=x|n=2 a=y|n=3 a=z"},
	} {
		for macro, want := range map[string]string{"f": tt.aside, "g": tt.dropped} {
			for _, tail := range []string{"", " | sort n | eventstats count as c | fields - c"} {
				if tail != "" && strings.Contains(tt.definition, "sort") {
					continue
				}
				p, err := asideEnv(tt.definition).Compile("* | stats count by n a | fields n a | `" + macro + "`" + tail)
				if err != nil {
					t.Fatal(err)
				}
				got := rowTexts(p.Run(in).Rows)
				if p.Local() { // rows stand by their keys
					slices.SortStableFunc(got, func(a, b string) int {
						return len(strings.Fields(a)) - len(strings.Fields(b))
					})
				}
				if s := strings.Join(got, "|"); s != want {
					t.Errorf("%s in %s%s:\n got %s\nwant %s", tt.definition, macro, tail, s, want)
				}
			}
		}
	}
}

// Commands after the macro work on rows that were set aside too, and cannot
// drop them; those before it drop.
func TestSetAsideAndAfter(t *testing.T) {
	for _, tt := range []struct{ search, want string }{
		{"* | stats count by n | `f` | eval m=n*10", "n=1 m=10|n=2 m=20 aside|n=3 m=30"},
		{"* | stats count by n | `f` | where n=1", "n=1|n=2 aside"},
		{"* | stats count by n | where n>1 | `f`", "n=2 aside|n=3"},
		{"* | stats count by n | `f` | rename n as k", "k=1|k=2 aside|k=3"},
		{"* | stats count by n | `f` | `f`", "n=1|n=2 aside|n=3"},
		{"* | stats count by n | `f` | head 5 | eval m=n*10", "n=1 m=10|n=3 m=30|n=2 m=20 aside"},
		{"* | stats count by n | `f` | head 1", "n=1|n=2 aside"},
		{"* | stats count by n | `f` | head 5 | where n=1", "n=1|n=2 aside"},
	} {
		p, err := asideEnv(`search n!=2`).Compile(tt.search + " | fields - count")
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(rowTexts(p.Run(evs("n=1", "n=2", "n=3")).Rows), "|"); got != tt.want {
			t.Errorf("%s\n got %s\nwant %s", tt.search, got, tt.want)
		}
	}
}

// A row says which groups it is of, by their place in what was given, and has
// the count and times of their events.
func TestRowsKnowTheirGroups(t *testing.T) {
	events := []string{"h=b; n=1; _time=10", "h=a; n=2; _time=20", "h=b; n=3; _time=30", "h=a; n=4; _time=5"}
	for search, want := range map[string]string{
		`* | stats count by h`:                                     "[a] 2 5 20 [0]|[b] 2 10 30 [1]",
		`* | stats count by h n | stats sum(count) as c by h`:      "[a] 2 5 20 [0 1]|[b] 2 10 30 [2 3]",
		`* | stats count by h n | stats count`:                     "[] 4 5 30 [0 1 2 3]",
		`* | stats count by h n | sort -n | head 1`:                "[a 4] 1 5 5 [1]",
		`* | stats count by h n | dedup h`:                         "[a 2] 1 20 20 [0]|[b 1] 1 10 10 [2]",
		`* | stats count by h n | top 1 h`:                         "[a] 2 5 20 [0 1]",
		`* | stats count by h n | fields h n | mvcombine n`:        "[a 2] 2 5 20 [0 1]|[b 1] 2 10 30 [2 3]",
		`* | stats values(n) as n by h | mvexpand n | where h="a"`: "[a] 2 5 20 [0]|[a 1] 2 5 20 [0]",
		`* | stats count by h | where h="b"`:                       "[b] 2 10 30 [1]",
		`* | table h | eventstats count`:                           "[a] 2 5 20 [0]|[b] 2 10 30 [1]",
	} {
		p := compileCase(t, search)
		var got []string
		for _, r := range p.Rows(groupsOf(p, events...)) {
			first, last, ok := r.State.Times()
			if !ok {
				t.Errorf("%s: no times", search)
			}
			got = append(got, fmt.Sprint(r.Key, " ", r.State.Count(), " ", first/1e9, " ", last/1e9, " ", r.Groups))
		}
		if s := strings.Join(got, "|"); s != want {
			t.Errorf("%s\n got %s\nwant %s", search, s, want)
		}
	}
}

// groupsOf are the groups of events, by their keys.
func groupsOf(p *spl.Plan, events ...string) (out []spl.Group) {
	for e := range evs(events...) {
		for _, part := range p.Feed(e, nil) {
			i, has := slices.BinarySearchFunc(out, part.Key, func(g spl.Group, key []string) int {
				return slices.Compare(g.Key, key)
			})
			if !has {
				out = slices.Insert(out, i, spl.Group{Key: part.Key, State: p.New()})
			}
			out[i].State.Add(&part)
		}
	}
	return out
}

// The order in which groups are given makes no difference to the rows; only
// their places are those of what was given.
func TestRowsOfGroupsInAnyOrder(t *testing.T) {
	for _, search := range []string{`* | stats count by h`, `* | stats count by h | head 2`, `* | stats count by h ` +
		`| streamstats count as i`} {
		p := compileCase(t, search)
		group := func(h string, n int) spl.Group {
			s := p.New()
			for range n {
				s.Add(ev("h=" + h))
			}
			return spl.Group{Key: []string{h}, State: s}
		}
		up := []spl.Group{group("a", 1), group("b", 2), group("c", 3)}
		down := []spl.Group{up[2], up[1], up[0]}
		x, y := p.Rows(up), p.Rows(down)
		if fmt.Sprint(rowTexts(x)) != fmt.Sprint(rowTexts(y)) || len(x) < 2 {
			t.Errorf("%s\n%q\n%q", search, rowTexts(x), rowTexts(y))
		}
		if x[0].Groups[0] != 0 || y[0].Groups[0] != 2 {
			t.Errorf("%s: groups %v %v", search, x[0].Groups, y[0].Groups)
		}
		if up[0].Key[0] != "a" || down[0].Key[0] != "c" {
			t.Errorf("%s: what was given was changed", search)
		}
	}
}

// Row makes a row of one key; of a plan that needs all rows, the first that
// there would be without others.
func TestRowOfOneKey(t *testing.T) {
	for _, tt := range []struct {
		search, want string
		v            spl.Verdict
	}{
		{`* | stats count by a | eval b=a`, "a=k count=1 b=k", spl.Kept},
		{`* | stats count by a | where count>1`, "", spl.Dropped},
		{`* | stats count by a | head 5`, "a=k count=1", spl.Kept},
		{`* | stats count by a | head 0`, "", spl.Dropped},
		{`* | stats count by a | eventstats sum(count) as s`, "a=k count=1 s=1", spl.Kept},
		{"* | stats count by a | rename a as dest | `edited_filter`", "dest=k count=1", spl.Kept},
		{"* | stats count by a | eval dest=\"lab1\" | `edited_filter`", "a=k count=1 dest=lab1", spl.Aside},
		{"* | stats count by a | eval dest=\"lab1\" | `screen`", "", spl.Dropped},
		{"* | stats count by a | eval dest=\"lab1\" | `edited_filter` | head 5", "a=k count=1 dest=lab1", spl.Aside},
	} {
		p := compileCase(t, tt.search)
		s := p.New()
		s.Add(ev("a=k"))
		row, v := p.Row([]string{"k"}, s)
		if text(row) != tt.want || v != tt.v {
			t.Errorf("%s: %s %s, want %s %s", tt.search, text(row), v, tt.want, tt.v)
		}
	}
}

// An event makes at most 10,000 rows, and commands run some 100,000 times at most
// on them.
func TestWorkOfOneEvent(t *testing.T) {
	big := `* | eval a=mvrange(0,9999), b=mvrange(0,100) | mvexpand a | mvexpand b `
	for search, want := range map[string]int{
		`* | eval a=mvrange(0,3) | mvexpand a`:                              3,
		`* | eval a=mvrange(0,3), b=mvrange(0,4) | mvexpand a | mvexpand b`: 12,
		big: 10_000,
		`* | eval a=mvrange(0,9999) | mvexpand a`:             9999,
		`* | eval a=mvrange(0,9999) | mvexpand a | where a<5`: 5,
	} {
		if got := len(compileCase(t, search+` | stats count by a`).Feed(ev("x=1"), nil)); got != want {
			t.Errorf("%s: %d parts, want %d", search, got, want)
		}
	}
	// Where rows are dropped late, not all of them are tried, and nothing is decided.
	for _, where := range []string{`a>9900`, `a=900 AND b=7`, `a<0`} {
		parts := compileCase(t, big+`| where `+where+` | stats count by a b`).Feed(ev("x=1"), nil)
		if n := partsOf(parts); n != ranOver {
			t.Errorf("%s: %d rows, want that it is not decided", where, n)
		}
	}
	dst := compileCase(t, `* | stats count by x`).Feed(ev("x=1"), make([]spl.Part, 3, 9))
	if len(dst) != 4 {
		t.Errorf("%d parts", len(dst))
	}
}
