package spl

import (
	"cmp"
	"slices"
	"strconv"
)

// Group is one key of a plan and the state of its events.
type Group struct {
	Key   []string
	State *State
}

// Rows makes the finished rows of all groups of one window, or of all time.
// Dropped rows are left out; those set aside stand at the end. Of a Local
// plan the rows are sorted by their keys.
//
// What takes more than it may is not decided: a single row, or, where that are
// commands which need all rows, every group, which is then a row of its own that
// is Dropped, with SearchDoubt.
func (p *Plan) Rows(groups []Group) []Result {
	out, _ := p.RowsOf(&Work{}, groups) // which nobody interrupts
	return out
}

// RowsOf is Rows as a part of work. The error is that of its context.
func (p *Plan) RowsOf(w *Work, groups []Group) (out []Result, err error) {
	given := groups
	order := make([]int, len(groups))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return slices.Compare(given[a].Key, given[b].Key) })
	groups = make([]Group, len(given))
	for i, at := range order {
		groups[i] = given[at]
	}
	if p.local {
		return p.localRows(w, groups, order)
	}
	defer func() {
		if v := recover(); v != nil {
			p.Failed(v, "all rows together")
			out, err = undecidedGroups(groups, order), nil
		}
	}()
	most := RowsBounds.with(len(groups), GroupBounds)
	t := &tailRun{p: p, meter: w.meter(most), filter: w.meter(most), plain: w.Plain}
	defer func() { w.took(t.meter, t.filter) }()
	for i, g := range groups {
		r := p.start(g.Key, g.State)
		r.from, r.meter = []int{i}, t.meter
		t.rows = append(t.rows, r)
	}
	for i := range p.after {
		t.step(i)
		if err := w.err(); err != nil {
			return nil, err
		}
		if t.meter.Over() {
			return undecidedGroups(groups, order), nil
		}
	}
	for _, r := range t.rows {
		out = append(out, Result{r.id1(), stateOf(p, r, groups), r.row(p.columns), Kept, r.doubt, places(r.from, order)})
	}
	for _, r := range t.gone {
		out = append(out, Result{r.id1(), stateOf(p, r, groups), r.row(p.columns), Aside, r.doubt, places(r.from, order)})
	}
	return out, nil
}

// undecidedGroups are groups of which no row can be made.
func undecidedGroups(groups []Group, order []int) []Result {
	out := make([]Result, len(groups))
	for i, g := range groups {
		out[i] = Result{Key: g.Key, State: g.State, Verdict: Dropped, Doubt: SearchDoubt, Groups: []int{order[i]}}
	}
	return out
}

// places are the caller's positions of some groups.
func places(from, order []int) []int {
	out := make([]int, len(from))
	for i, n := range from {
		out[i] = order[n]
	}
	return out
}

func (p *Plan) localRows(w *Work, groups []Group, order []int) ([]Result, error) {
	var out []Result
	for i, g := range groups {
		one, err := p.localResult(w, g.Key, g.State)
		if err = cmp.Or(err, w.err()); err != nil {
			return nil, err
		}
		if one.Verdict != Dropped || one.Doubt != Decided {
			one.Groups = []int{order[i]}
			out = append(out, one)
		}
	}
	return out, nil
}

// tailRun is a tail at work on all rows.
type tailRun struct {
	p      *Plan
	meter  *Meter // of all rows
	filter *Meter // of the commands on single rows that may set these aside
	plain  bool   // leaves these out
	rows   []*rec
	gone   []*rec // set aside
}

// maxRows bounds the tuples that a command counts rows in with.
const maxRows = 1_000_000

func (t *tailRun) step(i int) {
	st := &t.p.after[i]
	aside := st.from.Aside
	if aside && (i == 0 || !t.p.after[i-1].from.Aside) {
		for _, r := range t.rows {
			r.kept = slices.Clone(r.cells)
		}
	}
	var out []*rec
	switch {
	case st.all != nil:
		out = t.all(st, aside)
	case st.many != nil:
		for _, r := range t.rows {
			st.many(r, func(c *rec) bool {
				out = append(out, c)
				return t.meter.Spend(stepCost)
			})
			if t.meter.Over() {
				break
			}
		}
	default:
		out = t.each(st, aside)
	}
	t.rows = out
}

// all runs a command that needs all rows.
func (t *tailRun) all(st *step, aside bool) []*rec {
	before := t.rows
	t.meter.Spend(stepCost * len(before))
	out := st.all(slices.Clone(t.rows))
	for _, r := range out {
		r.meter = t.meter
	}
	if aside && st.chooses {
		stays := map[*rec]bool{}
		for _, r := range out {
			stays[r] = true
		}
		for _, r := range before {
			if !stays[r] {
				t.setAside(r)
			}
		}
	}
	return out
}

// each runs a command on one row after another. A command that may set a row
// aside has bounds of its own for each.
func (t *tailRun) each(st *step, aside bool) (out []*rec) {
	for _, r := range t.rows {
		if !t.meter.Spend(stepCost) {
			return nil
		}
		switch stays := t.one(st, r, aside); {
		case stays:
			out = append(out, r)
		case aside:
			t.setAside(r)
		}
	}
	if !aside {
		for _, r := range t.gone {
			st.one(r)
		}
	}
	return out
}

func (t *tailRun) one(st *step, r *rec, aside bool) (stays bool) {
	if !aside {
		return st.one(r)
	}
	if t.plain {
		r.doubt = Pending
	}
	if r.doubt != Decided {
		return true
	}
	r.meter = t.filter.part(AsideBounds)
	stays = st.one(r)
	if r.meter.Over() && !r.meter.stopped {
		r.cells, r.doubt, stays = r.kept, AsideDoubt, true
	}
	t.filter.spent(r.meter)
	t.meter.stopped = t.meter.stopped || r.meter.stopped
	r.meter = t.meter
	return stays
}

func (t *tailRun) setAside(r *rec) {
	r.cells, r.gone = r.kept, true
	t.gone = append(t.gone, r)
}

// stateOf is the state of a row's events.
func stateOf(p *Plan, r *rec, groups []Group) *State {
	if len(r.from) == 1 {
		return groups[r.from[0]].State
	}
	s := p.New()
	for _, i := range r.from {
		g := groups[i].State
		if g.count > 0 {
			s.span(g.count, g.first, g.last)
		}
	}
	return s
}

// id1 is the row's key: that of its group, or the BY values of the last
// aggregation, and a number where mvexpand made several of one.
func (r *rec) id1() []string {
	if r.id == 0 {
		return r.key
	}
	return append(slices.Clone(r.key), strconv.Itoa(r.id))
}
