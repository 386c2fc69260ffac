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
// without Sample, chunk by chunk: between two it holds nothing of the database's.
func (d *DB) AllRejections(ctx context.Context, id int64) iter.Seq2[intake.Rejection, error] {
	return func(yield func(intake.Rejection, error) bool) {
		for last := int64(-1); ; {
			var some []intake.Rejection
			err := each(ctx, d.out, func(r *sql.Rows) error {
				var j intake.Rejection
				err := r.Scan(&last, &j.Offset, &j.Length, &j.Line, &j.Reason)
				if err == nil {
					some = append(some, j)
				}
				return err
			}, `SELECT n, offset, length, `+lineOf+`, reason FROM rejection r WHERE import_id = ? AND n > ? ORDER BY n LIMIT ?`,
				id, last, chunkRows)
			for _, j := range some {
				if !yield(j, nil) {
					return
				}
			}
			if err != nil {
				yield(intake.Rejection{}, err)
				return
			}
			if len(some) < chunkRows {
				return
			}
		}
	}
}

// lineOf is in which line a rejection begins: that is known of what is kept of it.
const lineOf = `ifnull((SELECT b.line FROM rejected_bytes b WHERE b.import_id = r.import_id AND b.n = r.n
	AND b.part = 0), 0)`

// storeRejections keeps what was rejected; of the first ones of an import with
// their first bytes, which the pages show.
func (s *batch) storeRejections(before int64) error {
	return s.execMany(`INSERT INTO rejection (import_id, n, offset, length, reason, sample) VALUES `,
		`(?, ?, ?, ?, ?, ifnull(?, x''))`, ``, len(s.b.Rejections), func(args []any, i int) []any {
			r, n := s.b.Rejections[i], before+int64(i)
			if n >= intake.MaxSamples {
				r.Sample = nil
			}
			return append(args, s.b.Import, n, r.Offset, r.Length, r.Reason, r.Sample)
		})
}

// KeepRejected stores parts of the bytes of an import's rejections, all in one
// transaction.
func (d *DB) KeepRejected(ctx context.Context, id int64, parts []intake.RejectedPart) (err error) {
	defer fault.Wrap(&err, "keep what import %d rejected", id)
	packed := packRejected(parts) // before the lock is taken
	return d.writeQuietly(ctx, func(t *tx) error { return t.keepRejected(id, parts, packed) })
}

func packRejected(parts []intake.RejectedPart) [][]byte {
	out := make([][]byte, len(parts))
	for i, p := range parts {
		out[i] = zipper.EncodeAll(p.Data, nil)
	}
	return out
}

// keepRejected stores parts of rejections, of which packed is zstd.
func (t *tx) keepRejected(id int64, parts []intake.RejectedPart, packed [][]byte) error {
	return t.execMany(`INSERT INTO rejected_bytes (import_id, n, part, line, data) VALUES `, `(?, ?, ?, ?, ?)`,
		` ON CONFLICT DO UPDATE SET data = excluded.data, line = excluded.line`, len(parts), func(args []any, i int) []any {
			return append(args, id, parts[i].N, parts[i].Part, parts[i].Line, packed[i])
		})
}

// WriteRejected writes what is kept of the bytes of an import's n-th
// rejection, and says how many bytes that is.
func (d *DB) WriteRejected(ctx context.Context, w io.Writer, id, n int64) (size int64, err error) {
	defer fault.Wrap(&err, "rejected bytes of import %d", id)
	for part := int64(0); ; part++ {
		var data []byte
		err := d.out.QueryRowContext(ctx, `SELECT data FROM rejected_bytes WHERE import_id = ? AND n = ? AND part = ?`, id, n,
			part).Scan(&data)
		if err == sql.ErrNoRows {
			return size, nil
		}
		if err != nil {
			return size, err
		}
		b, err := unzipper.DecodeAll(data, nil)
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
