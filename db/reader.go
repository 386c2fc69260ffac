package db

import (
	"context"
	"database/sql"
	"errors"
	"runtime"
	"sync"
)

// pageReaders are connections that pages ask their questions by, each with its
// statements prepared.
type pageReaders struct {
	pool *pool

	mu    sync.Mutex
	free  int       // how many more may be in use
	turns turns     // who waits
	idle  []*reader // the last one was used last: its cache is warm
}

// reader is one of them. It is used by one goroutine at a time.
type reader struct {
	sqlConn *sql.Conn
	lie     contents
	stmts   map[string]*sql.Stmt
}

// mostPrepared bounds the statements of a reader: some are put together of
// conditions.
const mostPrepared = 256

// pageReaderCount is how many there are at most: as many as the machine can keep
// busy, and a few that wait for the disk.
var pageReaderCount = max(4, 2*runtime.NumCPU())

func newPageReaders(pool *pool, most int) *pageReaders {
	return &pageReaders{pool: pool, free: most}
}

// take takes a reader, and waits for one where all are in use. Whoever asks for
// the request that came first is first: a page asks many questions, and would
// queue for each of them behind all who came later.
func (p *pageReaders) take(ctx context.Context) (*reader, error) {
	if err := p.turn(ctx); err != nil {
		return nil, err
	}
	p.mu.Lock()
	if n := len(p.idle); n > 0 {
		r := p.idle[n-1]
		p.idle = p.idle[:n-1]
		p.mu.Unlock()
		return r, nil
	}
	p.mu.Unlock()
	conn, err := p.pool.Conn(ctx)
	if err != nil {
		p.leave()
		return nil, err
	}
	return &reader{conn, p.pool.lie, map[string]*sql.Stmt{}}, nil
}

// give gives a reader back; one that failed is closed.
func (p *pageReaders) give(r *reader, failed bool) {
	if failed {
		r.close()
	} else {
		p.mu.Lock()
		p.idle = append(p.idle, r)
		p.mu.Unlock()
	}
	p.leave()
}

// close closes those that are idle: all, as nobody asks any more.
func (p *pageReaders) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, r := range p.idle {
		r.close()
	}
	p.idle = nil
}

func (r *reader) close() {
	for _, st := range r.stmts {
		_ = st.Close() // only read from
	}
	_ = r.sqlConn.Close()
}

func (r *reader) stmt(query string) (*sql.Stmt, error) {
	if st, ok := r.stmts[query]; ok {
		return st, nil
	}
	if len(r.stmts) >= mostPrepared {
		for q, st := range r.stmts {
			_ = st.Close()
			delete(r.stmts, q)
		}
	}
	st, err := r.sqlConn.PrepareContext(context.Background(), query)
	if err == nil {
		r.stmts[query] = st
	}
	return st, err
}

// QueryContext makes a reader a conn. The end of the context is looked at
// before a query only: watching it costs more than most of them.
func (r *reader) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	st, err := r.stmt(query)
	if err != nil {
		return nil, err
	}
	return st.QueryContext(context.WithoutCancel(ctx), args...)
}

// QueryRowContext makes a reader a conn.
func (r *reader) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	st, err := r.stmt(query)
	if err != nil || ctx.Err() != nil {
		return r.sqlConn.QueryRowContext(ctx, query, args...) // which gives the error
	}
	return st.QueryRowContext(context.WithoutCancel(ctx), args...)
}

// do runs a statement that gives no rows.
func (r *reader) do(query string) error {
	st, err := r.stmt(query)
	if err == nil {
		_, err = st.ExecContext(context.Background())
	}
	return err
}

// snapshot reads what several queries ask as of one moment.
func (d *DB) snapshot(ctx context.Context, read func(conn) error) (err error) {
	r, err := d.pages.take(ctx)
	if err != nil {
		return err
	}
	failed := true // also where read does not return
	defer func() { d.pages.give(r, failed) }()
	if err := r.do(`BEGIN`); err != nil {
		return err
	}
	err = read(r)
	end := r.do(`ROLLBACK`) // nothing was written
	failed = end != nil
	return errors.Join(err, end)
}

// ask runs one query as snapshot does, and calls scan for each row, which asks
// nothing itself.
func (d *DB) ask(ctx context.Context, scan func(*sql.Rows) error, query string, args ...any) error {
	r, err := d.pages.take(ctx)
	if err != nil {
		return err
	}
	failed := true
	defer func() { d.pages.give(r, failed) }()
	err = each(ctx, r, scan, query, args...)
	failed = false
	return err
}

// errPageFull ends the reading of a query's rows.
var errPageFull = errors.New("the page is full")

func passFull(err error) error {
	if errors.Is(err, errPageFull) {
		return nil
	}
	return err
}

func (r *reader) contents() contents { return r.lie }
