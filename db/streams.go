package db

import (
	"context"
	"database/sql"
	"encoding/json"
	"iter"
)

// chunkRows is how many rows of a download are in memory at once.
const chunkRows = 512

// byNumber streams the rows of a table that a query names by number, in its
// order: which rows there are is read at once, what they hold chunk by chunk,
// as it is then. Between two chunks it holds nothing of the database's: who
// reads them may be slow. A row that goes meanwhile is left out.
type byNumber struct {
	ids   string // the query of the numbers
	args  []any
	table string
	cols  string
}

func stream[T any](ctx context.Context, d *DB, q byNumber, scan func(*sql.Rows) (T, error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		ids, err := q.numbers(ctx, d)
		if err != nil {
			yield(none, err)
			return
		}
		for len(ids) > 0 {
			n := min(len(ids), chunkRows)
			rows, err := chunk(ctx, d, q, ids[:n], scan)
			for _, r := range rows {
				if !yield(r, nil) {
					return
				}
			}
			if err != nil {
				yield(none, err)
				return
			}
			ids = ids[n:]
		}
	}
}

func (q byNumber) numbers(ctx context.Context, d *DB) (out []int64, err error) {
	err = each(ctx, d.out, func(r *sql.Rows) error {
		var n int64
		err := r.Scan(&n)
		out = append(out, n)
		return err
	}, q.ids, q.args...)
	return out, err
}

// chunk reads some of the rows, those before an error.
func chunk[T any](ctx context.Context, d *DB, q byNumber, ids []int64,
	scan func(*sql.Rows) (T, error)) (out []T, err error) {
	list, err := json.Marshal(ids)
	if err != nil {
		return nil, err
	}
	out = make([]T, 0, len(ids))
	err = each(ctx, d.out, func(r *sql.Rows) error {
		v, err := scan(r)
		if err == nil {
			out = append(out, v)
		}
		return err
	}, `SELECT `+q.cols+` FROM (SELECT key AS nth, value AS number FROM json_each(?)) CROSS JOIN `+q.table+
		` ON `+q.table+`.rowid = number ORDER BY nth`, string(list))
	return out, err
}
