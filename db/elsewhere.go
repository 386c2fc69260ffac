package db

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"slices"
	"time"

	"escutcheon/eventstore/block"
	"escutcheon/eventstore/blockstore"
	"escutcheon/fault"
)

// elsewhere are contents in another store. Which version of a block counts is said by
// block_at, so they change with the transaction, whatever becomes of it: a version is put
// before the transaction that names it ends, and one that is named no more is forgotten
// after nobody can read the state in which it was.
type elsewhere struct {
	store   blockstore.Store // nil: whoever opened the database asks nothing of it
	address string
	owner   string // this database; "": a copy of it
	now     func() time.Time
	read    blockCache
	row     rowSize
	hold    hold
}

// pending are the blocks that a transaction is yet to put.
type pending struct {
	blocks map[int64]*blockstore.Block
	size   int // bytes
}

// mostPending is how many bytes a transaction holds back, so that what it stores is few
// INSERTs.
const mostPending = 16 << 20

// versions are those of a block that count.
func (e *elsewhere) versions(ctx context.Context, q conn, first int64) (columns, bytes int64, err error) {
	const query = `SELECT columns, bytes FROM block_at WHERE first = ?`
	if t, ok := q.(*tx); ok {
		err = t.get(query, []any{first}, &columns, &bytes)
	} else {
		err = q.QueryRowContext(ctx, query, first).Scan(&columns, &bytes)
	}
	return columns, bytes, err
}

// waiting is the version of a block that a transaction is yet to put; nil if it is none.
func waiting(q conn, first, at int64) *blockstore.Block {
	if t, ok := q.(*tx); ok {
		if b := t.pending.blocks[first]; b != nil && b.At == at {
			return b
		}
	}
	return nil
}

func (e *elsewhere) columns(ctx context.Context, q conn, first int64, count int, want block.Set,
	into *block.Columns) error {
	at, _, err := e.versions(ctx, q, first)
	if err != nil {
		return err
	}
	if b := waiting(q, first, at); b != nil {
		*into = *b.Columns.Clone()
		return nil
	}
	ref := blockstore.Ref{First: first, At: at}
	if c := e.read.get(ref).columns; c != nil {
		*into = *c.Clone()
		return nil
	}
	rows, err := e.whole(ctx, q, ref, count, blockstore.Ask{Columns: want})
	if err != nil {
		return err
	}
	if *into = rows.Columns; want == block.All {
		e.read.put(ref, cachedBlock{columns: rows.Columns.Clone()})
	}
	return nil
}

func (e *elsewhere) originals(ctx context.Context, q conn, first int64, count int) (*block.Originals, error) {
	_, at, err := e.versions(ctx, q, first)
	if err != nil {
		return nil, err
	}
	if b := waiting(q, first, at); b != nil && b.Originals != nil {
		return b.Originals, nil
	}
	ref := blockstore.Ref{First: first, At: at}
	if o := e.read.get(ref).originals; o != nil {
		return o, nil
	}
	rows, err := e.whole(ctx, q, ref, count, blockstore.Ask{Originals: true})
	if err == nil {
		e.read.put(ref, cachedBlock{originals: rows.Originals})
	}
	return rows.Originals, err
}

// whole reads all rows of a block.
func (e *elsewhere) whole(ctx context.Context, q conn, ref blockstore.Ref, count int, a blockstore.Ask) (
	rows blockstore.Rows, err error) {
	a.Blocks = []blockstore.Part{{Ref: ref, Count: count}}
	out, err := e.ask(ctx, q, a)
	if err != nil {
		return rows, err
	}
	switch rows = out[0]; {
	case !rows.There:
		return rows, fmt.Errorf("%w %s", errNotThere, e.address)
	case rows.Came < count:
		return rows, fmt.Errorf("%w (%d of its %d records are in %s)", block.ErrDamaged, rows.Came, count, e.address)
	}
	return rows, nil
}

// errNotThere is of a block of which its store has nothing.
var errNotThere = fmt.Errorf("%w: nothing of it is in", block.ErrDamaged)

func (e *elsewhere) ask(ctx context.Context, q conn, a blockstore.Ask) (out []blockstore.Rows, err error) {
	if err := e.open(); err != nil {
		return nil, err
	}
	read := func(ctx context.Context) error {
		out, err = e.store.Read(ctx, a)
		return err
	}
	if t, ok := q.(*tx); ok {
		return out, e.during(t, read)
	}
	return out, read(ctx)
}

// open makes sure that there is somebody to ask.
func (e *elsewhere) open() error {
	if e.store == nil {
		return fault.New(fault.Invalid, "The events of this database are in %s, which is not asked here.", e.address)
	}
	return nil
}

// version is a number that no version of any block has had; it begins with the day.
func (e *elsewhere) version() int64 {
	return e.now().Unix()/86400<<dayBits | rand.Int64N(1<<dayBits)
}

func (e *elsewhere) put(t *tx, first int64, c *block.Columns, p *block.Packed, seed seedOf) error {
	o, err := block.Unpack(p.Bytes, p.Count)
	if err != nil {
		return err
	}
	if err := e.drop(t, first); err != nil {
		return err
	}
	list, counted, err := seed(o)
	if err != nil {
		return err
	}
	at := e.version()
	if _, err := t.exec(`INSERT INTO block_at (first, columns, bytes, counted) VALUES (?1, ?2, ?2, ?3)`, first, at,
		counted); err != nil {
		return err
	}
	return e.later(t, blockstore.Block{Ref: blockstore.Ref{First: first, At: at}, Columns: c, Originals: o, Seed: list})
}

// later has a block be put before the transaction ends.
func (e *elsewhere) later(t *tx, b blockstore.Block) error {
	if t.pending.blocks == nil {
		t.pending.blocks = map[int64]*blockstore.Block{}
	}
	t.pending.blocks[b.First] = &b
	t.pending.size += b.Size()
	if t.pending.size < mostPending {
		return nil
	}
	return e.flush(t)
}

func (e *elsewhere) change(t *tx, first int64, c *block.Columns, seed seedOf) error {
	columns, bytes, err := e.versions(t.ctx, t, first)
	if err != nil {
		return err
	}
	if b := waiting(t, first, columns); b != nil {
		b.Columns = c
		return nil
	}
	if columns != bytes {
		if err := e.gone(t, first, columns); err != nil {
			return err
		}
	}
	list, counted, err := seed(nil)
	if err != nil {
		return err
	}
	at := e.version()
	if _, err := t.exec(`UPDATE block_at SET columns = ?2, counted = ?3 WHERE first = ?1`, first, at,
		counted); err != nil {
		return err
	}
	return e.later(t, blockstore.Block{Ref: blockstore.Ref{First: first, At: at}, Columns: c, Seed: list})
}

func (e *elsewhere) drop(t *tx, first int64) error {
	rows, err := t.column(`SELECT columns FROM block_at WHERE first = ?1
		UNION SELECT bytes FROM block_at WHERE first = ?1`, first)
	if err != nil || len(rows) == 0 {
		return err
	}
	for _, at := range rows {
		if waiting(t, first, at) != nil {
			delete(t.pending.blocks, first)
		} else if err := e.gone(t, first, at); err != nil {
			return err
		}
	}
	_, err = t.exec(`DELETE FROM block_at WHERE first = ?`, first)
	return err
}

// gone notes that a version does not count any more.
func (e *elsewhere) gone(t *tx, first, at int64) error {
	_, err := t.exec(`INSERT INTO block_gone (first, at, since) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`, first, at,
		e.now().Unix())
	return err
}

// flush puts what a transaction holds back.
func (e *elsewhere) flush(t *tx) error {
	if len(t.pending.blocks) == 0 {
		return nil
	}
	var list []blockstore.Block
	for _, first := range slices.Sorted(maps.Keys(t.pending.blocks)) {
		list = append(list, *t.pending.blocks[first])
	}
	t.pending = pending{}
	return e.during(t, func(ctx context.Context) error {
		if err := e.mine(ctx); err != nil {
			return err
		}
		return e.store.Put(ctx, list)
	})
}

// mine makes sure that this database may change what is there.
func (e *elsewhere) mine(ctx context.Context) error {
	if err := e.open(); err != nil {
		return err
	}
	if e.owner == "" {
		return fault.New(fault.Conflict, "This database is a copy: its events in %s are another one's, so it stores and "+
			"deletes none. Open it with --events %[1]s to make them its own; the other one then stores none.", e.address)
	}
	owner, err := e.store.Owner(ctx)
	switch {
	case err != nil:
		return err
	case owner == "":
		return e.store.Own(ctx, e.owner)
	case owner != e.owner:
		return fault.New(fault.Conflict, "%s holds the events of another database of Escutcheon, so nothing is stored or "+
			"deleted there. Name another one with --events, for a new database.", e.address)
	}
	return nil
}

// grace is how long a version that does not count any more is kept for those who still
// read the state in which it did.
const grace = 10 * time.Minute

// mostGone is how many versions are forgotten at once.
const mostGone = 4096

// ForgetGone forgets, in the store where they lie, versions of blocks that have not counted
// for so long. There are none where the events are in the database file.
func (d *DB) ForgetGone(ctx context.Context, after time.Duration) (err error) {
	defer fault.Wrap(&err, "forget what was deleted")
	e, ok := d.w.lie.(*elsewhere)
	if !ok || d.ReadOnly() {
		return nil
	}
	for {
		var refs []blockstore.Ref
		if err := d.goneSince(ctx, d.now().Add(-after).Unix(), &refs); err != nil || len(refs) == 0 {
			return err
		}
		if err := e.mine(ctx); err != nil {
			return err
		}
		if err := e.store.Forget(ctx, refs); err != nil {
			return err
		}
		if err := d.writeQuietly(ctx, func(t *tx) error {
			for _, r := range refs {
				if _, err := t.exec(`DELETE FROM block_gone WHERE first = ? AND at = ?`, r.First, r.At); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			return err
		}
	}
}

func (d *DB) goneSince(ctx context.Context, since int64, refs *[]blockstore.Ref) error {
	return d.rows(ctx, func(r *sql.Rows) error {
		var ref blockstore.Ref
		err := r.Scan(&ref.First, &ref.At)
		*refs = append(*refs, ref)
		return err
	}, `SELECT first, at FROM block_gone WHERE since <= ? LIMIT ?`, since, mostGone)
}

// KeepForgetting forgets what has not counted for a while, until the context ends.
func (d *DB) KeepForgetting(ctx context.Context, log *slog.Logger) {
	tick := time.NewTicker(time.Minute)
	defer tick.Stop()
	var next time.Time // to look for what crashes left
	for said := ""; ; {
		found, err := 0, d.ForgetGone(ctx, grace)
		if now := d.now(); err == nil && !now.Before(next) {
			if found, err = d.SweepLeft(ctx); err == nil {
				next = now.Add(sweepEvery)
			}
		}
		if found > 0 {
			log.Info("blocks of events that crashes left where they are kept are forgotten in an hour", "blocks", found)
		}
		if err != nil && ctx.Err() == nil && err.Error() != said {
			said = err.Error()
			log.Warn("forget what was deleted", "err", err)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}
