package agg_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"escutcheon/detection/spl/agg"
)

// names are all aggregates, as a search may write them.
var names = strings.Fields(`count min max earliest latest first last earliest_time latest_time sum avg sumsq
	stdev stdevp var varp range values list mode median perc95 dc`)

// keep makes an aggregate that has no values yet.
func keep(t testing.TB, written string) agg.Kept {
	t.Helper()
	name, arg, ok := agg.Find(written)
	if !ok {
		t.Fatalf("%s is not known", written)
	}
	create, err := agg.Maker(name, arg)
	if err != nil {
		t.Fatal(err)
	}
	return create()
}

func text(k agg.Kept) string {
	if v := k.Value(); !v.IsNull() {
		return v.Text()
	}
	return null
}

func store(t testing.TB, k agg.Kept) string {
	t.Helper()
	data, err := json.Marshal(k.Encode())
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func load(k agg.Kept, stored string) error {
	var s agg.Stored
	if err := json.Unmarshal([]byte(stored), &s); err != nil {
		return err
	}
	return k.Decode(s)
}

// inputs are values one second apart, the first the oldest, each before the last
// one in the order of input, as events stand in a search.
func inputs(values ...string) []agg.Input {
	out := make([]agg.Input, len(values))
	for i, v := range values {
		at := int64(i+1) * 1e9
		out[i] = agg.Input{Text: v, Time: at, Pos: ^at, N: 1}
	}
	return out
}

// of is an aggregate of values.
func of(t testing.TB, written string, values ...string) string {
	t.Helper()
	k := keep(t, written)
	for _, in := range inputs(values...) {
		k.Add(in)
	}
	return text(k)
}

// check compares aggregates of values with what they should be.
type check struct {
	written string
	values  []string
	want    string
}

func (c check) run(t *testing.T) {
	t.Helper()
	if got := of(t, c.written, c.values...); got != c.want {
		t.Errorf("%s of %q: %q, not %q", c.written, c.values, got, c.want)
	}
}

// l cuts a text into values.
func l(s string) []string { return strings.Fields(s) }

// Whatever the values, their order, their parts and what was stored between:
// the aggregate is that of all at once.
func TestMergeIsAllAtOnce(t *testing.T) {
	for _, name := range names {
		for seed := range uint64(40) {
			r := rand.New(rand.NewPCG(seed, 1))
			all := randomInputs(r)
			whole := keep(t, name)
			for _, in := range all {
				whole.Add(in)
			}
			r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
			total := keep(t, name)
			for len(all) > 0 {
				n := 1 + r.IntN(len(all))
				part := keep(t, name)
				for _, in := range all[:n] {
					part.Add(in)
				}
				before := store(t, part)
				back := keep(t, name)
				if err := load(back, before); err != nil {
					t.Fatalf("%s, seed %d: %s: %v", name, seed, before, err)
				}
				if err := total.Merge(back); err != nil {
					t.Fatal(err)
				}
				if after := store(t, back); after != before {
					t.Fatalf("%s, seed %d: merging changed what was merged: %s, %s", name, seed, before, after)
				}
				all = all[n:]
			}
			if got, want := text(total), text(whole); got != want {
				t.Errorf("%s, seed %d: %q, not %q", name, seed, got, want)
			}
			if got, want := store(t, total), store(t, whole); got != want {
				t.Errorf("%s, seed %d: stored as\n%s, not\n%s", name, seed, got, want)
			}
		}
	}
}

// What an aggregate gave to be stored, and what another took over, stays as it
// was whatever values come to either.
func TestEncodedStays(t *testing.T) {
	for _, name := range names {
		for seed := range uint64(20) {
			r := rand.New(rand.NewPCG(seed, 2))
			from, to := keep(t, name), keep(t, name)
			for _, in := range randomInputs(r) {
				from.Add(in)
			}
			s := from.Encode()
			before, err := json.Marshal(s)
			if err != nil {
				t.Fatal(err)
			}
			if err := to.Decode(s); err != nil {
				t.Fatalf("%s, seed %d: %v", name, seed, err)
			}
			for _, in := range randomInputs(r) {
				from.Add(in)
				to.Add(in)
			}
			if after, err := json.Marshal(s); err != nil || string(after) != string(before) {
				t.Errorf("%s, seed %d: %s became %s, %v", name, seed, before, after, err)
			}
		}
	}
}

func randomInputs(r *rand.Rand) []agg.Input {
	texts := []string{"", "1", "1.0", "01", "-3", "10", "9", "1e2", "b", "B", "é", "\xff", "0.000000001", " 7 ", "true"}
	out := make([]agg.Input, r.IntN(30))
	for i := range out {
		out[i] = agg.Input{Text: texts[r.IntN(len(texts))], Time: r.Int64N(5) - 2, Pos: r.Int64N(5) - 2,
			N: 1 + r.Int64N(3)}
	}
	return out
}

// A merge shares nothing: what is added to one later is not in the other.
func TestMergeCopies(t *testing.T) {
	for _, name := range names {
		a, b := keep(t, name), keep(t, name)
		for _, in := range inputs("5", "6") {
			b.Add(in)
		}
		before := store(t, b)
		if err := a.Merge(b); err != nil {
			t.Fatal(err)
		}
		for _, in := range inputs("4", "5", "7", "x") {
			a.Add(in)
		}
		if after := store(t, b); after != before {
			t.Errorf("%s: %s became %s", name, before, after)
		}
	}
}

// What is stored is what was kept then.
func TestEncodeCopies(t *testing.T) {
	for _, name := range names {
		k := keep(t, name)
		k.Add(agg.Input{Text: "5", N: 1})
		s := k.Encode()
		before, _ := json.Marshal(s)
		for _, in := range inputs("4", "5", "7", "x") {
			k.Add(in)
		}
		if after, _ := json.Marshal(s); string(after) != string(before) {
			t.Errorf("%s: %s became %s", name, before, after)
		}
	}
}

// No values change nothing, from either side.
func TestMergeNothing(t *testing.T) {
	for _, name := range names {
		k, none := keep(t, name), keep(t, name)
		k.Add(agg.Input{Text: "-5", Time: -1, Pos: 3, N: 1})
		want := store(t, k)
		if err := k.Merge(none); err != nil || store(t, k) != want {
			t.Errorf("%s: %s, %v", name, store(t, k), err)
		}
		if err := none.Merge(k); err != nil || store(t, none) != want {
			t.Errorf("%s into nothing: %s, %v", name, store(t, none), err)
		}
	}
}

func TestMergeOfAnother(t *testing.T) {
	for i, name := range names {
		other := names[(i+1)%len(names)]
		if name == "median" { // it and perc95 keep the same
			continue
		}
		k := keep(t, name)
		if k.Merge(keep(t, other)) == nil {
			t.Errorf("%s merged with %s", name, other)
		}
	}
}

// A value that counts n times is n values.
func TestTimes(t *testing.T) {
	for _, name := range names {
		once, often := keep(t, name), keep(t, name)
		for i, in := range inputs("2", "3.5", "2", "x") {
			for range i + 1 {
				once.Add(in)
			}
			in.N = int64(i + 1)
			often.Add(in)
			in.N = 0
			often.Add(in)
			in.N = -1
			often.Add(in)
		}
		if got, want := store(t, often), store(t, once); got != want {
			t.Errorf("%s: %s, not %s", name, got, want)
		}
	}
}

func TestFind(t *testing.T) {
	for written, want := range map[string]string{
		"c":              "count 0",
		"count":          "count 0",
		"mean":           "avg 0",
		"distinct_count": "dc 0",
		"estdc":          "dc 0",
		"median":         "perc 50",
		"p0":             "perc 0",
		"perc5":          "perc 5",
		"exactperc99":    "perc 99",
		"upperperc100":   "perc 100",
		"p007":           "perc 7",
		"earliest_time":  "earliest_time 0",
	} {
		name, arg, ok := agg.Find(written)
		if got := fmt.Sprint(name, " ", arg); got != want || !ok {
			t.Errorf("%s: %s, %v", written, got, ok)
		}
	}
	for _, written := range []string{"", "5", "perc", "p", "perc101", "perc5x", "median5", "avg5", "set",
		"best", "square", "Count", "p5.5", "p-1"} {
		if name, arg, ok := agg.Find(written); ok || name != "" || arg != 0 {
			t.Errorf("%q: %s %v, %v", written, name, arg, ok)
		}
	}
}

// A plan has an aggregate's own name; every other is an error.
func TestMakerRefuses(t *testing.T) {
	for _, name := range []string{"", "set", "mean", "median", "perc95", "p", "toString"} {
		if create, err := agg.Maker(name, 0); err == nil || create != nil {
			t.Errorf("%q: made", name)
		}
	}
}

func TestRegisterTwicePanics(t *testing.T) {
	for _, again := range []func(){
		func() { agg.Register("count", func() longest { return longest{} }) },
		func() { agg.Register("brandnew mean", func() longest { return longest{} }) },
		func() { agg.RegisterNumbered("perc", func(float64) longest { return longest{} }) },
		func() { agg.Alias("median", "perc", 51) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Error("a name was given twice")
				}
			}()
			again()
		}()
	}
	if got := of(t, "count", "x"); got != "1" {
		t.Errorf("count is %s", got)
	}
}

// Null, where there is no value that the aggregate can use.
func TestNull(t *testing.T) {
	for _, name := range names {
		numbers := slices.Contains(l("sum avg sumsq stdev stdevp var varp range median perc95"), name)
		if got := of(t, name, "x", "", "0x10", "Infinity", "NaN", "1_0", "--1"); (got == null) != numbers {
			t.Errorf("%s of what is no number: %q", name, got)
		}
	}
}
