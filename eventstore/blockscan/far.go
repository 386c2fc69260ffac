package blockscan

import (
	"context"

	"escutcheon/eventstore/block"
)

// Selector is a store of blocks that chooses rows itself, and is asked for several blocks
// at a time, as each question costs. Its methods are called from several goroutines.
type Selector interface {
	Directory(ctx context.Context) ([]Entry, error)
	Words(ctx context.Context, first int64) ([]byte, error)
	// Select reads, of some blocks, these columns of the rows that may match the query,
	// and the records where it asks for them, or for what they hold. The column of events
	// is among them. It may take a query for less: what does not match is left out then.
	Select(ctx context.Context, q *Query, want block.Set, entries []*Entry) ([]Selected, error)
}

// Selected is what was read of a block: columns and originals of all of its length, of
// which those of other rows are zero and empty.
type Selected struct {
	Columns   *block.Columns // nil: the block was deleted meanwhile
	Originals *block.Originals
	Err       error // it cannot be read
}

// How many blocks, of how many records, are asked for at once.
const (
	mostTogether        = 16
	mostRecordsTogether = 1 << 16
)

// Select is Scan over a store that chooses rows itself.
func Select(ctx context.Context, b Selector, q Query, look func(*Chunk) (tell func() error, err error)) error {
	all, err := b.Directory(ctx)
	if err != nil {
		return err
	}
	if q.Find != nil && q.Find.All() {
		q.Find = nil
	}
	s := &scan{words: b, far: b, query: &q, look: look, entries: q.choose(all)}
	return s.begin(ctx, all)
}

// cut cuts entries into what is read at once, and gives the end of each.
func (s *scan) cut(entries []*Entry) (ends []int) {
	from, records := 0, 0
	for i, e := range entries {
		if i > from && (s.far == nil || i-from == mostTogether || records+e.Count > mostRecordsTogether) {
			ends = append(ends, i)
			from, records = i, 0
		}
		records += e.Count
	}
	if len(entries) > 0 {
		ends = append(ends, len(entries))
	}
	return ends
}

// several looks at the blocks from one to another.
func (w *worker) several(ctx context.Context, from, to int) (tell func() error, err error) {
	chosen, words, err := w.choose(ctx, w.entries[from:to])
	if err != nil {
		return nil, err
	}
	var tells []func() error
	for i := from; i < to; i++ {
		one, err := w.selected(i, &chosen[i-from], words[i-from])
		if err != nil {
			// What the blocks before it told comes first: it may be the end of the scan.
			tells = append(tells, func() error { return err })
			break
		}
		if one != nil {
			tells = append(tells, one)
		}
	}
	return func() error {
		for _, one := range tells {
			if err := one(); err != nil {
				return err
			}
		}
		return nil
	}, nil
}

// choose has rows of those blocks chosen whose words leave that open.
func (w *worker) choose(ctx context.Context, entries []*Entry) (out []Selected, words [][]byte, err error) {
	out, words = make([]Selected, len(entries)), make([][]byte, len(entries))
	var asked []*Entry
	var at []int
	for i, e := range entries {
		if w.query.Find != nil {
			if words[i], err = w.words.Words(ctx, e.First); err != nil {
				return nil, nil, err
			}
			if !w.query.Find.MayHold(words[i]) {
				continue
			}
		}
		asked, at = append(asked, e), append(at, i)
	}
	if len(asked) == 0 {
		return out, words, nil
	}
	chosen, err := w.far.Select(ctx, w.query, w.query.columns(), asked)
	for k := range chosen {
		out[at[k]] = chosen[k]
	}
	return out, words, err
}

// selected looks at the i-th block.
func (w *worker) selected(i int, s *Selected, words []byte) (tell func() error, err error) {
	if s.Err != nil {
		return w.failed(w.entries[i], s.Err)
	}
	if s.Columns == nil {
		w.begins(i, &block.Columns{})
	} else {
		w.begins(i, s.Columns)
		q := w.query
		w.all = q.rows(w.entries[i], s.Columns, w.all[:0])
		if w.chunk.Rows = w.all; q.Find != nil {
			w.rows = q.Find.Rows(s.Originals, words, w.all, w.rows[:0])
			w.chunk.Rows = w.rows
		}
		if q.Originals && len(w.chunk.Rows) > 0 {
			w.chunk.Originals = s.Originals
			w.mixed = w.among(s.Columns.Event, w.chunk.Rows, w.mixed[:0])
			w.chunk.Varied = w.mixed
		}
	}
	if len(w.chunk.Rows) == 0 && !w.query.Newest {
		return nil, nil
	}
	return w.look(&w.chunk)
}
