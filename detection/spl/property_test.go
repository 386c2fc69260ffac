package spl_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"escutcheon/detection"
	"escutcheon/detection/spl"
	"escutcheon/event"
)

// mergeSearches have every aggregate and every kind of tail among them.
var mergeSearches = []string{
	manyAggs,
	`* | stats values(n) as v list(t) as l dc(n) as d earliest(t) as e latest(t) as z first(n) as f last(n) as x by a`,
	`* | stats sum(n) as s avg(n) as av stdev(n) as sd var(n) as v range(n) as r sumsq(n) as q perc90(n) as p mode(t) as m by a`,
	`* | eval k=split(t.",".a,",") | bin _time span=1h | stats count count(eval(n>5)) as big values(k) as ks min(_time) as f by k a`,
	`* | table a n t`,
	`a=* | eval m=mvappend(a,t) | mvexpand m | search m=x* OR m=z`,
	`* | stats count sum(n) as n by a t | eventstats avg(n) as avg by a | sort - n | head 3 | ` + "`x_filter`",
	`* | stats count by a n | dedup a sortby -count | streamstats sum(count) as run | stats max(run) as run values(a) as a by n`,
	`* | fillnull value=none | stats count latest(n) as n by a t | lookup rights short AS a OUTPUT long | rex field=t "(?<c>.)$" | where count>0`,
}

// Random events in random batches and orders, each batch's states stored and
// loaded: the rows are those of one run over all.
func TestAnyOrderAnyPartition(t *testing.T) {
	for _, search := range mergeSearches {
		p, err := detection.Env(detection.BuiltInMacros(), caseTables).Compile(search)
		if err != nil {
			t.Fatal(search, err)
		}
		for seed := range uint64(25) {
			r := rand.New(rand.NewPCG(seed, 7))
			events := randomEvents(r, r.IntN(70))
			want := fmt.Sprintf("%q", listTexts(p.Run(slices.Values(events)).Rows))
			r.Shuffle(len(events), func(i, j int) { events[i], events[j] = events[j], events[i] })
			if got := fmt.Sprintf("%q", listTexts(inBatches(t, p, r, events))); got != want {
				t.Fatalf("%s, seed %d:\n%s\n%s", search, seed, got, want)
			}
		}
	}
}

func listTexts(rows []spl.Result) (out []string) {
	for _, r := range rows {
		out = append(out, fmt.Sprintf("%q %s %s %d", r.Key, listText(r.Row), r.Verdict, r.State.Count()))
	}
	return out
}

// inBatches feeds the events batch by batch and merges what was stored.
func inBatches(t *testing.T, p *spl.Plan, r *rand.Rand, events []spl.Event) []spl.Result {
	groups := map[string]spl.Group{}
	for len(events) > 0 {
		n := 1 + r.IntN(len(events))
		fresh := map[string]spl.Group{}
		var parts []spl.Part
		for _, e := range events[:n] {
			parts = p.Feed(e, parts[:0])
			for i := range parts {
				if parts[i].Missing != nil {
					continue
				}
				id := spl.KeyText(parts[i].Key)
				if fresh[id].State == nil {
					fresh[id] = spl.Group{Key: parts[i].Key, State: p.New()}
				}
				fresh[id].State.Add(&parts[i])
			}
		}
		for id, g := range fresh {
			if groups[id].State == nil {
				groups[id] = spl.Group{Key: g.Key, State: p.New()}
			}
			if err := groups[id].State.Merge(store(t, p, g.State)); err != nil {
				t.Fatal(err)
			}
		}
		events = events[n:]
	}
	var all []spl.Group
	for _, g := range groups {
		all = append(all, spl.Group{Key: g.Key, State: store(t, p, g.State)})
	}
	return p.Rows(all)
}

// Of more values than are kept, which are kept does not depend on the order,
// and the estimate of dc is near.
func TestManyValues(t *testing.T) {
	p := compile(t, `* | stats values(v) as v dc(v) as d list(v) as l mode(v) as m`)
	const n = 25_000
	at := func(i int) spl.Event {
		e := &event.Event{EventCode: event.None, HasTime: true, Nanos: int64(i)}
		e.Add("v", fmt.Sprint("value", i%n))
		return e
	}
	up, down := p.New(), p.New()
	for i := range n {
		up.Add(at(i))
		down.Add(at(n - 1 - i))
	}
	a, _ := p.Row(nil, up)
	b, _ := p.Row(nil, store(t, p, down))
	if listText(a) != listText(b) {
		t.Error("the order matters")
	}
	if l := a.List("v"); len(l) != 10_000 || l[0] != "value0" {
		t.Errorf("%d values", len(l))
	}
	if l := a.List("l"); len(l) != 100 || l[0] != fmt.Sprint("value", n-1) {
		t.Errorf("%d values listed, from %s", len(l), l[0])
	}
	var d int
	if _, err := fmt.Sscan(a.List("d")[0], &d); err != nil || d < n*95/100 || d > n*105/100 {
		t.Errorf("dc is %d", d)
	}
}

func TestLists(t *testing.T) {
	p := compile(t, `* | stats values(a) as a count by b`)
	rows := p.Run(evs("a=x\ny; b=1", "a=z; b=1")).Rows
	row := rows[0].Row
	if got := fmt.Sprintf("%q", row.List("a")); got != `["x\ny" "z"]` {
		t.Error(got)
	}
	if v, _ := row.Get("a"); v != "x\ny\nz" {
		t.Errorf("%q", v)
	}
	if row.List("nope") != nil || fmt.Sprint(row.List("b")) != "[1]" {
		t.Error("lists of other columns")
	}
}

func TestLocal(t *testing.T) {
	for search, want := range map[string]bool{
		`* | stats count by a | eval b=1 | sort - count | where b=1`: true,
		`* | stats count by a | sort 5 - count`:                      false,
		`* | stats count by a | dedup a`:                             false,
		`* | stats count by a | eventstats count as c`:               false,
		`* | stats values(b) as b by a | mvexpand b`:                 false,
		`* | eval x=1 | table x`:                                     true,
		`* | dedup a`:                                                false,
	} {
		if got := compile(t, search).Local(); got != want {
			t.Errorf("%s: %v", search, got)
		}
	}
}

// Rows of a second stats say which events they are of.
func TestRowsOfSeveralGroups(t *testing.T) {
	p := compile(t, `* | stats count by a b | stats dc(b) as d by a`)
	rows := p.Run(evs("a=1; b=1; _time=5", "a=1; b=2; _time=9", "a=1; b=2; _time=7")).Rows
	if len(rows) != 1 || rows[0].Key[0] != "1" || rows[0].State.Count() != 3 {
		t.Fatalf("%+v", rows)
	}
	if first, last, ok := rows[0].State.Times(); !ok || first != 5e9 || last != 9e9 {
		t.Error(first, last)
	}
}

// One event may be in many rows, but not in any number of them.
func TestPartsAreBounded(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes ten seconds, and minutes with the race detector; go test without -short runs it")
	}
	for _, search := range []string{
		`* | eval a=mvrange(0,5000), b=mvrange(0,5000) | mvexpand a | stats count by a b`,
		`* | eval a=mvrange(0,9999), b=a, c=a | mvexpand a | mvexpand b | mvexpand c | stats count by a b c`,
		`* | eval a=mvrange(0,9999), b=a, c=a | mvexpand a | mvexpand b | mvexpand c | where a<0 | stats count by a b c`,
		`* | eval a=mvrange(0,9999), b=a, c=a, d=mvcount(mvmap(a,mvmap(b,mvmap(c,a+b+c)))) | stats count by a b`,
		`* | eval a=mvrange(0,9999), b=a, c=a | where a=b AND NOT a IN (b,c) | stats count by a b c`,
	} {
		if n := len(compile(t, search).Feed(ev("x=1"), nil)); n > 10_000 {
			t.Errorf("%s: %d parts", search, n)
		}
	}
	p := compile(t,
		`* | eval a=mvrange(0,9999) | stats values(a) as a values(a) as b values(a) as c by x | mvexpand a | mvexpand b | mvexpand c | stats count by a b | head 1`)
	rows := p.Run(evs("x=1", "x=2")).Rows
	if len(rows) != 2 { // all that is told of them is that nobody knows
		t.Errorf("%d rows", len(rows))
	}
	for _, row := range rows {
		if row.Doubt != spl.SearchDoubt {
			t.Errorf("a row of too many was decided: %v %v", row.Verdict, row.Doubt)
		}
	}
}
