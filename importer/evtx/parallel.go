package evtx

import (
	"context"
	"io"
	"sync"
)

// Parallel decodes the chunks of a log with several workers. work makes a
// result of one chunk, on any of them, each with a Decoder of its own; the
// result must not keep records that were not cloned, nor the chunk. emit gets
// the results in the order of the file, one at a time, on the caller's
// goroutine. At most three results a worker are under way.
//
// It ends with the first error of reading, of work, of emit or of the context,
// after all results before it were emitted, and when all workers are done.
func Parallel[T any](ctx context.Context, cr *ChunkReader, workers int, work func(*Decoder, *Chunk) (T, error), emit func(T) error) error {
	type result struct {
		value T
		err   error
	}
	type job struct {
		chunk *Chunk
		out   chan result
	}
	workers = max(workers, 1)
	ctx, cancel := context.WithCancel(ctx)
	jobs, order := make(chan job), make(chan job, 2*workers)
	var wg sync.WaitGroup
	defer wg.Wait()
	defer cancel()

	pool := sync.Pool{New: func() any { return new(Chunk) }}
	for range workers {
		wg.Go(func() {
			d := NewDecoder()
			for j := range jobs {
				v, err := work(d, j.chunk)
				pool.Put(j.chunk)
				j.out <- result{v, err}
			}
		})
	}
	wg.Go(func() {
		defer close(order)
		defer close(jobs)
		for {
			j := job{pool.Get().(*Chunk), make(chan result, 1)}
			err := ctx.Err()
			if err == nil {
				err = cr.Next(j.chunk)
			}
			if err == io.EOF {
				return
			}
			if err != nil {
				j.out <- result{err: err}
			}
			select {
			case order <- j:
			case <-ctx.Done():
				return
			}
			if err != nil {
				return
			}
			select {
			case jobs <- j:
			case <-ctx.Done():
				j.out <- result{err: ctx.Err()}
				return
			}
		}
	})
	for j := range order {
		r := <-j.out
		if r.err != nil {
			return r.err
		}
		if err := emit(r.value); err != nil {
			return err
		}
	}
	return ctx.Err()
}
