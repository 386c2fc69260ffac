package search

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"escutcheon/detection/spl"
	"escutcheon/event"
	"escutcheon/eventstore"
	"escutcheon/eventstore/block"
)

// terms runs a search that is nothing but terms for the page: all events that meet
// them are counted, and only those are made that the page shows: the newest, and
// those whose fields are counted.
func (job *Job) terms(ctx context.Context) (*spl.Answer, error) {
	s := job.Search
	bounds := s.engine.Bounds.orDefault()
	late := fmt.Errorf("the search was stopped after %s", bounds.Time)
	ctx, cancel := context.WithTimeoutCause(ctx, bounds.Time, late)
	defer cancel()
	scan := s.query.Scans()[0]
	scan.Earliest, scan.Latest = s.query.Range(scan, spl.Options{Earliest: job.Range.Earliest,
		Latest: job.Range.Latest, Now: s.now})
	scan.AnyOrder = true
	answer := &spl.Answer{Columns: s.Columns(), Complete: true}
	src := &source{e: s.engine, p: &job.Progress, most: bounds.Bytes / 2}
	_, err := src.apart(ctx, &scan, func(e spl.Event) bool {
		job.mu.Lock()
		defer job.mu.Unlock()
		job.list.add(spl.Found{Event: e})
		return true
	})
	if err == nil && scan.AsksIndex("") {
		err = job.counted(ctx, src, &scan)
	}
	answer.Complete = err == nil
	src.damage.tell(answer)
	if ctx.Err() != nil {
		answer.Complete = false
		if context.Cause(ctx) == late {
			err = nil
			answer.Messages = append(answer.Messages, spl.Message{Level: "warn", Text: late.Error() +
				": what was found by then is shown. Narrow the time, or name a channel, a code or a host."})
		}
	}
	return answer, err
}

// counted counts the stored events that a scan is about.
func (job *Job) counted(ctx context.Context, src *source, scan *spl.Scan) error {
	a, err := src.e.ask(ctx, scan)
	if err != nil {
		return err
	}
	a.query.Progress, a.query.Damaged = src.told, src.damage.of
	l := &looker{source: src, ctx: ctx, asked: a, scan: scan, varied: map[int64]bool{}}
	q := a.query
	q.Originals, q.Brief, q.Newest, q.Columns = true, true, true, kindColumns|block.SecondColumn|block.NanosColumn
	var wants atomic.Pointer[wanted] // of the events that the page shows
	var sampled atomic.Int64
	any := wanted{noClock, math.MaxInt64, noClock}
	wants.Store(&any)
	all := anyEvent(spl.And(scan.First))
	return l.e.Store.Scan(ctx, q, func(c *eventstore.Chunk) (func() error, error) {
		var kept []Event
		var clocks []int64
		if all {
			n := len(c.Rows)
			clocks = passOver(c, scan, *wants.Load(), sampled.Load() >= mostSampled)
			job.Progress.Looked.Add(int64(n - len(c.Rows)))
		}
		err := l.chunk(c, nil, func(r *row) error {
			at := clock(Event{r.e, r.number})
			if sampled.Load() >= mostSampled && wants.Load().passes(at) {
				clocks = append(clocks, at)
				return nil
			}
			sampled.Add(1)
			e, err := r.keep()
			kept = append(kept, Event{e, r.number})
			return err
		})
		return func() error {
			job.mu.Lock()
			defer job.mu.Unlock()
			for _, e := range kept {
				job.list.add(spl.Found{Event: e})
			}
			for _, at := range clocks {
				job.list.more(at)
			}
			now := job.list.wants()
			wants.Store(&now)
			return nil
		}, err
	})
}

// anyEvent says whether a condition is met by each event.
func anyEvent(x spl.Expr) bool {
	switch x := x.(type) {
	case spl.And:
		return !slices.ContainsFunc(x, func(y spl.Expr) bool { return !anyEvent(y) })
	case *spl.Term:
		return x.Text != "" && strings.Trim(x.Text, "*") == ""
	}
	return false
}

// passOver takes out of a chunk the events that cannot be among those that are shown,
// and gives their times: all that counts of them.
func passOver(c *eventstore.Chunk, scan *spl.Scan, wants wanted, enough bool) (clocks []int64) {
	if !enough || len(c.Varied) > 0 {
		return nil
	}
	var e event.Event
	c.Rows = slices.DeleteFunc(c.Rows, func(at int32) bool {
		e.HasTime = c.Columns.Second[at] != event.NoSecond
		e.Nanos = c.Columns.Second[at]*int64(time.Second) + c.Columns.Nanos[at]
		old := e.HasTime && wants.passes(e.Nanos)
		if old && scan.InTime(&e) {
			clocks = append(clocks, e.Nanos)
		}
		return old
	})
	return clocks
}

// more counts an event that is not kept.
func (l *listing) more(at int64) {
	l.total++
	if l.window.Side != Newest && at > l.window.At.Nanos {
		l.before++
	}
	if at != noClock {
		l.count(at)
	}
}
