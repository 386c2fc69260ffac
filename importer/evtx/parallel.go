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
// goroutine. At most 24 results a worker and 16 more are under way.
//
// It ends with the first error of reading, of work, of emit or of the context,
// after all results before it were emitted, and when all workers are done.
func Parallel[T any](ctx context.Context, cr *ChunkReader, workers int,
	work func(*Decoder, *Chunk) (T, error), emit func(T) error) error {
	workers = max(workers, 1)
	ctx, cancel := context.WithCancel(ctx)
	jobs, order := make(chan *batch[T]), make(chan *batch[T], 3*workers+2)
	all := make([]batch[T], cap(order))
	defer release(all)
	var wg sync.WaitGroup
	defer wg.Wait()
	defer cancel()

	free := make(chan *batch[T], 3*workers+2) // batches go round
	for i := range all {
		all[i].done = make(chan error, 1)
		free <- &all[i]
	}
	for range workers {
		wg.Go(func() {
			d := Borrow()
			defer d.Return()
			for b := range jobs {
				b.done <- b.work(ctx, d, work)
			}
		})
	}
	wg.Go(func() {
		defer close(order)
		defer close(jobs)
		read(ctx, cr, free, jobs, order)
	})
	for b := range order {
		err := <-b.done
		for _, v := range b.values {
			if err := emit(v); err != nil {
				return err
			}
		}
		if err != nil {
			return err
		}
		clear(b.values)
		free <- b
	}
	return ctx.Err()
}

// batch is a few chunks that one worker decodes: handing over each by itself
// would cost as much as decoding it gains.
type batch[T any] struct {
	chunks [8]Chunk
	n      int
	values []T
	err    error // of reading, behind the chunks
	done   chan error
}

func release[T any](all []batch[T]) {
	for i := range all {
		for j := range all[i].chunks {
			all[i].chunks[j].Free()
		}
	}
}

// fill reads the chunks of a batch and says whether there may be more.
func (b *batch[T]) fill(ctx context.Context, cr *ChunkReader) bool {
	b.err, b.values = nil, b.values[:0]
	for b.n = 0; b.n < len(b.chunks); b.n++ {
		err := ctx.Err()
		if err == nil {
			err = cr.Next(&b.chunks[b.n])
		}
		if err != nil {
			if err != io.EOF {
				b.err = err
			}
			return false
		}
	}
	return true
}

func (b *batch[T]) work(ctx context.Context, d *Decoder, work func(*Decoder, *Chunk) (T, error)) error {
	for i := range b.chunks[:b.n] {
		if err := ctx.Err(); err != nil {
			return err
		}
		v, err := work(d, &b.chunks[i])
		if err != nil {
			return err
		}
		b.values = append(b.values, v)
	}
	return b.err
}

// read gives batches to the workers, and in the order of the file to order.
func read[T any](ctx context.Context, cr *ChunkReader, free, jobs, order chan *batch[T]) {
	for more := true; more; {
		var b *batch[T]
		select {
		case b = <-free:
		case <-ctx.Done():
			return
		}
		more = b.fill(ctx, cr)
		select {
		case jobs <- b:
		case <-ctx.Done():
			return
		}
		order <- b // never full: there are as many places as batches
	}
}
