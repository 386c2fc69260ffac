package spl

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"escutcheon/detection/spl/agg"
	"escutcheon/detection/spl/value"
)

// aggPlan is an aggregate that is ready to run.
type aggPlan struct {
	Agg
	in   evalFn          // what is aggregated; nil counts events
	keep func() agg.Kept // makes what is kept; nil where in is
	slot int             // in State.slots, or -1
}

// aggs compiles aggregates. Wildcards stand for the columns that are known.
func (c *compiler) aggs(cmd Command, x *Aggregation, in shape) (out []aggPlan, err *Error) {
	for _, a := range x.Aggs {
		var plans []aggPlan
		switch {
		case a.Expr != nil:
			var f evalFn
			f, err = c.expr(a.Expr)
			plans = []aggPlan{{Agg: a, in: f}}
		case a.Field == "":
			plans = []aggPlan{{Agg: a}}
		case !strings.Contains(a.Field, "*"):
			plans = []aggPlan{fieldAgg(a)}
		case in.open:
			err = refuse(cmd, fmt.Sprintf("wildcard in %q", a.Func+"("+a.Field+")"),
				"is not supported where the fields are not known")
		default:
			plans = wildAggs(a, x, in)
		}
		if err != nil {
			return nil, err
		}
		out = append(out, plans...)
	}
	return out, keepers(cmd, out)
}

// keepers finds what keeps each aggregate of a value.
func keepers(cmd Command, aggs []aggPlan) *Error {
	for i := range aggs {
		a := &aggs[i]
		if a.in == nil {
			continue
		}
		keep, err := agg.Maker(a.Func, a.Arg)
		if err != nil {
			return refuse(cmd, fmt.Sprintf("aggregate %q", a.Func), "is not supported")
		}
		a.keep = keep
	}
	return nil
}

func fieldAgg(a Agg) aggPlan {
	name := a.Field
	return aggPlan{Agg: a, in: func(r *rec) value.Value { return r.value(name) }}
}

func wildAggs(a Agg, x *Aggregation, in shape) (out []aggPlan) {
	for _, n := range in.names {
		got, ok := capture(a.Field, n)
		if !ok || slices.Contains(x.By, n) {
			continue
		}
		one := a
		one.Field = n
		one.As = a.Func + "(" + n + ")"
		if strings.Count(a.As, "*") == len(got) && a.As != a.Func+"("+a.Field+")" {
			one.As = fill(a.As, got)
		}
		out = append(out, fieldAgg(one))
	}
	return out
}

// statsRun aggregates rows.
type statsRun struct {
	*Aggregation
	aggs    []aggPlan
	unknown bool // what has no value is grouped as Unknown
}

// tally is the state of one tuple of rows.
type tally struct {
	key   []string
	slots []agg.Kept // of those that aggregate a value
	rows  int64      // by their weight
	from  []int
	clock int64
	first int64
	count int64  // events of the rows
	added int    // how many rows are in it
	meter *Meter // of the first of them
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
	t.added++
	t.meter = cmp.Or(t.meter, r.within())
	r.meter.Spend(stepCost * (1 + len(x.aggs)))
	t.rows += r.weight
	t.clock = max(t.clock, r.clock)
	if r.count > 0 && (t.count == 0 || r.first < t.first) {
		t.first = r.first
	}
	t.count += r.count
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
		r.within().Spend(min(t.added, value.MaxList) / addedCost)
		v := t.slots[k].Value()
		if v.IsList() {
			r.within().Spend(sortedCost * len(v.List()))
		}
		r.set(a.As, v)
	}
}

// addedCost is of how many rows an aggregate is told for one step, sortedCost what
// sorting a value takes.
const (
	addedCost  = 8
	sortedCost = 10
)

// keys are the tuples of BY values that a row is in: one for each combination
// when a field has several values; none when one is null.
func (x *statsRun) keys(r *rec) [][]string {
	if len(x.By) == 0 {
		return [][]string{nil}
	}
	one := make([]string, 0, len(x.By))
	for _, f := range x.By {
		v := r.spanned(f, x.Span)
		if v.IsNull() || v.IsList() {
			return x.manyKeys(r)
		}
		one = append(one, v.Text())
	}
	return [][]string{one}
}

func (x *statsRun) manyKeys(r *rec) [][]string {
	out := [][]string{nil}
	for _, f := range x.By {
		l := r.spanned(f, x.Span).List()
		if l == nil && x.unknown {
			l = []string{Unknown}
		}
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
