package spl_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"escutcheon/detection/spl"
	"escutcheon/event"
)

const manyAggs = `a=* | stats count count(n) as c min(n) as lo max(n) as hi min(t) as tl max(t) as th
	min(_time) as f max(_time) as l by a | search count>1`

// Random events in random batches and orders, each batch's states stored and
// loaded: the rows are those of one run over all.
func TestMergeEqualsRun(t *testing.T) {
	p := compile(t, manyAggs)
	for seed := range uint64(60) {
		r := rand.New(rand.NewPCG(seed, 2))
		events := randomEvents(r, r.IntN(80))
		want := rows(p.Run(slices.Values(events)))
		r.Shuffle(len(events), func(i, j int) { events[i], events[j] = events[j], events[i] })
		total := map[string]*spl.State{}
		keys := map[string][]string{}
		for len(events) > 0 {
			n := 1 + r.IntN(len(events))
			for _, res := range batch(p, events[:n]) {
				id := spl.KeyText(res.Key)
				keys[id] = res.Key
				if total[id] == nil {
					total[id] = p.New()
				}
				if err := total[id].Merge(store(t, p, res.State)); err != nil {
					t.Fatal(err)
				}
				total[id] = store(t, p, total[id])
			}
			events = events[n:]
		}
		var got []string
		for id, s := range total {
			if row, v := p.Row(keys[id], s); v == spl.Kept {
				got = append(got, text(row))
			}
		}
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Fatalf("seed %d:\n%q\n%q", seed, got, want)
		}
	}
}

// batch aggregates without the row commands that Run would drop rows by.
func batch(p *spl.Plan, events []spl.Event) map[string]spl.Result {
	out := map[string]spl.Result{}
	for _, e := range events {
		if !p.Matches(e) {
			continue
		}
		key, missing := p.Key(e)
		if missing != nil {
			continue
		}
		id := spl.KeyText(key)
		if _, ok := out[id]; !ok {
			out[id] = spl.Result{Key: key, State: p.New()}
		}
		out[id].State.Add(e)
	}
	return out
}

func rows(out spl.Output) []string {
	var got []string
	for _, r := range out.Rows {
		got = append(got, text(r.Row))
	}
	return got
}

func store(t *testing.T, p *spl.Plan, s *spl.State) *spl.State {
	t.Helper()
	data, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	back, err := p.Load(data)
	if err != nil {
		t.Fatalf("%s: %v", data, err)
	}
	return back
}

func randomEvents(r *rand.Rand, n int) []spl.Event {
	pick := func(values ...string) string { return values[r.IntN(len(values))] }
	out := make([]spl.Event, n)
	for i := range out {
		e := &event.Event{EventCode: event.None, HasTime: r.IntN(10) > 0, Nanos: r.Int64() - r.Int64()}
		e.Add("a", pick("", "x", "X", "y", "\x00", "\xff\xfe"))
		e.Add("n", pick("", "1", "1.0", "01", "-3", "10", fmt.Sprint(r.IntN(100))))
		e.Add("t", pick("", "9", "10", "é", "\xed\xa0\x80", "z", "Z"))
		out[i] = e
	}
	return out
}

func TestLoadRefuses(t *testing.T) {
	p := compile(t, `* | stats count min(n)`)
	for _, data := range []string{``, `{`, `null1`, `{"n":-1,"s":[{}]}`, `{"n":1,"a":2,"z":1,"s":[{}]}`, `{"n":1}`,
		`{"n":1,"s":[{"n":2}]}`, `{"n":1,"s":[{"t":[1]}]}`, `{"n":1,"s":[{},{}]}`} {
		if _, err := p.Load([]byte(data)); err == nil {
			t.Errorf("%s: loaded", data)
		}
	}
	other := compile(t, `* | stats count min(m)`)
	if err := p.New().Merge(other.New()); err == nil {
		t.Error("states of two searches merged")
	}
	if p.Fingerprint() == other.Fingerprint() || p.Fingerprint() != compile(t, `* | stats count min(n)`).Fingerprint() {
		t.Error("fingerprints")
	}
}

// States that the first versions stored load, and are stored the same again.
func TestOldState(t *testing.T) {
	p := compile(t, `* | stats count avg(n) as a values(v) as v max(_time) as l by b`)
	const old = `{"n":2,"a":1000000000,"z":3000000000,"s":[{"n":2,"u":12500000000},{"n":2,"v":[{"v":"x","n":1},{"v":["/w=="],"n":1}]}]}`
	s, err := p.Load([]byte(old))
	if err != nil {
		t.Fatal(err)
	}
	if row, _ := p.Row([]string{"k"}, s); text(row) != "b=k count=2 a=6.25 v=x\n\xff l=3" {
		t.Errorf("%q", text(row))
	}
	if data, err := json.Marshal(s); string(data) != old || err != nil {
		t.Errorf("%s, %v", data, err)
	}
	first, last, ok := s.Times()
	if s.Count() != 2 || first != 1e9 || last != 3e9 || !ok {
		t.Error(s.Count(), first, last, ok)
	}
}

// A state's times are those of its first and its last event, in whatever order
// they come.
func TestTimes(t *testing.T) {
	p := compile(t, `* | stats count min(_time) as f max(_time) as l`)
	at := func(seconds ...string) *spl.State {
		s := p.New()
		for _, x := range seconds {
			s.Add(spl.Map{"_time": x})
		}
		return s
	}
	for _, c := range []struct {
		name        string
		s, with     *spl.State
		n           int64
		first, last int64
	}{
		{"one", at("5"), at(), 1, 5e9, 5e9},
		{"rising", at("5", "7"), at(), 2, 5e9, 7e9},
		{"falling", at("7", "5"), at(), 2, 5e9, 7e9},
		{"before 1970", at("-7", "-5"), at(), 2, -7e9, -5e9},
		{"into none", at(), at("7", "5"), 2, 5e9, 7e9},
		{"an earlier one", at("5"), at("3"), 2, 3e9, 5e9},
		{"a later one", at("5"), at("9"), 2, 5e9, 9e9},
		{"one between", at("5", "9"), at("7"), 3, 5e9, 9e9},
	} {
		if err := c.s.Merge(c.with); err != nil {
			t.Fatal(err)
		}
		first, last, ok := c.s.Times()
		if c.s.Count() != c.n || first != c.first || last != c.last || !ok {
			t.Errorf("%s: %d, %d, %d, %v", c.name, c.s.Count(), first, last, ok)
		}
		row, _ := p.Row(nil, c.s)
		want := fmt.Sprintf("count=%d f=%d l=%d", c.n, c.first/1e9, c.last/1e9)
		if text(row) != want {
			t.Errorf("%s: %q, not %q", c.name, text(row), want)
		}
	}
	if first, last, ok := at().Times(); first != 0 || last != 0 || ok {
		t.Error(first, last, ok)
	}
	if row, _ := p.Row(nil, at()); text(row) != "count=0" {
		t.Errorf("of none: %q", text(row))
	}
}

// The bounds of what loads: no event fewer than none, none after the last.
func TestLoadBounds(t *testing.T) {
	p := compile(t, `* | stats count`)
	for data, fits := range map[string]bool{
		`{"n":0,"a":0,"z":0}`:  true,
		`{"n":-1,"a":0,"z":0}`: false,
		`{"n":1,"a":5,"z":5}`:  true,
		`{"n":1,"a":5,"z":4}`:  false,
		`{"n":1,"a":-5,"z":4}`: true,
	} {
		if _, err := p.Load([]byte(data)); (err == nil) != fits {
			t.Errorf("%s: %v", data, err)
		}
	}
	why := `stored state: it does not fit the search: there is no sum`
	if _, err := compile(t, `* | stats sum(a)`).Load([]byte(`{"n":1,"s":[{"n":1}]}`)); err == nil || err.Error() != why {
		t.Error(err)
	}
}
