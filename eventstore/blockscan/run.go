package blockscan

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"sync"

	"escutcheon/eventstore/block"
	"escutcheon/fault"
)

// scan is a scan that runs.
type scan struct {
	words interface {
		Words(ctx context.Context, first int64) ([]byte, error)
	}
	near    Blocks
	far     Selector // in the place of near
	query   *Query
	look    func(*Chunk) (func() error, error)
	entries []*Entry
	ends    []int   // of what a worker takes at once, in entries
	varied  []int64 // events with further sightings, ascending
}

// begin finds out which events are varied, and runs.
func (s *scan) begin(ctx context.Context, all []Entry) (err error) {
	if s.query.Originals && len(s.entries) > 0 {
		if s.varied, err = s.variedOf(ctx, all); err != nil {
			return err
		}
	}
	s.ends = s.cut(s.entries)
	return s.run(ctx)
}

// told is what came of one chunk.
type told struct {
	tell func() error
	err  error
}

// ahead is how many chunks a processor may be ahead of those that are told.
const ahead = 4

// run has workers look at the blocks, and tells what they say in order.
func (s *scan) run(ctx context.Context) error {
	workers := min(runtime.GOMAXPROCS(0), len(s.ends))
	if workers == 0 {
		return ctx.Err()
	}
	ctx, cancel := context.WithCancelCause(ctx)
	var wg sync.WaitGroup
	defer wg.Wait()
	defer cancel(nil)
	next := make(chan int)
	results := make([]chan told, workers*ahead) // of the i-th chunk: its place modulo their number
	for i := range results {
		results[i] = make(chan told, 1)
	}
	for range workers {
		wg.Go(func() {
			w := &worker{scan: s}
			for i := range next {
				tell, err := w.guarded(ctx, i)
				results[i%len(results)] <- told{tell, err}
			}
		})
	}
	defer close(next)
	return s.tell(ctx, next, results)
}

// tell hands out the blocks, and tells what came of them.
func (s *scan) tell(ctx context.Context, next chan<- int, results []chan told) error {
	if s.query.Progress == nil {
		s.query.Progress = func(int, int) {}
	}
	s.query.Progress(0, len(s.entries))
	for given, done := 0, 0; done < len(s.ends); {
		give := next
		if given == len(s.ends) || given-done == len(results) {
			give = nil
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case give <- given:
			given++
		case r := <-results[done%len(results)]:
			done++
			if r.err == nil && r.tell != nil {
				r.err = r.tell()
			}
			if errors.Is(r.err, ErrStop) {
				return nil
			}
			if r.err != nil {
				return r.err
			}
			s.query.Progress(s.ends[done-1], len(s.entries))
		}
	}
	return nil
}

// worker looks at one block after another.
type worker struct {
	*scan
	chunk     Chunk
	columns   block.Columns
	originals *block.Originals // that nobody else has
	all, rows []int32
	mixed     []int32
}

// guarded is block; a panic of what looks at an event ends the scan.
func (w *worker) guarded(ctx context.Context, i int) (tell func() error, err error) {
	defer fault.Catch(&err)
	if w.far != nil {
		from := 0
		if i > 0 {
			from = w.ends[i-1]
		}
		return w.several(ctx, from, w.ends[i])
	}
	return w.block(ctx, i)
}

// block looks at the i-th block.
func (w *worker) block(ctx context.Context, i int) (tell func() error, err error) {
	e := w.entries[i]
	w.begins(i, &w.columns)
	if err := w.read(ctx, e); err != nil {
		return w.failed(e, err)
	}
	if len(w.chunk.Rows) == 0 && !w.query.Newest {
		return nil, nil
	}
	return w.look(&w.chunk)
}

// begins begins with the i-th block.
func (w *worker) begins(i int, c *block.Columns) {
	w.chunk = Chunk{Entry: *w.entries[i], Columns: c, Rest: math.MinInt64}
	if w.query.Newest && i+1 < len(w.entries) {
		w.chunk.Rest = newest(w.entries[i+1])
	}
}

// failed is what comes of a block that cannot be read.
func (w *worker) failed(e *Entry, err error) (tell func() error, _ error) {
	if w.query.Damaged != nil && errors.Is(err, block.ErrDamaged) {
		return func() error {
			w.query.Damaged(e.First, e.Count)
			return nil
		}, nil
	}
	return nil, fmt.Errorf("block %d: %w", e.First, err)
}

// read finds the rows of a block, reading no more of it than that takes.
func (w *worker) read(ctx context.Context, e *Entry) error {
	q := w.query
	var words []byte
	var err error
	if q.Find != nil {
		if words, err = w.words.Words(ctx, e.First); err != nil || !q.Find.MayHold(words) {
			return err
		}
	}
	data, err := w.near.Columns(ctx, e.First)
	if err != nil || data == nil {
		return err
	}
	if err := block.DecodeColumns(data, e.First, e.Count, q.columns(), &w.columns); err != nil {
		return err
	}
	w.all = q.rows(e, &w.columns, w.all[:0])
	if len(w.all) == 0 || q.Find == nil && !q.Originals {
		w.chunk.Rows = w.all
		return nil
	}
	if data, err = w.near.Originals(ctx, e.First); err != nil || data == nil {
		return err
	}
	if w.originals == nil {
		w.originals = &block.Originals{}
	}
	if err := w.originals.Unpack(data, e.Count); err != nil {
		return err
	}
	if w.chunk.Rows = w.all; q.Find != nil {
		w.rows = q.Find.Rows(w.originals, words, w.all, w.rows[:0])
		w.chunk.Rows = w.rows
	}
	if q.Originals && len(w.chunk.Rows) > 0 {
		if w.chunk.Originals = w.originals; !q.Brief { // strings of them may be kept
			w.originals = nil
		}
		w.mixed = w.scan.among(w.columns.Event, w.chunk.Rows, w.mixed[:0])
		w.chunk.Varied = w.mixed
	}
	return nil
}
