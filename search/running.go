package search

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"sync"
	"time"

	"escutcheon/fault"
)

// running is what runs for as long as somebody looks: a job, or a look at requests.
type running struct {
	ID       string
	Progress Progress

	stop  context.CancelFunc
	done  chan struct{}
	turns *turns
	place *stand // among them

	mu   sync.Mutex
	seen time.Time // when somebody looked last
	why  string    // it was stopped
}

// begin fills in what is to run until ctx ends.
func (r *running) begin(ctx context.Context) (context.Context, error) {
	var id [8]byte
	if _, err := rand.Read(id[:]); err != nil {
		return nil, err
	}
	r.ID, r.done, r.seen = hex.EncodeToString(id[:]), make(chan struct{}), time.Now()
	ctx, r.stop = context.WithCancel(ctx)
	return ctx, nil
}

// Stop ends it: what was found by then stays.
func (r *running) Stop() { r.stopFor("It was stopped.") }

func (r *running) stopFor(why string) {
	r.mu.Lock()
	if r.why == "" {
		r.why = why
	}
	r.mu.Unlock()
	r.stop()
}

// Wait waits until it has ended, or for some time.
func (r *running) Wait(ctx context.Context, most time.Duration) {
	t := time.NewTimer(most)
	defer t.Stop()
	select {
	case <-r.done:
	case <-ctx.Done():
	case <-t.C:
	}
}

// Ended says whether it runs no more.
func (r *running) Ended() bool {
	select {
	case <-r.done:
		return true
	default:
		return false
	}
}

func (r *running) look() {
	r.mu.Lock()
	r.seen = time.Now()
	r.mu.Unlock()
}

func (r *running) idle() time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	return time.Since(r.seen)
}

// tidied stops those of some that nobody looks at where others wait, and forgets those that
// ended; sooner the one that nobody looked at for longest, where there is no room. It
// refuses what has no room even so.
func tidied[R interface {
	idle() time.Duration
	stopFor(why string)
	Ended() bool
}](of map[string]R, waiting bool) error {
	oldest, most := "", time.Duration(-1)
	for id, r := range of {
		idle := r.idle()
		if idle > unwatched && waiting {
			r.stopFor("Nobody looked at it, and others waited.")
		}
		if idle > 10*unwatched && r.Ended() {
			delete(of, id)
		} else if idle > most && r.Ended() {
			oldest, most = id, idle
		}
	}
	if len(of) >= mostJobs {
		delete(of, oldest)
	}
	if len(of) >= mostJobs {
		return fault.New(fault.Busy, "There are %d searches already. Wait for one, or stop it.", mostJobs)
	}
	return nil
}
