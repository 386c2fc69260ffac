package spl

import (
	"iter"
	"slices"
	"strings"
)

// Verdict says what became of a row after the aggregation.
type Verdict int

const (
	// Kept rows are results.
	Kept Verdict = iota
	// Dropped rows were removed by a command of the search itself.
	Dropped
	// Suppressed rows were removed inside the rule's _filter macro.
	Suppressed
)

func (v Verdict) String() string {
	return [...]string{"kept", "dropped", "suppressed"}[v]
}

// Row makes the finished row of a key and its state, its fields in the order
// of Columns.
//
// A suppressed row is returned as it stood before the filter, so that it can
// be shown; commands after the filter have worked on it too. A dropped row is
// nil.
func (p *Plan) Row(key []string, s *State) (Row, Verdict) {
	row, verdict := p.raw(key, s), Kept
	var before Row // as it stood before the filter's first command
	for i, st := range p.steps {
		if st.inFilter && (i == 0 || !p.steps[i-1].inFilter) {
			before = slices.Clone(row)
		}
		if st.inFilter && verdict == Suppressed {
			continue
		}
		next, keep := st.apply(row)
		switch {
		case keep:
			row = next
		case st.inFilter:
			row, verdict = before, Suppressed
		default:
			return nil, Dropped
		}
	}
	return p.order(row), verdict
}

// raw is the row as stats leaves it.
func (p *Plan) raw(key []string, s *State) Row {
	row := make(Row, 0, len(p.columns)+1)
	for i, name := range p.stats.By {
		row = append(row, Field{name, key[i]})
	}
	k := 0
	for _, a := range p.stats.Aggs {
		if v, ok := s.value(a, &k); ok {
			row = append(row, Field{a.As, v})
		}
	}
	return row
}

func (p *Plan) order(row Row) Row {
	out := make(Row, 0, len(row))
	for _, name := range p.columns {
		if v, ok := row.Get(name); ok {
			out = append(out, Field{name, v})
		}
	}
	return out
}

// Result is one row of Run with what it was made from.
type Result struct {
	Key     []string
	State   *State
	Row     Row
	Verdict Verdict
}

// Output is what Run returns.
type Output struct {
	// Rows are the rows that were not dropped, sorted by the bytes of their
	// keys.
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
	states := map[string]*Result{}
	for e := range events {
		if !p.Matches(e) {
			continue
		}
		out.Matched++
		key, missing := p.Key(e)
		if missing != nil {
			out.Incomplete++
			for _, f := range missing {
				out.Missing[f]++
			}
			continue
		}
		id := KeyText(key)
		r, ok := states[id]
		if !ok {
			r = &Result{Key: key, State: p.New()}
			states[id] = r
		}
		r.State.Add(e)
	}
	for _, r := range states {
		if r.Row, r.Verdict = p.Row(r.Key, r.State); r.Verdict != Dropped {
			out.Rows = append(out.Rows, *r)
		}
	}
	slices.SortFunc(out.Rows, func(a, b Result) int { return slices.Compare(a.Key, b.Key) })
	return out
}

// KeyText is a key as one string, different for different keys of a plan.
func KeyText(key []string) string {
	var b strings.Builder
	for _, v := range key {
		b.WriteString(strings.ReplaceAll(strings.ReplaceAll(v, "\x01", "\x01\x02"), "\x00", "\x01\x03"))
		b.WriteByte(0)
	}
	return b.String()
}
