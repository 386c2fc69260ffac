package db

import (
	"context"
	"database/sql"
	"slices"
	"time"

	"escutcheon/eventstore/blockstore"
	"escutcheon/fault"
)

// sweepEvery is how often a server looks for what crashes left in another store.
const sweepEvery = time.Hour

// leftFor is how long what a crash left stays when it was found.
const leftFor = time.Hour

// dayBits are those of a version behind its day.
const dayBits = 44

// SweepLeft finds versions of blocks in the store where they lie that were put and never
// named: a crash, a server that was away, or a cut connection came between. They are
// forgotten an hour later. While they are looked for nobody else writes, so none of them is
// of an insert that is under way. It returns how many were found.
func (d *DB) SweepLeft(ctx context.Context) (found int, err error) {
	defer fault.Wrap(&err, "find what crashes left")
	e, ok := d.w.lie.(*elsewhere)
	if !ok || e.owner == "" || d.ReadOnly() { // a copy has nothing to forget
		return 0, nil
	}
	if err := e.mine(ctx); err != nil {
		return 0, err
	}
	today := e.now().Unix() / 86400
	var since int64
	if err := d.r.QueryRowContext(ctx, `SELECT ifnull((SELECT last FROM sequence WHERE name = 'swept'), 0)`).Scan(
		&since); err != nil {
		return 0, err
	}
	since = max(since-1, 0) // a transaction may have begun the day before
	left, err := e.unnamed(ctx, d.r, since<<dayBits)
	if err != nil {
		return 0, err
	}
	return found, d.writeQuietly(ctx, func(t *tx) error {
		found = 0
		for _, r := range left {
			known, err := isNamed(t, r)
			if err != nil || known {
				if err != nil {
					return err
				}
				continue
			}
			found++
			if _, err := t.exec(`INSERT INTO block_gone (first, at, since) VALUES (?, ?, ?)`, r.First, r.At,
				e.now().Add(leftFor-grace).Unix()); err != nil {
				return err
			}
		}
		_, err := t.exec(`INSERT INTO sequence (name, last) VALUES ('swept', ?)
			ON CONFLICT DO UPDATE SET last = excluded.last`, today)
		return err
	})
}

// isNamed says whether a version counts, or did.
func isNamed(t *tx, r blockstore.Ref) (is bool, err error) {
	return is, t.get(`SELECT EXISTS (SELECT 1 FROM block_at WHERE first = ?1 AND (columns = ?2 OR bytes = ?2))
		OR EXISTS (SELECT 1 FROM block_gone WHERE first = ?1 AND at = ?2)`, []any{r.First, r.At}, &is)
}

// unnamed are the versions from a number on that are kept and that the database neither
// names nor is about to forget.
func (e *elsewhere) unnamed(ctx context.Context, q conn, since int64) (left []blockstore.Ref, err error) {
	kept, err := e.store.Versions(ctx, since)
	if err != nil {
		return nil, err
	}
	named := map[blockstore.Ref]bool{}
	if err := each(ctx, q, func(r *sql.Rows) error {
		var ref blockstore.Ref
		err := r.Scan(&ref.First, &ref.At)
		named[ref] = true
		return err
	}, `SELECT first, columns FROM block_at WHERE columns >= ?1 UNION ALL SELECT first, bytes FROM block_at
		WHERE bytes >= ?1 UNION ALL SELECT first, at FROM block_gone`, since); err != nil {
		return nil, err
	}
	return slices.DeleteFunc(kept, func(r blockstore.Ref) bool { return named[r] }), nil
}

// LeftElsewhere counts the versions of blocks that are kept elsewhere and that nobody names:
// what crashes left, and what is being stored just now.
func (d *DB) LeftElsewhere(ctx context.Context) (n int, err error) {
	defer fault.Wrap(&err, "what crashes left")
	e, ok := d.w.lie.(*elsewhere)
	if !ok || e.store == nil {
		return 0, nil
	}
	left, err := e.unnamed(ctx, d.r, 0)
	return len(left), err
}
