package spl

import (
	"cmp"
	"fmt"
	"slices"

	"escutcheon/detection/spl/agg"
	"escutcheon/detection/spl/value"
)

// stats compiles stats, eventstats and streamstats over finished rows.
func (c *compiler) stats(st *Stats, in shape) (func([]*rec) []*rec, shape, *Error) {
	if st.Name == "tstats" {
		return nil, in, refuse(st, "", "is supported as the first command only")
	}
	aggs, err := c.aggs(st, in)
	if err != nil {
		return nil, in, err
	}
	run := &statsRun{st: st, aggs: aggs}
	out := in
	if st.Name == "stats" {
		out = shape{names: slices.Clone(st.By)}
	}
	for _, a := range aggs {
		if st.Name == "stats" && slices.Contains(out.names, a.As) {
			return nil, in, refuse(st, fmt.Sprintf("column %q", a.As), "is there twice")
		}
		out = out.with(a.As)
	}
	switch st.Name {
	case "stats":
		return run.stats, out, nil
	case "eventstats":
		return run.eventstats, out, nil
	}
	return run.streamstats, out, nil
}

// statsRun aggregates rows.
type statsRun struct {
	st   *Stats
	aggs []aggPlan
}

// tally is the state of one tuple of rows.
type tally struct {
	key   []string
	slots []agg.Kept // of those that aggregate a value
	rows  int64      // by their weight
	from  []int
	clock int64
}

func (x *statsRun) newTally(key []string) *tally {
	t := &tally{key: key, slots: make([]agg.Kept, len(x.aggs))}
	for k, a := range x.aggs {
		if a.in != nil {
			t.slots[k] = a.keep()
		}
	}
	return t
}

// add counts a row in; pos is its place.
func (x *statsRun) add(t *tally, r *rec, pos int64) {
	t.rows += r.weight
	t.clock = max(t.clock, r.clock)
	at := int64(0)
	if when, ok := epochOf(r.value(timeField)); ok {
		at = when.UnixNano()
	}
	for k, a := range x.aggs {
		if a.in == nil {
			continue
		}
		v := a.in(r)
		if a.Expr != nil && a.Func == "count" && v.IsFalse() {
			continue
		}
		for _, s := range v.List() {
			t.slots[k].Add(agg.Input{Text: s, Time: at, Pos: pos, N: r.weight})
		}
	}
}

// put sets the aggregates of a tally in a row.
func (x *statsRun) put(r *rec, t *tally) {
	for k, a := range x.aggs {
		if a.in == nil {
			r.set(a.As, value.Num(float64(t.rows)))
			continue
		}
		r.set(a.As, t.slots[k].Value())
	}
}

// keys are the tuples of BY values that a row is in: one for each combination
// when a field has several values; none when one is null.
func (x *statsRun) keys(r *rec) [][]string {
	out := [][]string{nil}
	for _, f := range x.st.By {
		l := r.spanned(f, x.st.Span).List()
		var next [][]string
		for _, key := range out {
			for _, s := range l {
				if len(next) < maxParts {
					next = append(next, append(slices.Clone(key), s))
				}
			}
		}
		out = next
	}
	return out
}

func (x *statsRun) stats(rows []*rec) []*rec {
	tallies := map[string]*tally{}
	left := maxRows
	for i, r := range rows {
		for _, key := range x.keys(r) {
			if left--; left < 0 {
				break
			}
			id := KeyText(key)
			t := tallies[id]
			if t == nil {
				t = x.newTally(key)
				tallies[id] = t
			}
			t.from = append(t.from, r.from...)
			x.add(t, r, int64(i))
		}
	}
	var out []*rec
	for _, t := range tallies {
		slices.Sort(t.from)
		r := &rec{shut: true, weight: 1, key: t.key, from: slices.Compact(t.from), clock: t.clock}
		for i, f := range x.st.By {
			r.cells = append(r.cells, cell{f, value.Text(t.key[i])})
		}
		x.put(r, t)
		out = append(out, r)
	}
	slices.SortFunc(out, func(a, b *rec) int {
		return cmp.Or(slices.CompareFunc(a.key, b.key, compareMixed), slices.Compare(a.key, b.key))
	})
	return out
}

// eventstats gives each row the aggregates of its tuple; a row without one
// keeps what it has.
func (x *statsRun) eventstats(rows []*rec) []*rec {
	tallies := map[string]*tally{}
	left := maxRows
	for i, r := range rows {
		for k, key := range x.keys(r) {
			if left--; left < 0 && k > 0 {
				break // the first is asked for below
			}
			id := KeyText(key)
			if tallies[id] == nil {
				tallies[id] = x.newTally(key)
			}
			x.add(tallies[id], r, int64(i))
		}
	}
	for _, r := range rows {
		if keys := x.keys(r); len(keys) > 0 {
			x.put(r, tallies[KeyText(keys[0])])
		}
	}
	return rows
}

// streamstats gives each row the aggregates of the rows of its tuple up to it.
func (x *statsRun) streamstats(rows []*rec) []*rec {
	tallies := map[string]*tally{}
	last := map[string][]*rec{}
	for i, r := range rows {
		keys := x.keys(r)
		if len(keys) == 0 {
			continue
		}
		id := KeyText(keys[0])
		if x.st.Window > 0 {
			last[id] = x.window(last[id], r)
			continue
		}
		t := tallies[id]
		if t == nil {
			t = x.newTally(nil)
			tallies[id] = t
		}
		if !x.st.Current {
			x.put(r, t)
		}
		x.add(t, r, int64(i))
		if x.st.Current {
			x.put(r, t)
		}
	}
	return rows
}

// window aggregates the last rows anew for each row.
func (x *statsRun) window(before []*rec, r *rec) []*rec {
	with := append(before, r)
	if x.st.Current {
		with = with[max(len(with)-x.st.Window, 0):]
		before = with
	} else {
		before = before[max(len(before)-x.st.Window, 0):]
	}
	t := x.newTally(nil)
	plain := make([]*rec, len(before))
	for i, b := range before {
		plain[i] = b
		x.add(t, b, int64(i))
	}
	if x.st.Current {
		x.put(r, t)
		return with
	}
	x.put(r, t)
	return append(plain, r)
}
