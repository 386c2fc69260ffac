package db

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"escutcheon/fault"
	"escutcheon/intake"
)

// markMemory is for how long it is known how far the stream of an ingester was taken
// that has ended.
const markMemory = 90 * 24 * time.Hour

// took says whether an arrival was taken before; else it is noted that it is now.
func (t *tx) took(p intake.Place) (bool, error) {
	if p.Stream == "" {
		return false, nil
	}
	var one int
	err := t.get(`SELECT 1 FROM inbox_mark WHERE stream = ?1 AND seq >= ?2
		UNION SELECT 1 FROM inbox_taken WHERE stream = ?1 AND seq = ?2 AND n = ?3`, []any{p.Stream, p.Seq, p.N}, &one)
	if !errors.Is(err, sql.ErrNoRows) {
		return err == nil, err
	}
	_, err = t.exec(`INSERT INTO inbox_taken (stream, seq, n) VALUES (?, ?, ?)`, p.Stream, p.Seq, p.N)
	return false, err
}

// InboxMark returns how far each stream of the inbox was taken.
func (d *DB) InboxMark(ctx context.Context) (intake.Mark, error) {
	out := intake.Mark{}
	return out, d.rows(ctx, func(r *sql.Rows) error {
		var stream string
		var seq int64
		err := r.Scan(&stream, &seq)
		out[stream] = seq
		return err
	}, `SELECT stream, seq FROM inbox_mark`)
}

// MarkInbox notes how far streams were taken.
func (d *DB) MarkInbox(ctx context.Context, m intake.Mark) (err error) {
	defer fault.Wrap(&err, "mark the inbox")
	return d.writeQuietly(ctx, func(t *tx) error {
		now := d.now()
		for stream, seq := range m {
			if _, err := t.exec(`INSERT INTO inbox_mark (stream, seq, seen) VALUES (?, ?, ?) ON CONFLICT DO UPDATE
				SET seq = max(seq, excluded.seq), seen = excluded.seen`, stream, seq, now.UnixNano()); err != nil {
				return err
			}
			if _, err := t.exec(`DELETE FROM inbox_taken WHERE stream = ? AND seq <= ?`, stream, seq); err != nil {
				return err
			}
		}
		_, err := t.exec(`DELETE FROM inbox_mark WHERE seen < ?`, now.Add(-markMemory).UnixNano())
		return err
	})
}

// MayTake says why this database takes nothing from the inbox: its events are not where
// an inbox is, or are another one's.
func (d *DB) MayTake(ctx context.Context) error {
	e, ok := d.w.lie.(*elsewhere)
	if !ok {
		return fault.New(fault.Conflict, "The events of this database are in its file, so no ingester feeds it.")
	}
	return e.mine(ctx)
}

// Elsewhere is the address at which events lie outside the database file; "" where they
// are in it.
func (d *DB) Elsewhere() string {
	if e, ok := d.w.lie.(*elsewhere); ok {
		return e.address
	}
	return ""
}
