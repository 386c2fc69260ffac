package search

import (
	"context"
	"fmt"
	"sync/atomic"

	"escutcheon/detection/requests"
	"escutcheon/fault"
)

// Look is a look at the requests of a host that runs in the background, or has run.
type Look struct {
	running
	Page  string       // the address of the page that shows it
	Found atomic.Int64 // requests, so far

	of     RequestsOf
	answer RequestsBeside // where it has ended
	err    error
}

// StartRequests starts a look at requests, which a page shows.
func (j *Jobs) StartRequests(of RequestsOf, page string) (*Look, error) {
	l := &Look{Page: page, of: of}
	ctx, err := l.begin(context.Background())
	if err != nil {
		return nil, err
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if err := j.room(tidied(j.asides, j.turns.waiting() > 0)); err != nil {
		l.stop()
		return nil, err
	}
	j.asides[l.ID] = l
	l.place, l.turns = j.turns.enter(), j.turns
	j.all.Go(func() { j.look(ctx, l) })
	return l, nil
}

// Look finds one; nil when it is not known any more.
func (j *Jobs) Look(id string) *Look {
	j.mu.Lock()
	defer j.mu.Unlock()
	l := j.asides[id]
	if l != nil {
		l.look()
	}
	_ = tidied(j.asides, j.turns.waiting() > 0) // nothing new begins
	return l
}

func (j *Jobs) look(ctx context.Context, l *Look) {
	defer close(l.done)
	defer l.stop()
	defer j.turns.leave(l.place)
	var answer RequestsBeside
	err := ctx.Err()
	if j.turns.wait(ctx, l.place) {
		answer, err = func() (r RequestsBeside, err error) {
			defer fault.Catch(&err)
			return j.engine.Requests(ctx, l.of, &l.Progress, func() { l.Found.Add(1) })
		}()
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.answer, l.err = answer, err; ctx.Err() != nil {
		l.err = nil
	}
}

// Answer is what a look has come to. Of one that runs, or was stopped, it says nothing but
// how far that is: what is new shows only when all was looked at.
func (l *Look) Answer() (r RequestsBeside, err error) {
	ended := l.Ended()
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.answer.Report != nil || l.err != nil {
		return l.answer, l.err
	}
	from, to := l.of.span()
	r = RequestsBeside{Report: &requests.Report{At: l.of.At, From: from, To: to}, Collected: true}
	if ended {
		r.Why = fmt.Sprintf("%s %d of %d parts of the store were looked at, and %d requests found: nothing can be said to "+
			"be new.", l.why, l.Progress.Done.Load(), l.Progress.Of.Load(), l.Found.Load())
	}
	return r, nil
}

// Ahead is how many others wait before it; -1: it has its turn.
func (l *Look) Ahead() int { return l.turns.ahead(l.place) }
