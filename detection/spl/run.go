package spl

import (
	"cmp"
	"context"
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

// Doubt says what took more than it may, so that a row is not decided.
type Doubt int

const (
	// Decided rows are what their Verdict says.
	Decided Doubt = iota
	// AsideDoubt: the commands of a macro that is Aside. The row is Kept, as if
	// they had left it.
	AsideDoubt
	// SearchDoubt: the search itself. The row is Dropped, and nobody knows.
	SearchDoubt
	// Pending: nothing yet. Who has rows made left this one, or what may set it
	// aside, for later.
	Pending
	// CutDoubt: of a run over a window some is missing, for a subsearch came to its
	// limit, or rows took more than they may. What was found is decided.
	CutDoubt
)

func (d Doubt) String() string {
	return [...]string{"decided", "not decided by what sets aside", "not decided by the search", "pending",
		"decided in part"}[d]
}

// Work is what rows are made for: how much they may take together is for who
// makes them to say, who looks at Steps between two rows.
type Work struct {
	Context context.Context // nil is never done
	Steps   int             // that were taken
	// Plain leaves out the commands that may set a row aside: rows are Kept, and
	// Pending where there are any.
	Plain bool
}

// err is why nobody waits for it any more.
func (w *Work) err() error {
	if w.Context == nil {
		return nil
	}
	return w.Context.Err()
}

func (w *Work) meter(b Bounds) *Meter {
	if w.Context == nil {
		return NewMeter(context.Background(), b)
	}
	return NewMeter(w.Context, b)
}

func (w *Work) took(meters ...*Meter) {
	for _, m := range meters {
		if m != nil {
			w.Steps += m.given.Steps - m.steps.Left()
		}
	}
}

// Row makes the finished row of a key and its state, its fields in the order
// of Columns. It is for plans that are Local; of another it is the first row
// that there would be without other keys.
//
// A row that is set aside is returned as it stood before the macro that did so,
// so that it can be shown; commands after the macro have worked on it too. A
// dropped row is nil.
func (p *Plan) Row(key []string, s *State) (Row, Verdict) {
	r := p.Result(key, s)
	return r.Row, r.Verdict
}

// Result is Row with all that is known of the row, also whether it is decided.
func (p *Plan) Result(key []string, s *State) Result {
	out, _ := p.ResultOf(&Work{}, key, s) // which nobody interrupts
	return out
}

// ResultOf is Result as a part of work. The error is that of its context.
func (p *Plan) ResultOf(w *Work, key []string, s *State) (Result, error) {
	if p.local {
		return p.localResult(w, key, s)
	}
	all, err := p.RowsOf(w, []Group{{key, s}})
	if len(all) > 0 {
		return all[0], err
	}
	return Result{Key: key, State: s, Verdict: Dropped}, err
}

// localResult is the row of a plan that is Local.
func (p *Plan) localResult(w *Work, key []string, s *State) (out Result, err error) {
	defer func() {
		if v := recover(); v != nil {
			p.Failed(v, keyAt(key))
			out, err = Result{Key: key, State: s, Verdict: Dropped, Doubt: SearchDoubt}, nil
		}
	}()
	out = Result{Key: key, State: s, Verdict: Dropped}
	own, filter := w.meter(EventBounds), w.meter(AsideBounds)
	r := p.start(key, s)
	stays := p.finish(r, own, filter, w.Plain)
	w.took(own, filter)
	out.Doubt = r.doubt
	switch {
	case own.stopped || filter.stopped:
		return out, cmp.Or(own.Err(), filter.Err())
	case !stays || r.doubt == SearchDoubt:
	case r.gone:
		out.Row, out.Verdict = r.row(p.columns), Aside
	default:
		out.Row, out.Verdict = r.row(p.columns), Kept
	}
	return out, nil
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
// it was set aside, doubt that something took more than it may, or was left out.
func (p *Plan) finish(r *rec, own, filter *Meter, plain bool) bool {
	var before []cell // as it stood before the macro's first command
	for i := range p.after {
		st := &p.after[i]
		if st.from.Aside {
			if i == 0 || !p.after[i-1].from.Aside {
				if before = r.cells; !p.asideKeeps {
					before = slices.Clone(r.cells)
				}
			}
			if r.meter = filter; plain {
				r.doubt = Pending
			}
			p.screen(r, st, before)
			continue
		}
		r.meter = own
		stays := st.one(r)
		if own.Over() {
			r.doubt = SearchDoubt
		}
		if !stays && !r.gone || own.Over() {
			return false
		}
	}
	return true
}

// screen runs a command that may set a row aside.
func (p *Plan) screen(r *rec, st *step, before []cell) {
	if r.gone || r.doubt != Decided {
		return
	}
	defer func() {
		if v := recover(); v != nil {
			p.Failed(v, keyAt(r.key))
			r.cells, r.doubt = before, AsideDoubt
		}
	}()
	stays := st.one(r)
	switch {
	case r.meter.Over():
		r.cells, r.doubt = before, AsideDoubt
	case !stays:
		r.cells, r.gone = before, true
	}
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
	Doubt   Doubt
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
	// Undecided is how many events took more than they may, and are in no row.
	Undecided int
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
		if parts[0].Undecided() {
			out.Undecided++
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
