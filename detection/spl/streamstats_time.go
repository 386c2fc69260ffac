package spl

import (
	"slices"
	"time"

	"escutcheon/detection/spl/value"
)

// timeRun is a streamstats with time_window: each row gets the aggregates of the rows
// of its tuple whose times are no further from its own than the span, up to it. Rows
// stand in the order of time, or against it.
//
// Rows come into the window and go out of it, and most aggregates cannot give a value
// back. So of the rows that were there when one last had to go, an aggregate is kept
// for each of how many are left; the newer ones are in one, and a row's is both
// merged. Distinct values are counted.
type timeRun struct {
	*streamRun
	rest     *statsRun // the aggregates that merge
	distinct []aggPlan // those that count distinct values
	span     time.Duration
}

func newTimeRun(run *streamRun, span time.Duration) *timeRun {
	x := &timeRun{streamRun: run, span: span, rest: &statsRun{Aggregation: run.Aggregation}}
	for _, a := range run.aggs {
		if a.Func == "dc" && a.in != nil {
			x.distinct = append(x.distinct, a)
		} else {
			x.rest.aggs = append(x.rest.aggs, a)
		}
	}
	return x
}

// slide is the window of one tuple.
type slide struct {
	rows  []slidRow        // in it, the oldest first
	left  []*tally         // left[i] is of the rows from i to the end of left
	newer *tally           // of the rows behind these
	seen  []map[string]int // how often each value is in it, by the aggregate
}

type slidRow struct {
	r   *rec
	at  int64
	pos int64
}

func (x *timeRun) all(rows []*rec) []*rec {
	windows := map[string]*slide{}
	for i, r := range rows {
		if r.over() {
			break
		}
		keys := x.keys(r)
		at, ok := epochOf(r.value(timeField))
		if len(keys) == 0 || !ok {
			continue
		}
		id := KeyText(keys[0])
		w := windows[id]
		if w == nil {
			w = &slide{newer: x.rest.newTally(nil), seen: make([]map[string]int, len(x.distinct))}
			windows[id] = w
		}
		x.leave(w, at.UnixNano())
		x.enter(w, slidRow{r, at.UnixNano(), int64(i)})
		x.give(w, r)
	}
	return rows
}

// leave takes out the rows that are too far from a time.
func (x *timeRun) leave(w *slide, now int64) {
	for len(w.rows) > 0 && (now-w.rows[0].at > int64(x.span) || w.rows[0].at-now > int64(x.span)) {
		if len(w.left) == 0 {
			x.settle(w)
		}
		x.count(w, w.rows[0].r, -1)
		w.rows, w.left = w.rows[1:], w.left[1:]
	}
}

// settle makes the aggregates of how many rows may be left, from the newest on.
func (x *timeRun) settle(w *slide) {
	w.left = make([]*tally, len(w.rows))
	for i, row := range slices.Backward(w.rows) {
		t := x.rest.newTally(nil)
		if i+1 < len(w.left) {
			t.merge(w.left[i+1])
		}
		x.rest.add(t, row.r, row.pos)
		w.left[i] = t
	}
	w.newer = x.rest.newTally(nil)
}

func (x *timeRun) enter(w *slide, row slidRow) {
	w.rows = append(w.rows, row)
	x.rest.add(w.newer, row.r, row.pos)
	x.count(w, row.r, 1)
}

// count counts the values of a row in, or out again.
func (x *timeRun) count(w *slide, r *rec, by int) {
	for k, a := range x.distinct {
		for _, s := range a.in(r).List() {
			r.within().Spend(stepCost)
			if w.seen[k] == nil {
				w.seen[k] = map[string]int{}
			}
			if w.seen[k][s] += by; w.seen[k][s] == 0 {
				delete(w.seen[k], s)
			}
		}
	}
}

// give sets the aggregates of the window in a row.
func (x *timeRun) give(w *slide, r *rec) {
	t := x.rest.newTally(nil)
	if len(w.left) > 0 {
		t.merge(w.left[0])
	}
	t.merge(w.newer)
	x.rest.put(r, t)
	for k, a := range x.distinct {
		r.set(a.As, value.Num(float64(len(w.seen[k]))))
	}
}
