package spl

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// flow is where rows go: one command after the other, and what takes them at the
// end.
type flow interface {
	// push takes a row, which is the flow's then, and says whether it wants more.
	push(*rec) bool
	// end says that there are no more.
	end()
}

// eachFlow works on rows one by one.
type eachFlow struct {
	x     *exec
	st    *step
	next  flow
	aside bool // what it removes is set aside
	opens bool // the command before it does not set aside
}

func (f *eachFlow) push(r *rec) bool {
	switch {
	case f.x.dead():
		return false
	case f.st.make != nil: // it made the row
		return f.next.push(r)
	case r.gone:
		if !f.aside && f.st.one != nil {
			f.st.one(r)
		}
		return f.next.push(r)
	case f.opens:
		r.kept = slices.Clone(r.cells)
	}
	if f.st.many != nil {
		more := true
		f.st.many(r, func(c *rec) bool {
			more = !c.over() && f.next.push(c)
			return more
		})
		if r.over() {
			return f.undecided()
		}
		return more
	}
	stays := f.st.one(r)
	if r.over() {
		return f.undecided()
	}
	if stays {
		return f.next.push(r)
	}
	if f.aside {
		return f.next.push(setAside(r))
	}
	return true
}

func (f *eachFlow) end() { f.next.end() }

// undecided leaves out a row that takes more than it may, and goes on.
func (f *eachFlow) undecided() bool {
	f.x.cut(f.st.from.Pos, "some rows take more than they may: they are not decided")
	return !f.x.stopped()
}

func setAside(r *rec) *rec {
	r.cells, r.gone = r.kept, true
	return r
}

// heldFlow holds all rows before it works on them.
type heldFlow struct {
	x     *exec
	next  flow
	stage *stage
	rows  []*rec
	like  *digested // instead of rows
	aside bool
	opens bool
}

func (f *heldFlow) push(r *rec) bool {
	if r.gone {
		return f.next.push(r)
	}
	if f.opens {
		r.kept = slices.Clone(r.cells)
	}
	if d := f.stage.step.digest; d != nil && !f.aside && !f.stage.late {
		if f.like == nil {
			f.like = newDigested(d)
		}
		before := f.like.rows
		held, anew := f.like.push(r)
		if anew {
			f.x.release(slices.Collect(maps.Values(before)))
			for _, o := range f.like.rows {
				f.x.hold(o)
			}
		} else if held != nil && !f.x.hold(held) {
			f.x.full(f.stage.cmd)
			return false
		}
		return !f.x.dead()
	}
	f.rows = append(f.rows, r)
	if !f.x.hold(r) {
		f.x.full(f.stage.cmd)
		return false
	}
	return f.stage.step.most == 0 || len(f.rows) < f.stage.step.most
}

// full says that no more rows can be held.
func (x *exec) full(c Command) {
	o := c.From()
	x.answer.Full = true
	x.cut(o.Pos, "the command %s had to hold more than %d rows or %d MiB: it worked on the first ones alone",
		o.Name, x.opt.Limits.Rows, x.opt.Limits.Bytes>>20)
}

// all runs a command that needs all rows; where it takes more than it may there
// are none.
func (f *heldFlow) all(st *step, rows []*rec) []*rec {
	m := NewMeter(f.x.ctx, RowsBounds.with(len(rows), GroupBounds))
	for _, r := range rows {
		r.meter = m
	}
	out := st.all(slices.Clone(rows))
	if m.Over() {
		f.x.cut(st.from.Pos, "the rows take more than they may: nothing is decided")
		return nil
	}
	for _, r := range out {
		r.meter = nil // from here on each has its own
	}
	return out
}

func (f *heldFlow) end() {
	rows := f.rows
	if f.like != nil {
		rows = f.like.list()
	}
	f.rows, f.like = nil, nil
	f.x.release(rows)
	st := &f.stage.step
	if f.stage.late {
		made, err := f.x.late1(f.stage, rows)
		if err != nil {
			f.x.fail(err)
			return
		}
		st = &made
	}
	var out []*rec
	switch {
	case st.wide != nil:
		out = st.wide(f.x, rows)
	case st.all != nil:
		out = f.all(st, rows)
	default:
		out = st.eachOf(rows)
	}
	if f.aside && st.chooses {
		stays := map[*rec]bool{}
		for _, r := range out {
			stays[r] = true
		}
		for _, r := range rows {
			if !stays[r] {
				f.next.push(setAside(r))
			}
		}
	}
	for _, r := range out {
		if !f.next.push(r) || f.x.dead() {
			break
		}
	}
	f.next.end()
}

// eachOf works on rows one by one.
func (s *step) eachOf(rows []*rec) (out []*rec) {
	for _, r := range rows {
		if s.many != nil {
			s.many(r, func(c *rec) bool {
				out = append(out, c)
				return len(out) < maxRows
			})
			continue
		}
		if s.one(r) {
			out = append(out, r)
		}
	}
	return out
}

// late1 compiles a command for the rows that it gets.
func (x *exec) late1(st *stage, rows []*rec) (step, error) {
	c := &compiler{env: x.q.env, src: x.q.src, whole: true, nested: st.subs}
	made, _, err := c.step(st.cmd, shapeOf(rows))
	if err != nil {
		return step{}, err
	}
	return made, nil
}

// shapeOf are the columns that rows have, in the order in which they come up.
func shapeOf(rows []*rec) shape {
	var out shape
	seen := map[string]bool{}
	for _, r := range rows {
		for name := range r.names() {
			if !seen[name] {
				seen[name] = true
				out.names = append(out.names, name)
			}
		}
	}
	return out
}

// newestFirst is the order in which Splunk's searches see events. Those of one
// time are told apart by what they hold, so that it does not matter in which
// order they come.
func newestFirst(rows []*rec) []*rec {
	slices.SortStableFunc(rows, func(a, b *rec) int {
		if c := newer(a, b); c != 0 {
			return c
		}
		return compareRecs(a, b)
	})
	return rows
}

func newer(a, b *rec) int { return cmp.Compare(b.clock, a.clock) }

func compareRecs(a, b *rec) int {
	if c := slices.CompareFunc(a.cells, b.cells, func(x, y cell) int {
		return cmp.Or(strings.Compare(x.name, y.name), strings.Compare(x.v.Text(), y.v.Text()))
	}); c != 0 || a.e == nil || b.e == nil || a.shut && b.shut {
		return c
	}
	l, okA := a.e.(Named)
	m, okB := b.e.(Named)
	if !okA || !okB {
		return 0
	}
	return strings.Compare(allOf(l), allOf(m))
}

// allOf is all that an event says of itself.
func allOf(e Named) string {
	var b strings.Builder
	for name := range e.Names {
		v, _ := e.Get(name)
		b.WriteString(name + "=" + v + "\x00")
	}
	raw, _ := e.Get(rawField)
	return b.String() + raw
}

// foldFlow aggregates rows as they come.
type foldFlow struct {
	x      *exec
	stage  *stage
	next   flow
	run    *statsRun
	all    map[string]*tally
	id     []byte
	bytes  int64 // that these hold, about
	pos    int64
	byTime bool // rows come in no order: the newest is the first
}

func newFoldFlow(x *exec, st *stage, next flow, byTime bool) *foldFlow {
	f := st.step.fold
	run := &statsRun{Aggregation: f.Aggregation, aggs: f.aggs, unknown: f.model != nil}
	return &foldFlow{x: x, stage: st, next: next, run: run, all: map[string]*tally{}, byTime: byTime}
}

func (f *foldFlow) push(r *rec) bool {
	if r.gone {
		return f.next.push(r)
	}
	if f.stage.step.asked != nil && !f.stage.step.asked.match(r) {
		return !f.x.dead()
	}
	pos := f.pos
	if f.byTime {
		pos = ^r.clock
	}
	f.pos++
	for _, key := range f.run.keys(r) {
		f.id = AppendKeyText(f.id[:0], key...)
		t := f.all[string(f.id)]
		if t == nil {
			n := int64(len(f.id)) + recSize + cellSize*int64(len(f.run.aggs))
			f.bytes, f.x.bytes = f.bytes+n, f.x.bytes+n
			if len(f.all) >= f.x.opt.Limits.Rows || f.x.bytes > f.x.opt.Limits.Bytes {
				f.x.full(f.stage.cmd)
				return false
			}
			t = f.run.newTally(key)
			f.all[string(f.id)] = t
		}
		f.run.add(t, r, pos)
	}
	return !f.x.dead()
}

func (f *foldFlow) end() {
	if len(f.all) == 0 && len(f.run.By) == 0 { // a count of nothing is 0
		f.all[""] = f.run.newTally(nil)
	}
	rows := make([]*rec, 0, len(f.all))
	for _, t := range f.all {
		r := f.run.row(t)
		if t.rows > 0 || len(r.cells) > 0 && !r.empty() {
			rows = append(rows, r)
		}
	}
	f.x.bytes -= f.bytes
	sortKeys(rows)
	if f.stage.step.after != nil {
		rows = f.stage.step.after(rows)
	}
	for _, r := range rows {
		if !f.next.push(r) {
			break
		}
	}
	f.next.end()
}

// empty says whether all of a row's cells are null.
func (r *rec) empty() bool {
	return !slices.ContainsFunc(r.cells, func(c cell) bool { return !c.v.IsNull() })
}
