package pieces

import (
	"context"
	"errors"
	"io"
	"sync"

	"escutcheon/fault"
	"escutcheon/importer/record"
)

// Parallel reads the pieces of a log with so many workers. read reads one of
// them, on a worker, and emits what it makes of it; take gets, on the caller's
// goroutine, what was made of the pieces that count, in the order of the log.
// It returns how the log ends, nil for one that is whole, or the first error of
// take or of the context, when all workers are done.
func Parallel[T any](ctx context.Context, ps record.Pieces, workers int,
	read func(p record.Piece, emit func(T) error) (record.Piece, error), take func(T) error) error {
	ctx, cancel := context.WithCancel(ctx)
	q := &queue[T]{}
	q.more.L = &q.mu
	var wg sync.WaitGroup
	defer wg.Wait()
	defer q.close()
	defer cancel()
	wg.Go(func() { q.fill(ctx, ps) })
	for range workers {
		wg.Go(func() {
			for j := q.take(); j != nil; j = q.take() {
				j.read(ctx, read)
			}
		})
	}
	err := q.each(take)
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// job is one piece, and what becomes of it.
type job[T any] struct {
	piece record.Piece
	out   chan T
	next  record.Piece // valid once out is closed
	err   error        // likewise
}

// read reads the piece. A decoder that panics ends the log as one that is cut.
func (j *job[T]) read(ctx context.Context, read func(record.Piece, func(T) error) (record.Piece, error)) {
	defer close(j.out)
	defer fault.Catch(&j.err)
	j.next, j.err = read(j.piece, func(v T) error { return j.emit(ctx, v) })
}

func (j *job[T]) emit(ctx context.Context, v T) error {
	select {
	case j.out <- v:
		return nil
	case <-j.piece.Dropped():
		return errDropped
	case <-ctx.Done():
		return ctx.Err()
	}
}

// queue has the pieces in the order of the log: those before taken have a
// worker. It may grow long where pieces do not count, so it blocks nobody.
type queue[T any] struct {
	mu    sync.Mutex
	more  sync.Cond
	jobs  []*job[T]
	taken int
	err   error // why there are no more; nil: there may be
	shut  bool
}

// fill cuts the pieces.
func (q *queue[T]) fill(ctx context.Context, ps record.Pieces) {
	for {
		p, err := next(ctx, ps)
		q.mu.Lock()
		if q.err = err; err == nil {
			q.jobs = append(q.jobs, &job[T]{piece: p, out: make(chan T, 1)})
		}
		shut := q.shut
		q.more.Broadcast()
		q.mu.Unlock()
		if shut && err == nil {
			p.Drop()
		}
		if shut || err != nil {
			return
		}
	}
}

// next cuts a piece, where decoders have their word too.
func next(ctx context.Context, ps record.Pieces) (p record.Piece, err error) {
	defer fault.Catch(&err)
	return ps.Next(ctx)
}

// take gives a worker the next piece; nil when there is none.
func (q *queue[T]) take() *job[T] {
	q.mu.Lock()
	defer q.mu.Unlock()
	for q.taken == len(q.jobs) && q.err == nil && !q.shut {
		q.more.Wait()
	}
	if q.taken == len(q.jobs) || q.shut {
		return nil
	}
	q.taken++
	return q.jobs[q.taken-1]
}

// front is the first piece that was not popped; nil and why when there is none.
func (q *queue[T]) front() (*job[T], error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.jobs) == 0 && q.err == nil {
		q.more.Wait()
	}
	if len(q.jobs) == 0 {
		return nil, q.err
	}
	return q.jobs[0], nil
}

func (q *queue[T]) pop() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.jobs[0].piece.Drop()
	q.jobs[0] = nil
	q.jobs, q.taken = q.jobs[1:], max(0, q.taken-1)
}

// each goes through the pieces that count.
func (q *queue[T]) each(take func(T) error) error {
	var want record.Piece
	for {
		j, err := q.front()
		if err != nil {
			return err
		}
		if want == nil || j.piece == want {
			j.piece.Counts()
			for v := range j.out {
				if err := take(v); err != nil {
					return err
				}
			}
			if want = j.next; j.err != nil {
				return j.err
			}
		}
		q.pop()
	}
}

// close drops what is left: whoever waits for something is woken.
func (q *queue[T]) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.shut = true
	for _, j := range q.jobs {
		j.piece.Drop()
	}
	q.more.Broadcast()
}
