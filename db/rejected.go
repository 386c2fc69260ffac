package db

import (
	"context"
	"database/sql"
	"io"
	"iter"

	"escutcheon/fault"
	"escutcheon/intake"
)

// AllRejections streams the rejections of an import in the file's order,
// without Sample.
func (d *DB) AllRejections(ctx context.Context, id int64) iter.Seq2[intake.Rejection, error] {
	return stream(ctx, d, func(r *sql.Rows) (j intake.Rejection, err error) {
		return j, r.Scan(&j.Offset, &j.Length, &j.Reason)
	}, `SELECT offset, length, reason FROM rejection WHERE import_id = ? ORDER BY n`, id)
}

// KeepRejected stores a part of the bytes of an import's n-th rejection.
func (d *DB) KeepRejected(ctx context.Context, id, n, part int64, data []byte) error {
	w, err := newBlockWriter()
	if err != nil {
		return err
	}
	packed := w.enc.EncodeAll(data, nil)
	return d.write(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO rejected_bytes (import_id, n, part, data) VALUES (?, ?, ?, ?) ON CONFLICT
			DO UPDATE SET data = excluded.data`,
			id, n, part, packed)
		return err
	})
}

// WriteRejected writes what is kept of the bytes of an import's n-th
// rejection, and says how many bytes that is.
func (d *DB) WriteRejected(ctx context.Context, w io.Writer, id, n int64) (size int64, err error) {
	defer fault.Wrap(&err, "rejected bytes of import %d", id)
	for part := int64(0); ; part++ {
		var data []byte
		err := d.r.QueryRowContext(ctx, `SELECT data FROM rejected_bytes WHERE import_id = ? AND n = ? AND part = ?`, id, n,
			part).Scan(&data)
		if err == sql.ErrNoRows {
			return size, nil
		}
		if err != nil {
			return size, err
		}
		b, err := blockDecoder.DecodeAll(data, nil)
		if err != nil {
			return size, err
		}
		m, err := w.Write(b)
		size += int64(m)
		if err != nil {
			return size, err
		}
	}
}
