package search

import (
	"context"
	"errors"
	"math"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"escutcheon/detection/spl"
	"escutcheon/event"
	"escutcheon/eventstore"
	"escutcheon/eventstore/block"
	"escutcheon/fault"
	"escutcheon/intake"
)

// source gives a query the stored events.
type source struct {
	e    *Engine
	p    *Progress
	most int64 // bytes of events that are put in order

	whole  bool        // events are decoded whole
	missed atomic.Bool // a field was asked for that was not decoded
	full   bool        // events were left out
	damage damage
}

// Newest is true: where the order counts, it is the newest first.
func (s *source) Newest() bool { return true }

// Scan gives each the stored events that a scan is about.
func (s *source) Scan(ctx context.Context, scan spl.Scan, each func(spl.Event) bool) error {
	if more, err := s.apart(ctx, &scan, each); err != nil || !more || !scan.AsksIndex("") {
		return err
	}
	a, err := s.e.ask(ctx, &scan)
	if err != nil {
		return err
	}
	a.query.Progress, a.query.Damaged = s.told, s.damage.of
	l := &looker{source: s, ctx: ctx, asked: a, scan: &scan, varied: map[int64]bool{}}
	switch {
	case scan.AnyOrder && scan.Fields != nil && !s.whole && !slices.Contains(scan.Fields, event.Unnamed):
		return l.slim(each)
	case scan.AnyOrder:
		return l.anyOrder(each)
	}
	return l.inOrder(each)
}

// told tells how far a scan is.
func (s *source) told(done, of int) {
	if s.p != nil {
		s.p.Done.Store(int64(done))
		s.p.Of.Store(int64(of))
	}
}

// looker looks at the events of one scan.
type looker struct {
	*source
	ctx   context.Context
	asked *asked
	scan  *spl.Scan

	mu     sync.Mutex
	varied map[int64]bool // events with several originals that were looked at
}

// row is an event of a chunk that a scan is about.
type row struct {
	e      *event.Event // the looker's own, until the next
	number int64
	keep   func() (*event.Event, error) // makes it one that lasts
}

// politeRows is after how many rows, a millisecond or two, a scan lets others go first
// that wait for a processor: a page, or an import, which gives its own way later.
const politeRows = 64

// chunk calls look with each event of a chunk that meets the conditions. of, unless
// nil, decodes less than all of a record.
func (l *looker) chunk(c *eventstore.Chunk, of func(*event.Event, intake.Reading, string) error,
	look func(*row) error) error {
	var r row
	scratch := &event.Event{}
	if l.p != nil {
		l.p.Looked.Add(int64(len(c.Rows)))
	}
	for n, at := range c.Rows {
		if n%politeRows == 0 {
			runtime.Gosched()
			if l.ctx.Err() != nil {
				return l.ctx.Err()
			}
		}
		if !c.Loose && !l.asked.kinds.has(c.Names.Channel(c.Columns.Channel[at]), c.Columns.Code[at]) {
			continue
		}
		if r.number = c.Number(at); slices.Contains(c.Varied, at) {
			e, err := l.several(r.number)
			if err != nil {
				return err
			}
			if e == nil {
				continue
			}
			r.e, r.keep = e, func() (*event.Event, error) { return e, nil }
		} else {
			offset, raw := c.Originals.Record(int(at))
			decode := func(e *event.Event, raw string) error {
				return l.e.Decoder.Redecode(e, intake.Sighting{Offset: offset, Record: r.number, Raw: raw, Reading: c.Reading})
			}
			var err error
			if of != nil {
				err = of(scratch, c.Reading, raw)
			} else {
				err = decode(scratch, raw)
			}
			if err != nil {
				return err
			}
			r.e, r.keep = scratch, func() (*event.Event, error) { // the chunk's memory is used again
				e := &event.Event{Fields: make([]event.Field, 0, len(scratch.Fields))}
				return e, decode(e, strings.Clone(raw))
			}
		}
		if !l.scan.InTime(r.e) || !l.scan.Concerns(r.e) {
			continue
		}
		if err := look(&r); err != nil {
			return err
		}
	}
	return nil
}

// several is an event with several originals, once; nil when it was looked at, or is
// not there any more.
func (l *looker) several(number int64) (*event.Event, error) {
	l.mu.Lock()
	done := l.varied[number]
	l.varied[number] = true
	l.mu.Unlock()
	if done {
		return nil, nil
	}
	seen, err := l.e.Store.Sightings(l.ctx, number)
	var f *fault.Error
	switch {
	case errors.As(err, &f) && f.Code == fault.NotFound, err == nil && len(seen) == 0:
		return nil, nil
	case errors.Is(err, block.ErrDamaged):
		l.damage.of(number, 1)
		return nil, nil
	case err != nil:
		return nil, err
	}
	e, err := l.e.Decoder.Merge(seen)
	return &e, err
}

// kindColumns are those that tell an event's kind.
const kindColumns = block.CodeColumn | block.ChannelColumn

// Event is an event of the store, as rows have it.
type Event struct {
	*event.Event
	Number int64 // of the store
}

// Light is what a row of a table keeps of the event that it was.
func (e Event) Light() spl.Event { return trace{e.Number, e.Time()} }

// trace is an event of which nothing is asked any more.
type trace struct {
	number int64
	at     time.Time
}

// Get returns nothing.
func (trace) Get(string) (string, bool) { return "", false }

// Time is the event's.
func (t trace) Time() time.Time { return t.at }

// anyOrder gives events as they come, those of newer blocks first.
func (l *looker) anyOrder(each func(spl.Event) bool) error {
	q := l.asked.query
	q.Originals, q.Brief, q.Newest, q.Columns = true, true, true, kindColumns
	return l.e.Store.Scan(l.ctx, q, func(c *eventstore.Chunk) (func() error, error) {
		var found []Event
		err := l.chunk(c, nil, func(r *row) error {
			e, err := r.keep()
			found = append(found, Event{e, r.number})
			return err
		})
		return func() error { return give(found, each) }, err
	})
}

func give(found []Event, each func(spl.Event) bool) error {
	for _, e := range found {
		if !each(e) {
			return eventstore.ErrStop
		}
	}
	return nil
}

// seconds are the bounds of a range in whole seconds, both included.
func seconds(earliest, latest time.Time) (from, to *int64) {
	if !earliest.IsZero() {
		n := event.FloorSecond(nanosOf(earliest))
		from = &n
	}
	if !latest.IsZero() {
		n := event.FloorSecond(nanosOf(latest) - 1)
		to = &n
	}
	return from, to
}

// nanosOf is a time in nanoseconds since 1970, within what they can tell.
func nanosOf(t time.Time) int64 {
	switch s := t.Unix(); {
	case s <= math.MinInt64/int64(time.Second)+1:
		return math.MinInt64 + int64(time.Second)
	case s >= math.MaxInt64/int64(time.Second)-1:
		return math.MaxInt64 - int64(time.Second)
	}
	return t.UnixNano()
}
