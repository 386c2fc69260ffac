package spl

import (
	"context"
	"sync"
)

// FeedSteps is Feed, and says how many steps of work it took. An event at which the
// plan panics is Undecided.
func (p *Plan) FeedSteps(e Event, dst []Part) (out []Part, steps int) {
	from := len(dst)
	defer func() {
		if v := recover(); v != nil {
			p.Failed(v, eventAt(e))
			out = append(dst[:from], undecidedPart(e))
		}
	}()
	if p.whole != nil || p.model == nil && !p.filter.match(e) {
		return dst, 0
	}
	f := feedings.Get().(*feeding)
	defer f.free()
	f.plan, f.dst, f.most = p, dst, from+maxParts
	p.show(e, f.show)
	return f.dst, f.steps
}

// feeding is what FeedSteps does with one event.
type feeding struct {
	plan  *Plan
	dst   []Part
	most  int // parts that there may be
	steps int

	show func(Event) bool // of this feeding, made once
	emit func(*rec) bool
}

var feedings = sync.Pool{New: func() any {
	f := new(feeding)
	f.show, f.emit = f.feed, f.row
	return f
}}

// free gives the memory back, but for what was made.
func (f *feeding) free() {
	f.plan, f.dst, f.steps = nil, nil, 0
	feedings.Put(f)
}

// feed takes the event as the plan's commands see it.
func (f *feeding) feed(e Event) bool {
	p := f.plan
	if p.model != nil && !p.filter.match(e) {
		return true
	}
	before := len(f.dst)
	within, took := p.stream1(e, f.emit)
	if f.steps = took; !within {
		f.dst = append(f.dst[:before], undecidedPart(e))
	}
	f.dst = f.dst[:min(len(f.dst), f.most)]
	return true
}

func (f *feeding) row(r *rec) bool {
	f.dst = f.plan.parts(r, f.dst)
	return len(f.dst) < f.most && !r.over()
}

// stream1 runs the commands after the first search commands. emit takes the
// rows that come out until it says false. It says whether the event took no more
// than it may, and how much that was.
func (p *Plan) stream1(e Event, emit func(*rec) bool) (within bool, steps int) {
	r := newRec()
	r.e = e
	m := meters.Get().(*Meter)
	*m = newMeter(context.Background(), EventBounds)
	r.meter = m
	if len(p.before) == 0 {
		emit(r)
	} else {
		p.steps(p.before, r, emit)
	}
	within, steps = !m.Over(), m.taken()
	r.free()
	meters.Put(m)
	return within, steps
}
