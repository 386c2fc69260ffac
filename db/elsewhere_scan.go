package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"

	"escutcheon/eventstore/block"
	"escutcheon/eventstore/blockscan"
	"escutcheon/eventstore/blockstore"
)

func (e *elsewhere) scan(ctx context.Context, q conn, b blockscan.Blocks, ask blockscan.Query,
	look func(*blockscan.Chunk) (func() error, error)) error {
	t, writes := q.(*tx)
	if writes {
		if err := e.flush(t); err != nil {
			return err
		}
	}
	s := &selector{Blocks: b, e: e, q: q, at: map[int64][2]int64{}}
	if err := each(ctx, q, func(r *sql.Rows) error {
		var first, columns, bytes int64
		err := r.Scan(&first, &columns, &bytes)
		s.at[first] = [2]int64{columns, bytes}
		return err
	}, `SELECT first, columns, bytes FROM block_at`); err != nil {
		return err
	}
	if !writes {
		s.again = q
	}
	return blockscan.Select(ctx, s, ask, look)
}

// selector has another store choose rows.
type selector struct {
	blockscan.Blocks // its directory and filters
	e                *elsewhere
	q                conn
	at               map[int64][2]int64 // the versions of columns and records of each block
	again            conn               // says how they are now; nil where nobody changes them
}

// Select reads what may match of some blocks. Columns that were changed are another
// version than the records they are of: each is asked for what it can tell.
func (s *selector) Select(ctx context.Context, q *blockscan.Query, want block.Set, entries []*blockscan.Entry) (
	[]blockscan.Selected, error) {
	out := make([]blockscan.Selected, len(entries))
	raw := q.Find != nil || q.Originals
	var one, columns, records asking
	for i, e := range entries {
		at, ok := s.at[e.First]
		switch {
		case !ok: // deleted since the entries were listed
		case !raw || at[0] == at[1]:
			one.add(i, e, at[0])
		default:
			columns.add(i, e, at[0])
			records.add(i, e, at[1])
		}
	}
	told := s.ask(q)
	both, alone, text := told, told, blockstore.Ask{Texts: told.Texts, Originals: true}
	both.Columns, both.Originals = want, raw
	alone.Columns, alone.Texts = want, nil
	for _, a := range []struct {
		of  *asking
		ask blockstore.Ask
	}{{&one, both}, {&columns, alone}, {&records, text}} {
		if err := s.read(ctx, a.of, a.ask, out); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// asking is which entries are asked for together, and their versions.
type asking struct {
	entries []int
	parts   []blockstore.Part
}

func (a *asking) add(i int, e *blockscan.Entry, at int64) {
	a.entries = append(a.entries, i)
	a.parts = append(a.parts, blockstore.Part{Ref: blockstore.Ref{First: e.First, At: at}, Count: e.Count, Loose: e.Loose})
}

// ask is what a query says of rows.
func (s *selector) ask(q *blockscan.Query) blockstore.Ask {
	a := blockstore.Ask{Hosts: q.Hosts, Channels: q.Channels, Providers: q.Providers, Codes: q.Codes, After: q.After,
		UpTo: q.UpTo}
	if a.Timed = q.From != nil || q.To != nil; a.Timed {
		a.From, a.To = math.MinInt64+1, math.MaxInt64 // the least stands for no time
		if q.From != nil {
			a.From = max(a.From, *q.From)
		}
		if q.To != nil {
			a.To = *q.To
		}
	}
	if q.Find != nil {
		a.Texts = q.Find.Texts()
	}
	return a
}

func (s *selector) read(ctx context.Context, of *asking, a blockstore.Ask, out []blockscan.Selected) error {
	if len(of.parts) == 0 {
		return nil
	}
	a.Blocks = of.parts
	rows, err := s.e.ask(ctx, s.q, a)
	if err != nil {
		return err
	}
	for k := range rows {
		to := &out[of.entries[k]]
		if r := &rows[k]; r.There {
			if a.Columns != 0 {
				to.Columns = &r.Columns
			}
			if a.Originals {
				to.Originals = r.Originals
			}
		} else if err := s.missing(ctx, of.parts[k].Ref); err != nil {
			to.Err = err
		}
	}
	return nil
}

// missing says what it means that a version is not kept: that its block is damaged, or
// that it was deleted meanwhile.
func (s *selector) missing(ctx context.Context, ref blockstore.Ref) error {
	if s.again != nil {
		columns, bytes, err := s.e.versions(ctx, s.again, ref.First)
		switch {
		case errors.Is(err, sql.ErrNoRows):
			return nil
		case err != nil:
			return err
		case columns != ref.At && bytes != ref.At:
			return errChanged
		}
	}
	return fmt.Errorf("%w (it is not in %s)", block.ErrDamaged, s.e.address)
}

// errChanged ends a scan that took longer than what it began with is kept.
var errChanged = errors.New("the events changed while they were looked through: search again")
