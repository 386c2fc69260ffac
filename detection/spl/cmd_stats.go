package spl

import (
	"fmt"
	"slices"

	"escutcheon/detection/spl/value"
)

// Stats aggregates: one row for each distinct tuple of the By fields. The
// first one of a search aggregates events as they come in.
type Stats struct {
	Origin
	Aggregation
}

var _ = register("stats", parseStats)

func parseStats(p *parser, o Origin) (*Stats, *Error) {
	x := &Stats{Origin: o}
	return x, p.aggregation(&x.Aggregation, nil, nil)
}

func (x *Stats) String() string { return "stats " + x.Aggregation.String() }

// Place is all rows, or events.
func (x *Stats) Place() Place { return Aggregates }

func (x *Stats) compile(c *compiler, in shape) (step, shape, *Error) {
	aggs, err := c.aggs(x, &x.Aggregation, in)
	if err != nil {
		return step{}, in, err
	}
	out := shape{names: slices.Clone(x.By)}
	for _, a := range aggs {
		if slices.Contains(out.names, a.As) {
			return step{}, in, refuse(x, fmt.Sprintf("column %q", a.As), "is there twice")
		}
		out = out.with(a.As)
	}
	run := &statsRun{Aggregation: &x.Aggregation, aggs: aggs}
	return step{all: run.stats, rekeys: true, fold: &fold{Aggregation: &x.Aggregation, aggs: aggs}}, out, nil
}

// stats makes a row of each tuple, sorted by the BY fields.
func (x *statsRun) stats(rows []*rec) []*rec {
	var out []*rec
	for _, t := range x.tallies(rows) {
		out = append(out, x.row(t))
	}
	sortKeys(out)
	return out
}

// row is the row of a tally.
func (x *statsRun) row(t *tally) *rec {
	slices.Sort(t.from)
	r := &rec{shut: true, weight: 1, meter: t.meter, key: t.key, from: slices.Compact(t.from), clock: t.clock,
		first: t.first, count: t.count, cells: make([]cell, 0, len(x.By)+len(x.aggs))}
	for i, f := range x.By {
		r.cells = append(r.cells, cell{f, value.Text(t.key[i])})
	}
	x.put(r, t)
	return r
}

// sortKeys orders rows by their keys.
func sortKeys(rows []*rec) {
	slices.SortFunc(rows, func(a, b *rec) int {
		if c := slices.CompareFunc(a.key, b.key, compareMixed); c != 0 {
			return c
		}
		return slices.Compare(a.key, b.key)
	})
}

// tallies counts each row in with every tuple that it is in.
func (x *statsRun) tallies(rows []*rec) map[string]*tally {
	out := map[string]*tally{}
	left := maxRows
	for i, r := range rows {
		if r.over() {
			break
		}
		for _, key := range x.keys(r) {
			if left--; left < 0 {
				return out
			}
			id := KeyText(key)
			t := out[id]
			if t == nil {
				t = x.newTally(key)
				out[id] = t
			}
			t.from = append(t.from, r.from...)
			x.add(t, r, int64(i))
		}
	}
	return out
}
