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
