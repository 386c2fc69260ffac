package spl

import (
	"iter"
	"slices"
	"strings"

	"escutcheon/detection/spl/value"
)

// Verdict says what became of a row after the aggregation.
type Verdict int

const (
	// Kept rows are results.
	Kept Verdict = iota
	// Dropped rows were removed by a command of the search itself.
	Dropped
	// Aside rows were removed by a command of a macro that is Aside.
	Aside
)

func (v Verdict) String() string {
	return [...]string{"kept", "dropped", "aside"}[v]
}

// Row makes the finished row of a key and its state, its fields in the order
// of Columns. It is for plans that are Local; of another it is the first row
// that there would be without other keys.
//
// A row that is set aside is returned as it stood before the macro that did so,
// so that it can be shown; commands after the macro have worked on it too. A
// dropped row is nil.
func (p *Plan) Row(key []string, s *State) (Row, Verdict) {
	if !p.local {
		if all := p.Rows([]Group{{key, s}}); len(all) > 0 {
			return all[0].Row, all[0].Verdict
		}
		return nil, Dropped
	}
	r := p.start(key, s)
	if !p.finish(r) {
		return nil, Dropped
	}
	if r.gone {
		return r.row(p.columns), Aside
	}
	return r.row(p.columns), Kept
}

// start is the row as the aggregation leaves it.
func (p *Plan) start(key []string, s *State) *rec {
	r := &rec{shut: true, key: key, weight: 1, clock: s.last, cells: make([]cell, 0, len(p.by)+len(p.aggs)+4)}
	p.keyCells(r)
	if p.plain {
		r.weight = s.count
	}
	for _, a := range p.aggs {
		if v := s.value(a); !v.IsNull() {
			r.cells = append(r.cells, cell{a.As, v})
		}
	}
	return r
}

// keyCells gives a row the cells of its key.
func (p *Plan) keyCells(r *rec) {
	for i, name := range p.by {
		switch {
		case i >= len(r.key):
		case p.plain:
			r.cells = append(r.cells, cell{name, valueOfKey(r.key[i])})
		default:
			r.cells = append(r.cells, cell{name, value.Whole(r.key[i])})
		}
	}
}

// finish runs a local tail on a row and says whether it stays; gone says that
// it was set aside.
func (p *Plan) finish(r *rec) bool {
	var before []cell // as it stood before the macro's first command
	for i := range p.after {
		st := &p.after[i]
		aside := st.from.Aside
		if aside && (i == 0 || !p.after[i-1].from.Aside) {
			if before = r.cells; !p.asideKeeps {
				before = slices.Clone(r.cells)
			}
		}
		if aside && r.gone {
			continue
		}
		if st.one(r) {
			continue
		}
		if !aside && !r.gone {
			return false
		}
		if aside {
			r.cells, r.gone = before, true
		}
	}
	return true
}

// Result is one row with what it was made from.
type Result struct {
	// Key is the row's identity among the rows of the plan.
	Key []string
	// State is that of the row's events. When they are of several groups
	// (Rows), it has their count and times, and no aggregates.
	State   *State
	Row     Row
	Verdict Verdict
	// Groups are the groups that the row is made of, by their position in what
	// Rows was given; nil where it was not asked.
	Groups []int
}

// Output is what Run returns.
type Output struct {
	// Rows are the rows that were not dropped, sorted by the bytes of their
	// keys or, in a plan that is not Local, as the search orders them.
	Rows []Result
	// Matched is how many events passed the search terms.
	Matched int
	// Incomplete is how many of these are in no row because they lack a BY
	// field or a time; Missing counts them by what they lack.
	Incomplete int
	Missing    map[string]int
}

// Run runs the search over all events at once. It is the reference for what a
// plan means; imports add to stored states instead. Where no event matches
// there is no row, also without BY.
func (p *Plan) Run(events iter.Seq[Event]) Output {
	out := Output{Missing: map[string]int{}}
	states := map[string]*Group{}
	var parts []Part
	for e := range events {
		parts = p.Feed(e, parts[:0])
		if len(parts) == 0 {
			continue
		}
		out.Matched++
		if parts[0].Missing != nil {
			out.Incomplete++
			for _, f := range parts[0].Missing {
				out.Missing[f]++
			}
		}
		for i := range parts {
			if parts[i].Missing != nil || parts[i].Idle {
				continue
			}
			id := KeyText(parts[i].Key)
			g := states[id]
			if g == nil {
				g = &Group{parts[i].Key, p.New()}
				states[id] = g
			}
			g.State.add(&parts[i])
		}
	}
	groups := make([]Group, 0, len(states))
	for _, g := range states {
		groups = append(groups, *g)
	}
	out.Rows = p.Rows(groups)
	return out
}

// KeyText is a key as one string, different for different keys of a plan.
func KeyText(key []string) string { return string(AppendKeyText(nil, key...)) }

// AppendKeyText appends the KeyText of some values; that of a key is those of its
// parts, one after the other.
func AppendKeyText(dst []byte, key ...string) []byte {
	for _, v := range key {
		if strings.IndexByte(v, 0) >= 0 || strings.IndexByte(v, 1) >= 0 {
			v = strings.ReplaceAll(strings.ReplaceAll(v, "\x01", "\x01\x02"), "\x00", "\x01\x03")
		}
		dst = append(append(dst, v...), 0)
	}
	return dst
}
