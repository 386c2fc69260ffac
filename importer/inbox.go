package importer

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"time"

	"escutcheon/fault"
	"escutcheon/intake"
)

// Post is where ingesters put what they took.
type Post interface {
	// Post puts deliveries, which have a number of a stream together; they are there for
	// good when it returns nil, else perhaps.
	Post(ctx context.Context, list []intake.Arrival) error
	// PostPiece puts a part of a file, from 0 on.
	PostPiece(ctx context.Context, file string, part int64, data []byte) error
}

// Poster is the FeedStore of an ingester: it stores nothing but what came, for the console
// to take from the inbox. What it put is one stream.
type Poster struct {
	post   Post
	most   int
	stream string

	mu  sync.Mutex
	seq int64
}

// NewPoster returns one that puts so many deliveries together at most.
func NewPoster(post Post, most int) *Poster {
	return &Poster{post: post, most: most, stream: newStream()}
}

// newStream names a stream as no other one is named.
func newStream() string {
	b := make([]byte, 12)
	_, _ = rand.Read(b) // never fails
	return fmt.Sprintf("s%x", b)
}

// Stream is what it puts is called.
func (p *Poster) Stream() string { return p.stream }

// StoreFeeds puts deliveries into the inbox. A part of them that was put before another
// one could not be is sent again by who sent it, and known by its digest.
func (p *Poster) StoreFeeds(ctx context.Context, list []intake.Delivery) ([]intake.Delivered, error) {
	for from := 0; from < len(list); from += p.most {
		part := list[from:min(from+p.most, len(list))]
		all := make([]intake.Arrival, len(part))
		for i := range part {
			all[i] = part[i].Arrival
		}
		if err := p.put(ctx, all); err != nil {
			return nil, err
		}
	}
	return make([]intake.Delivered, len(list)), nil
}

// put puts arrivals at the end of the stream.
func (p *Poster) put(ctx context.Context, all []intake.Arrival) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.seq++ // also of what fails: it may be there
	for i := range all {
		all[i].Place = intake.Place{Stream: p.stream, Seq: p.seq, N: int64(i)}
	}
	return p.post.Post(ctx, all)
}

// EndFeedDays has nothing to end.
func (p *Poster) EndFeedDays(context.Context) error { return nil }

// Inbox is what ingesters fill.
type Inbox interface {
	// Arrivals returns what came behind a mark, in the order in which it came, of about so
	// many bytes.
	Arrivals(ctx context.Context, after intake.Mark, most int64) ([]intake.Arrival, error)
	// Clear removes what stands before a mark, sooner or later.
	Clear(ctx context.Context, taken intake.Mark) error
	Waiting(ctx context.Context, after intake.Mark) (intake.Waiting, error)
	// Piece is a part of a file; nil where there is none.
	Piece(ctx context.Context, file string, part int64) ([]byte, error)
	// ForgetFile removes a file, sooner or later.
	ForgetFile(ctx context.Context, file string) error
}

// InboxStore knows what was taken.
type InboxStore interface {
	InboxMark(ctx context.Context) (intake.Mark, error)
	MarkInbox(ctx context.Context, m intake.Mark) error
	// MayTake says why this database takes nothing from the inbox, which is another one's.
	MayTake(ctx context.Context) error
}

// Follower takes what comes in an inbox, in the order in which it came.
type Follower struct {
	Inbox  Inbox
	Store  InboxStore
	Feeder *Feeder
	// File imports a file that a folder of an ingester had.
	File func(ctx context.Context, in io.Reader, size int64, i intake.Import) error
	Log  *slog.Logger

	mu    sync.Mutex
	state intake.Waiting
}

// How an inbox is followed.
const (
	inboxEvery  = time.Second      // it is looked at, so that what is stored together is much
	inboxSlow   = 5 * time.Second  // and while it cannot be
	inboxBytes  = 12 << 20         // are taken at once
	inboxAtOnce = 64               // deliveries are decoded or wait to be stored
	inboxClear  = 10 * time.Minute // what was taken is removed
	inboxCount  = 5 * time.Second  // what waits is counted
)

// State is what waited when it was counted last.
func (f *Follower) State() intake.Waiting {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.state
}

func (f *Follower) set(change func(*intake.Waiting)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change(&f.state)
}

// Run follows the inbox until ctx is done.
func (f *Follower) Run(ctx context.Context) {
	var cleared, counted time.Time
	for said := ""; ctx.Err() == nil; {
		wait := inboxEvery
		mark, err := f.Store.InboxMark(ctx)
		n := int64(0)
		if err == nil {
			n, err = f.take(ctx, mark)
		}
		if err == nil && time.Since(counted) > inboxCount {
			err = f.count(ctx)
			counted = time.Now()
		}
		if err == nil && time.Since(cleared) > inboxClear {
			err = f.Inbox.Clear(ctx, mark) // what is taken now is cleared the next time
			cleared = time.Now()
		}
		sentence := ""
		if err != nil {
			wait, sentence = inboxSlow, fault.Sentence(err)
			if sentence != said && ctx.Err() == nil {
				f.Log.Error("the inbox is not followed: it is tried again", "error", err)
			}
		} else if n >= inboxBytes/2 {
			wait = 0
		}
		said = sentence
		f.set(func(w *intake.Waiting) { w.Problem = sentence })
		pause(ctx, wait)
	}
}

func pause(ctx context.Context, wait time.Duration) {
	if wait == 0 {
		return
	}
	t := time.NewTimer(wait)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}

func (f *Follower) count(ctx context.Context) error {
	mark, err := f.Store.InboxMark(ctx)
	if err != nil {
		return err
	}
	now := time.Now().UTC()
	w, err := f.Inbox.Waiting(ctx, mark)
	if err == nil {
		w.Counted = now
		f.set(func(s *intake.Waiting) { *s = w })
	}
	return err
}

// take takes what came behind a mark, side by side, and says how many bytes that were.
func (f *Follower) take(ctx context.Context, mark intake.Mark) (n int64, err error) {
	list, err := f.Inbox.Arrivals(ctx, mark, inboxBytes)
	if err != nil || len(list) == 0 {
		return 0, err
	}
	if err := f.Store.MayTake(ctx); err != nil {
		return 0, err
	}
	errs := make([]error, len(list))
	next := make(chan int)
	var wg sync.WaitGroup
	for range min(inboxAtOnce, len(list)) {
		wg.Go(func() {
			for i := range next {
				errs[i] = f.one(ctx, list[i])
			}
		})
	}
	for i := range list {
		next <- i
	}
	close(next)
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		return 0, err
	}
	done := intake.Mark{}
	for i := range list {
		n += int64(len(list[i].Data))
		done[list[i].Stream] = max(done[list[i].Stream], list[i].Seq)
	}
	err = f.Store.MarkInbox(ctx, done)
	for i := range list {
		if err == nil {
			err = f.forget(ctx, list[i])
		}
	}
	return n, err
}

// one takes an arrival, again and again while there is no room for it. One that cannot be
// read is kept as rejected: it holds up no other.
func (f *Follower) one(ctx context.Context, a intake.Arrival) error {
	for wait := 10 * time.Millisecond; ; wait = min(2*wait, time.Second) {
		var err error
		if a.Kind == intake.FeedFolder {
			err = f.file(ctx, a)
		} else {
			_, err = f.Feeder.TakeArrival(ctx, a)
		}
		var u unreadable
		switch {
		case err == nil:
			return nil
		case errors.As(err, &u), a.Kind == intake.FeedFolder && fault.CodeOf(err) == fault.Invalid:
			f.Log.Error("what an ingester took cannot be read: it is kept as rejected", "feed", a.Name, "error", err)
			return f.Feeder.Reject(ctx, a, fault.Sentence(err))
		case !errors.Is(err, intake.ErrBusy) || errors.Is(err, ErrClosed) || ctx.Err() != nil:
			return err
		}
		pause(ctx, wait)
	}
}
