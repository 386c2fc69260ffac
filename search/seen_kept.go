package search

import (
	"context"
	"sync"
	"time"

	"escutcheon/fault"
)

// seenKept keeps what was seen last, and has one look at a time.
type seenKept struct {
	mu   sync.Mutex
	last *Seen
	look chan struct{} // closed when the look that goes on has ended; nil when none does
}

// longestLook is how long a look may take.
const longestLook = 20 * time.Second

// Seen is what stored events say, and was seen no longer than age ago. It is waited for
// as long as most; then it is what was seen before, and nil where nothing was.
func (j *Jobs) Seen(ctx context.Context, age, most time.Duration) *Seen {
	j.seen.mu.Lock()
	last, look := j.seen.last, j.seen.look
	if last != nil && time.Since(last.At) <= age {
		j.seen.mu.Unlock()
		return last
	}
	if look == nil {
		if look = j.looks(); look == nil {
			j.seen.mu.Unlock()
			return last
		}
	}
	j.seen.mu.Unlock()
	t := time.NewTimer(most)
	defer t.Stop()
	select {
	case <-look:
	case <-t.C:
	case <-ctx.Done():
	}
	j.seen.mu.Lock()
	defer j.seen.mu.Unlock()
	return j.seen.last
}

// looks begins a look in the background; nil when the jobs are closed.
func (j *Jobs) looks() chan struct{} {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.closed {
		return nil
	}
	ended := make(chan struct{})
	j.seen.look = ended
	j.all.Go(func() {
		ctx, cancel := context.WithTimeout(j.ctx, longestLook)
		defer cancel()
		s, err := j.engine.guardedSee(ctx)
		j.seen.mu.Lock()
		defer j.seen.mu.Unlock()
		if j.seen.look = nil; err == nil {
			j.seen.last = s
		}
		close(ended)
	})
	return ended
}

// guardedSee is See; a panic of it is an error.
func (e *Engine) guardedSee(ctx context.Context) (s *Seen, err error) {
	defer fault.Catch(&err)
	return e.See(ctx)
}
