package spl

import (
	"context"
	"sync"

	"escutcheon/detection/spl/rx"
)

// Bounds are what a search may take for what it works on. They are counted and
// not timed, so that what comes of them is the same on any machine and in any
// order of events.
type Bounds struct {
	Steps int // of work: a step is about ten nanoseconds
	Bytes int // of rows and of what commands set in them, one after another
}

// The bounds of what runs by itself. Where more would be needed nothing is
// decided (Part.Undecided, Result.Doubt): it is told, and is never the same as
// that nothing matches.
var (
	// EventBounds are those of one event, or of a row that is made by itself,
	// without the commands that may set it aside.
	EventBounds = Bounds{Steps: 2_000_000, Bytes: 64 << 20}
	// AsideBounds are those of the commands that may set one row aside: a filter.
	AsideBounds = Bounds{Steps: 500_000, Bytes: 16 << 20}
	// RowsBounds are those of all rows of a window, or of all time, that are made
	// together; each group adds GroupBounds.
	RowsBounds  = Bounds{Steps: 50_000_000, Bytes: 256 << 20}
	GroupBounds = Bounds{Steps: 2_000, Bytes: 8 << 10}
)

// with adds what n times others come to.
func (b Bounds) with(n int, o Bounds) Bounds { return Bounds{b.Steps + n*o.Steps, b.Bytes + n*o.Bytes} }

// Meter counts what a run takes of its bounds. One goroutine uses it at a time.
// The commands spend of the meter of the rows that they work on; when it is over
// they need not do anything sensible, only end soon.
type Meter struct {
	given   Bounds
	steps   rx.Budget
	bytes   int
	ctx     context.Context
	unasked int // steps since ctx was asked last
	stopped bool
}

// NewMeter is a meter within bounds, that is over, too, when ctx is done.
func NewMeter(ctx context.Context, b Bounds) *Meter {
	m := newMeter(ctx, b)
	return &m
}

func newMeter(ctx context.Context, b Bounds) Meter {
	return Meter{given: b, steps: rx.NewBudget(b.Steps), bytes: b.Bytes, ctx: ctx}
}

// meters are for events, whose rows are gone when they are put back.
var meters = sync.Pool{New: func() any { return new(Meter) }}

// What things cost, in steps.
const (
	stepCost   = 10 // a command on a row, or an expression on a value of a list
	bytesCost  = 64 // so many bytes of text
	valuesCost = 4  // so many values of a list
	askEvery   = 1 << 16
)

// Spend takes steps, and says whether there is any more to be had.
func (m *Meter) Spend(steps int) bool {
	if m.unasked += steps; m.unasked >= askEvery {
		m.unasked = 0
		m.stopped = m.stopped || m.ctx.Err() != nil
	}
	return m.steps.Spend(steps) && !m.stopped
}

// hold takes memory, and the steps that filling it takes.
func (m *Meter) hold(bytes int) bool {
	m.bytes -= bytes
	return m.Spend(bytes/bytesCost) && m.bytes >= 0
}

// Over says that more was asked for than there is: what was made is not to be
// used.
func (m *Meter) Over() bool { return m.steps.Over() || m.bytes < 0 || m.stopped }

// Err is why the meter was stopped; nil where it was not. A meter that is over
// without an error has found that what it was asked cannot be decided.
func (m *Meter) Err() error {
	if m.stopped {
		return context.Cause(m.ctx)
	}
	return nil
}

// taken are the steps that were spent; none where there is no meter.
func (m *Meter) taken() int {
	if m == nil {
		return 0
	}
	return m.given.Steps - m.steps.Left()
}

// part is a meter for a part of the work, within bounds and what is left.
func (m *Meter) part(b Bounds) *Meter {
	return NewMeter(m.ctx, Bounds{min(b.Steps, m.steps.Left()), min(b.Bytes, max(m.bytes, 0))})
}

// spent takes what a part took.
func (m *Meter) spent(part *Meter) {
	m.stopped = m.stopped || part.stopped
	m.steps.Spend(part.taken())
	m.bytes -= part.given.Bytes - max(part.bytes, 0)
}

// within is the meter of a row; a row that comes alone gets one.
func (r *rec) within() *Meter {
	if r.meter == nil {
		r.meter = NewMeter(context.Background(), EventBounds)
	}
	return r.meter
}

// over says that there is nothing left for the row.
func (r *rec) over() bool { return r.meter != nil && r.meter.Over() }

// matches says whether an expression matches a text, as far as the row's meter
// goes.
func (r *rec) matches(re *rx.Regexp) func(string) bool {
	m := r.within()
	return func(s string) bool { return !m.Over() && re.Match(s, &m.steps) }
}
