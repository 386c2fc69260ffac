package db

import (
	"context"
	"database/sql"
	"errors"

	"escutcheon/fault"
	"escutcheon/store"
)

// keptPiece is how many bytes of a kept file one row holds.
const keptPiece = 1 << 20

// keep stores bytes by their SHA-256, once.
func (t *tx) keep(sum string, data []byte) error {
	var n int
	if err := t.get(`SELECT count(*) FROM kept WHERE sha256 = ?`, []any{sum}, &n); err != nil || n > 0 {
		return err
	}
	if _, err := t.exec(`INSERT INTO kept (sha256, size) VALUES (?, ?)`, sum, len(data)); err != nil {
		return err
	}
	for n := 0; len(data) > 0; n++ {
		piece := data[:min(len(data), keptPiece)]
		if _, err := t.exec(`INSERT INTO kept_piece (sha256, n, data) VALUES (?, ?, ?)`, sum, n, piece); err != nil {
			return err
		}
		data = data[len(piece):]
	}
	return nil
}

// unkeep forgets bytes that nothing needs any more.
func (t *tx) unkeep(sum string) error {
	var n int
	if err := t.get(`SELECT (SELECT count(*) FROM case_file WHERE sha256 = ?1) + (SELECT count(*) FROM pin_copy
		WHERE sha256 = ?1)`, []any{sum}, &n); err != nil || n > 0 {
		return err
	}
	return t.do([]any{sum}, `DELETE FROM kept_piece WHERE sha256 = ?`, `DELETE FROM kept WHERE sha256 = ?`)
}

// errNotKept is for bytes that should be kept and are not.
var errNotKept = errors.New("not kept")

// Kept returns kept bytes: only such as have their SHA-256.
func (d *DB) Kept(ctx context.Context, sum string) ([]byte, error) {
	data, err := kept(ctx, d.r, sum)
	switch {
	case errors.Is(err, errNotKept):
		return nil, fault.New(fault.NotFound, "Nothing is kept whose SHA-256 is %s.", sum)
	case err != nil:
		return nil, err
	case store.SumOf(data) != sum:
		return nil, fault.New(fault.Internal, "What is kept as %s has another SHA-256 now: the database is damaged.", sum)
	}
	return data, nil
}

// kept returns what is kept, whatever it is by now.
func kept(ctx context.Context, q conn, sum string) (out []byte, err error) {
	var size int64
	if err := one(ctx, q, `SELECT size FROM kept WHERE sha256 = ?`, []any{sum}, &size); err != nil {
		if errors.Is(err, sql.ErrNoRows) {
			err = errNotKept
		}
		return nil, err
	}
	return out, each(ctx, q, func(r *sql.Rows) error {
		var piece []byte
		err := r.Scan(&piece)
		out = append(out, piece...)
		return err
	}, `SELECT data FROM kept_piece WHERE sha256 = ? ORDER BY n`, sum)
}
