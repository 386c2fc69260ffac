package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"strings"
)

// tx is a transaction of the one connection that writes, or one member's part
// of a transaction that several share. Its statements are prepared once a
// process. It is valid until the function that it was given to returns.
//
// epoch serves caches that mirror the database and outlive a transaction: what
// was kept under another epoch may not be so any more, because another process
// wrote or a transaction was undone. A cache is filled under the epoch of the
// transaction that fills it, and dropped when it meets another one.
type tx struct {
	ctx   context.Context // the caller's: looked at before each statement
	free  context.Context // the same without its end
	w     *writer
	epoch int64
	late  *late // where what it makes of risk may be left; else nil
	whole bool  // risk alone is settled at its end

	pending pending // see elsewhere
}

func (t *tx) contents() contents { return t.w.lie }

// exec runs a statement that gives no rows.
func (t *tx) exec(query string, args ...any) (sql.Result, error) {
	st, err := t.stmt(query)
	if err != nil {
		return nil, err
	}
	values, err := t.w.values(args)
	if err != nil {
		return nil, err
	}
	return st.(driver.StmtExecContext).ExecContext(t.free, values)
}

// stmt is a statement of the driver's, prepared.
func (t *tx) stmt(query string) (driver.Stmt, error) {
	if err := t.ctx.Err(); err != nil {
		return nil, err
	}
	return t.w.prepare(query)
}

// do runs statements that all take the same arguments.
func (t *tx) do(args []any, queries ...string) error {
	for _, q := range queries {
		if _, err := t.exec(q, args...); err != nil {
			return err
		}
	}
	return nil
}

// manyRows is how many rows one statement of execMany inserts.
const manyRows = 64

// execMany inserts n rows, many a statement: head, the values of one row for
// each, and tail. args appends the arguments of the i-th row.
func (t *tx) execMany(head, row, tail string, n int, args func(dst []any, i int) []any) error {
	var dst []any
	for at := 0; at < n; {
		rows := min(n-at, manyRows)
		if rows < manyRows {
			rows = 1 // two statements are all that is prepared
		}
		dst = dst[:0]
		for i := range rows {
			dst = args(dst, at+i)
		}
		if _, err := t.exec(head+strings.Repeat(row+", ", rows-1)+row+tail, dst...); err != nil {
			return err
		}
		at += rows
	}
	return nil
}

// get scans the one row of a query; without one it is sql.ErrNoRows.
func (t *tx) get(query string, args []any, dst ...any) (err error) {
	if !plain(dst) {
		return t.QueryRowContext(t.ctx, query, args...).Scan(dst...)
	}
	st, err := t.stmt(query)
	if err != nil {
		return err
	}
	values, err := t.w.values(args)
	if err != nil {
		return err
	}
	rows, err := st.(driver.StmtQueryContext).QueryContext(t.free, values)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	row := t.w.row(len(rows.Columns()))
	if err := rows.Next(row); err != nil {
		if err == io.EOF {
			return sql.ErrNoRows
		}
		return err
	}
	return assign(row, dst)
}

// each calls scan for each row of a query.
func (t *tx) each(scan func(*sql.Rows) error, query string, args ...any) error {
	return each(t.ctx, t, scan, query, args...)
}

// column is the numbers that a query of one column gives.
func (t *tx) column(query string, args ...any) (out []int64, err error) {
	err = t.each(func(r *sql.Rows) error {
		var n int64
		err := r.Scan(&n)
		out = append(out, n)
		return err
	}, query, args...)
	return out, err
}

// QueryContext makes tx a conn.
func (t *tx) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	st, err := t.w.query(query)
	if err != nil {
		return nil, err
	}
	return st.QueryContext(t.free, args...)
}

// QueryRowContext makes tx a conn.
func (t *tx) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	st, err := t.w.query(query)
	if err != nil || ctx.Err() != nil {
		return t.w.conn.QueryRowContext(ctx, query, args...) // which gives the error
	}
	return st.QueryRowContext(t.free, args...)
}
