package spl

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"escutcheon/detection/spl/value"
)

// transactionRun is a transaction command that runs.
type transactionRun struct {
	x            *Transaction
	starts, ends func(*rec) bool // nil for none
	columns      []string        // that rows may have without naming them

	open    []*group
	byKey   map[string]*group // those open that have all fields
	partial int               // those open that have not
	done    []*group
	orphans []*rec
}

// maxOpenTransactions is how many are open at once, as Splunk's limits have it: the
// oldest of more is ended.
const maxOpenTransactions = 5000

// group is a transaction: its events, the newest first.
type group struct {
	rows    []*rec
	values  map[string]string
	newest  time.Time
	oldest  time.Time
	closed  bool
	evicted bool
}

// all groups rows. It looks at the newest first, as Splunk does: what ends a
// transaction begins it, and what starts it closes it.
func (t *transactionRun) all(rows []*rec) []*rec {
	rows = slices.Clone(rows)
	slices.SortStableFunc(rows, func(a, b *rec) int { return b.when().Compare(a.when()) })
	for _, r := range rows {
		t.take(r)
	}
	for _, g := range slices.Clone(t.open) {
		t.finish(g)
	}
	var out []*rec
	for _, g := range t.done {
		if !g.evicted || t.x.Evicted {
			out = append(out, t.row(g))
		}
	}
	if t.x.Orphans {
		out = append(out, t.orphans...)
	}
	slices.SortStableFunc(out, func(a, b *rec) int { return b.when().Compare(a.when()) })
	return out
}

// when is a row's _time.
func (r *rec) when() time.Time {
	t, _ := epochOf(r.value(timeField))
	return t
}

func (t *transactionRun) take(r *rec) {
	t.expire(r.when())
	own, some := t.values(r)
	if len(t.x.Fields) > 0 && !some {
		t.orphans = append(t.orphans, r)
		return
	}
	ends, starts := t.ends != nil && t.ends(r), t.starts != nil && t.starts(r)
	g := t.find(own)
	if g != nil && (ends || !t.fits(g, r)) {
		t.finish(g)
		g = nil
	}
	if g == nil {
		if t.ends != nil && !ends {
			t.orphans = append(t.orphans, r)
			return
		}
		if len(t.open) >= maxOpenTransactions {
			t.finish(t.open[0])
		}
		g = &group{values: map[string]string{}, newest: r.when(), oldest: r.when()}
		t.open = append(t.open, g)
	}
	was := t.key(g.values)
	if len(g.rows) == 0 {
		was = "new"
	}
	g.rows, g.oldest = append(g.rows, r), r.when()
	for f, v := range own {
		g.values[f] = v
	}
	t.note(g, was)
	if starts || len(g.rows) >= t.x.MaxEvents {
		g.closed = true
		t.finish(g)
	}
}

// values are those of the fields that a row has.
func (t *transactionRun) values(r *rec) (own map[string]string, some bool) {
	own = map[string]string{}
	for _, f := range t.x.Fields {
		if v := r.value(f); !v.IsNull() {
			own[f] = v.Text()
		}
	}
	return own, len(own) > 0
}

// find is the open transaction that an event with some values belongs to: the one
// that had an event last of those whose values do not differ.
func (t *transactionRun) find(own map[string]string) *group {
	if len(own) == len(t.x.Fields) && t.partial == 0 {
		return t.byKey[t.key(own)]
	}
	for _, g := range slices.Backward(t.open) {
		shared, differs := len(t.x.Fields) == 0, false
		for f, v := range own {
			have, ok := g.values[f]
			shared = shared || ok && have == v
			differs = differs || ok && have != v
		}
		if !differs && (shared || t.x.Apart) {
			return g
		}
	}
	return nil
}

// key is the values of all fields; "" where one is missing.
func (t *transactionRun) key(own map[string]string) string {
	if len(own) < len(t.x.Fields) {
		return ""
	}
	var b []byte
	for _, f := range t.x.Fields {
		b = AppendKeyText(b, own[f])
	}
	return string(b) + "."
}

// note files an open transaction under its values, which have been was before.
func (t *transactionRun) note(g *group, was string) {
	if t.byKey == nil {
		t.byKey = map[string]*group{}
	}
	now := t.key(g.values)
	switch {
	case was == now && (now == "" || t.byKey[now] == g):
	case now == "":
		t.partial++
	default:
		if was == "" && len(g.rows) > 1 {
			t.partial--
		}
		t.byKey[now] = g
	}
}

// fits says whether an event may still be in a transaction.
func (t *transactionRun) fits(g *group, r *rec) bool {
	at := r.when()
	return (t.x.MaxSpan == 0 || g.newest.Sub(at) <= t.x.MaxSpan) && (t.x.MaxPause == 0 || g.oldest.Sub(at) <= t.x.MaxPause)
}

// expire ends the transactions that no older event can be in.
func (t *transactionRun) expire(at time.Time) {
	if t.x.MaxSpan == 0 && t.x.MaxPause == 0 {
		return
	}
	for _, g := range slices.Clone(t.open) {
		if t.x.MaxSpan > 0 && g.newest.Sub(at) > t.x.MaxSpan || t.x.MaxPause > 0 && g.oldest.Sub(at) > t.x.MaxPause {
			g.closed = t.starts == nil
			t.finish(g)
		}
	}
}

// finish takes a transaction out of those that are open. One that had to have a
// start, and has none, is evicted.
func (t *transactionRun) finish(g *group) {
	if i := slices.Index(t.open, g); i >= 0 {
		t.open = slices.Delete(t.open, i, i+1)
	}
	if key := t.key(g.values); key == "" {
		t.partial--
	} else if t.byKey[key] == g {
		delete(t.byKey, key)
	}
	g.evicted = t.starts != nil && !g.closed
	t.done = append(t.done, g)
}

// row is the row of a transaction: the values of its events, its length and how
// many they are.
func (t *transactionRun) row(g *group) *rec {
	slices.Reverse(g.rows) // in the order in which they came about
	out := &rec{shut: true, weight: 1}
	seen := map[string]bool{timeField: true}
	for _, r := range g.rows {
		out.count += r.count
		out.clock = max(out.clock, r.clock)
		if out.first == 0 || r.count > 0 && r.first < out.first {
			out.first = r.first
		}
	}
	out.set(timeField, g.rows[0].value(timeField))
	for _, name := range columnsOf(t.columns, shapeOf(g.rows).names) {
		if !seen[name] && !slices.Contains(transactionSets, name) {
			seen[name] = true
			out.set(name, t.joined(g, name))
		}
	}
	out.set("duration", value.Num(g.newest.Sub(g.oldest).Seconds()))
	out.set("eventcount", value.Num(float64(len(g.rows))))
	closed := 0.0
	if g.closed {
		closed = 1
	}
	out.set("closed_txn", value.Num(closed))
	return out
}

// joined are the values of a field: the distinct ones in order, or with mvlist
// all; of _raw all lines.
func (t *transactionRun) joined(g *group, name string) value.Value {
	var all []string
	any := false
	for _, r := range g.rows {
		l := r.value(name).List()
		any = any || l != nil
		if l == nil && t.x.Lists {
			l = []string{t.x.Null}
		}
		all = append(all, l...)
	}
	switch {
	case !any:
		return value.Null
	case name == rawField:
		return value.Text(strings.Join(all, "\n"))
	case !t.x.Lists:
		slices.SortFunc(all, func(a, b string) int { return cmp.Or(compareMixed(a, b), strings.Compare(a, b)) })
		all = slices.Compact(all)
	}
	return value.ListOf(all)
}
