package spl

import (
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
func (p *Plan) Rows(groups []Group) []Result {
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
		return p.localRows(groups, order)
	}
	t := &tailRun{p: p}
	for i, g := range groups {
		r := p.start(g.Key, g.State)
		r.from = []int{i}
		t.rows = append(t.rows, r)
	}
	for i := range p.after {
		t.step(i)
	}
	var out []Result
	for _, r := range t.rows {
		out = append(out, Result{r.id1(), stateOf(p, r, groups), r.row(p.columns), Kept, places(r.from, order)})
	}
	for _, r := range t.gone {
		out = append(out, Result{r.id1(), stateOf(p, r, groups), r.row(p.columns), Aside, places(r.from, order)})
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

func (p *Plan) localRows(groups []Group, order []int) []Result {
	var out []Result
	for i, g := range groups {
		if row, v := p.Row(g.Key, g.State); v != Dropped {
			out = append(out, Result{g.Key, g.State, row, v, []int{order[i]}})
		}
	}
	return out
}

// tailRun is a tail at work on all rows.
type tailRun struct {
	p    *Plan
	rows []*rec
	gone []*rec // set aside
}

// maxRows bounds the rows that mvexpand may make.
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
		before := t.rows
		out = st.all(slices.Clone(t.rows))
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
	case st.many != nil:
		for _, r := range t.rows {
			st.many(r, func(c *rec) bool {
				out = append(out, c)
				return len(out) < maxRows
			})
			if len(out) >= maxRows {
				break
			}
		}
	default:
		for _, r := range t.rows {
			if st.one(r) {
				out = append(out, r)
			} else if aside {
				t.setAside(r)
			}
		}
		if !aside {
			for _, r := range t.gone {
				st.one(r)
			}
		}
	}
	t.rows = out
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
