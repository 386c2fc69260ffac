package spl

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// exec is one run of a query.
type exec struct {
	q      *Query
	ctx    context.Context
	src    Source
	opt    Options
	answer *Answer
	err    error

	ends  []time.Time // by when the subsearches that run are to be done
	late  bool        // the innermost of them is
	rows  int         // held
	bytes int64
	ticks int
	since time.Time // when the context was seen to have ended
}

// grace is how long what is there is worked on after the context has ended.
const grace = time.Second

// forEver is longer than any run.
const forEver = 24 * time.Hour

func (x *exec) run() {
	to := &collector{x: x}
	x.pipe(x.q.root, nil, to)
	to.finish()
}

// tell adds a message.
func (x *exec) tell(level string, at Pos, text string, a ...any) {
	m := Message{level, fmt.Sprintf(text, a...), at}
	if !slices.Contains(x.answer.Messages, m) && len(x.answer.Messages) < maxMessages {
		x.answer.Messages = append(x.answer.Messages, m)
	}
}

const maxMessages = 100

// cut says that something is missing from the answer.
func (x *exec) cut(at Pos, text string, a ...any) {
	x.answer.Complete = false
	x.tell("warn", at, text, a...)
}

func (x *exec) fail(err error) {
	if x.err == nil {
		x.err = err
	}
}

// stopped says whether no more is to be asked of a source.
func (x *exec) stopped() bool {
	if x.ticks++; x.ticks%64 == 0 || x.ctx.Done() == nil && x.ticks%4096 == 0 {
		x.look()
	}
	return x.err != nil || x.late || !x.since.IsZero()
}

// look looks at the clock and at the context.
func (x *exec) look() {
	if x.ctx.Err() != nil && x.since.IsZero() {
		x.since = time.Now()
	}
	if n := len(x.ends); n > 0 && !x.late && time.Now().After(x.ends[n-1]) {
		x.late = true
	}
}

// dead says whether even what is held is not to be worked on any more.
func (x *exec) dead() bool {
	if x.ticks++; x.ticks%1024 == 0 {
		x.look()
	}
	return x.err != nil || !x.since.IsZero() && time.Since(x.since) > grace
}

// hold counts a row that is held, and says whether there is room for it.
func (x *exec) hold(r *rec) bool {
	if r.shut && r.e != nil {
		r.e = lightened(r.e)
	}
	x.rows++
	x.bytes += sizeOf(r)
	return x.rows <= x.opt.Limits.Rows && x.bytes <= x.opt.Limits.Bytes
}

func (x *exec) release(rows []*rec) {
	for _, r := range rows {
		x.rows--
		x.bytes -= sizeOf(r)
	}
}

// sizes of what is not measured.
const (
	recSize   = 256
	cellSize  = 64
	eventSize = 2048
)

// sizeOf is roughly what a row holds.
func sizeOf(r *rec) int64 {
	n := int64(recSize)
	for i := range r.cells {
		n += cellSize + int64(r.cells[i].v.Size())
	}
	if r.e != nil && !r.shut {
		if s, ok := r.e.(interface{ Size() int }); ok {
			return n + int64(s.Size())
		}
		n += eventSize
	}
	return n
}

// pipe runs a pipeline and sends its rows on.
func (x *exec) pipe(p *pipe, given []*rec, to flow) {
	stages := x.settled(p)
	if stages == nil {
		to.end()
		return
	}
	first, head := x.chain(p, stages, to)
	push := func(r *rec) bool { return first.push(r) && !x.stopped() }
	switch {
	case p.over:
		for _, r := range given {
			if !push(r) {
				break
			}
		}
	case stages[0].step.make != nil:
		stages[0].step.make(x, push)
	case stages[0].alone():
	default:
		x.scan(head, push)
	}
	first.end()
}

// chain puts the flows of some stages one after the other, and says what is to be
// scanned for the first.
func (x *exec) chain(p *pipe, stages []stage, to flow) (flow, Scan) {
	sorted := p.over || stages[0].step.make != nil || stages[0].alone() || x.src.Newest()
	stop := 0 // the first that is not about one row
	for stop < len(stages) && stages[stop].step.streams() && !stages[stop].late {
		stop++
	}
	head := x.head(stages)
	head.Earliest, head.Latest = x.rangeOf(stages)
	if foldsAt(stages, stop) && !p.over {
		sorted, head.AnyOrder = sorted && !x.src.Newest(), x.src.Newest()
		head.Fields = x.q.env.fieldsAt(stages[:stop+1], head)
	}
	if x.opt.AnyOrder && stop == len(stages) && p == x.q.root {
		sorted, head.AnyOrder = true, true
	}
	for i := len(stages) - 1; i >= 0; i-- {
		st := &stages[i]
		next := to
		if i == stop-1 && !sorted && !foldsAt(stages, stop) {
			next = &heldFlow{x: x, next: to, stage: &stage{cmd: st.cmd, step: step{all: newestFirst}}}
		}
		to = x.flow(st, i > 0 && stages[i-1].cmd.From().Aside, next, i == stop && !sorted)
	}
	if stop == 0 && !sorted && !foldsAt(stages, 0) {
		to = &heldFlow{x: x, next: to, stage: &stage{cmd: stages[0].cmd, step: step{all: newestFirst}}}
	}
	return to, head
}

// foldsAt says whether a stage takes rows as they come: whether it aggregates them, or
// holds those that say the same as one.
func foldsAt(stages []stage, i int) bool {
	return i < len(stages) && !stages[i].late && (stages[i].step.fold != nil ||
		stages[i].step.digest != nil && !stages[i].cmd.From().Aside)
}

// head is what the first stages ask of an event.
func (x *exec) head(stages []stage) Scan {
	if s, ok := stages[0].cmd.(scanner); ok {
		scan, _ := s.scan(x.q.env)
		if asks := stages[0].step.asks; asks != nil {
			scan.First = []Expr{asks}
		}
		scan.asked = x.q.env.matcher(And(scan.First))
		return scan
	}
	var scan Scan
	for _, st := range stages {
		if _, ok := st.cmd.(*Search); !ok {
			break
		}
		scan.First = append(scan.First, st.step.asks)
	}
	scan.asked = x.q.env.matcher(And(scan.First))
	return scan
}

// streams says whether a step works on rows one by one.
func (s *step) streams() bool { return s.one != nil || s.many != nil || s.make != nil }

func (x *exec) flow(st *stage, afterAside bool, next flow, byTime bool) flow {
	aside := st.cmd.From().Aside
	opens := aside && !afterAside
	switch {
	case st.late:
	case st.step.fold != nil:
		return newFoldFlow(x, st, next, byTime)
	case st.step.streams():
		return &eachFlow{x: x, st: &st.step, next: next, aside: aside, opens: opens}
	}
	return &heldFlow{x: x, next: next, stage: st, aside: aside, opens: opens}
}

// alone says whether a stage has all of its rows from subsearches.
func (st *stage) alone() bool {
	_, ok := st.cmd.(*Union)
	return ok && st.first
}

// scan asks the source for events and pushes them.
func (x *exec) scan(s Scan, push func(*rec) bool) {
	prefix := ""
	if s.Model != nil && !s.flat {
		prefix = s.Model.Prefix()
	}
	err := x.src.Scan(x.ctx, s, func(e Event) bool {
		x.answer.Scanned += weightOf(e)
		switch {
		case !s.InTime(e) || s.Model != nil && !s.Model.Has(e):
			return !x.stopped()
		case s.Model != nil:
			e = &modelled{e, s.Model, prefix}
		}
		return push(ofEvent(e))
	})
	if err != nil && x.ctx.Err() == nil {
		x.fail(err)
	}
}

// ofEvent is the row that an event is to begin with.
func ofEvent(e Event) *rec {
	n := weightOf(e)
	r := &rec{e: e, weight: n, count: n}
	if t := e.Time(); !t.IsZero() {
		r.clock = t.UnixNano()
		r.first = r.clock
	}
	return r
}

func weightOf(e Event) int64 {
	if w, ok := e.(Weighted); ok {
		return w.Weight()
	}
	return 1
}

// made is a row that no event makes.
func (x *exec) made(cells []cell) *rec {
	r := &rec{shut: true, weight: 1, cells: cells}
	if !x.opt.Latest.IsZero() {
		r.clock = x.opt.Latest.UnixNano() - 1
	}
	return r
}
