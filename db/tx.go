package db

import (
	"context"
	"database/sql"
	"strings"
)

// tx is a transaction that prepares each statement once: most run once an event
// or a finding.
type tx struct {
	ctx   context.Context
	raw   *sql.Tx
	stmts map[string]*sql.Stmt // by their text
}

func newTx(ctx context.Context, raw *sql.Tx) *tx {
	return &tx{ctx: ctx, raw: raw, stmts: map[string]*sql.Stmt{}}
}

func (t *tx) close() {
	for _, st := range t.stmts {
		_ = st.Close() // the transaction's end says what matters
	}
}

// stmt is a statement, prepared.
func (t *tx) stmt(query string) (*sql.Stmt, error) {
	if st, ok := t.stmts[query]; ok {
		return st, nil
	}
	st, err := t.raw.PrepareContext(t.ctx, query)
	if err == nil {
		t.stmts[query] = st
	}
	return st, err
}

func (t *tx) exec(query string, args ...any) (sql.Result, error) {
	st, err := t.stmt(query)
	if err != nil {
		return nil, err
	}
	return st.ExecContext(t.ctx, args...)
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

// get scans the one row of a query.
func (t *tx) get(query string, args []any, dst ...any) error {
	st, err := t.stmt(query)
	if err != nil {
		return err
	}
	return st.QueryRowContext(t.ctx, args...).Scan(dst...)
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
	st, err := t.stmt(query)
	if err != nil {
		return nil, err
	}
	return st.QueryContext(ctx, args...)
}

// QueryRowContext makes tx a conn.
func (t *tx) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	st, err := t.stmt(query)
	if err != nil {
		return t.raw.QueryRowContext(ctx, query, args...) // which gives the error
	}
	return st.QueryRowContext(ctx, args...)
}
