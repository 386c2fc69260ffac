package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"time"

	sqlite3 "modernc.org/sqlite/lib"

	"escutcheon/fault"
)

// kind is what a write is like.
type kind struct {
	large   bool // takes longer than a few milliseconds: shares no transaction
	patient bool // nobody sits in front of it
	lax     bool // a later write, which is on the disk, says that it stands
}

const (
	// askAgain is how often a writer asks for the lock that another process
	// has. SQLite's own waiting grows to 100 ms, and never finds the gap that
	// a process leaves which writes back to back.
	askAgain = time.Millisecond
	// patience is how long it waits before it says who has the lock.
	patience = 10 * time.Second
	// longPatience is how long it waits where nobody looks on, having said so
	// (OnWait): an older Escutcheon deletes a large import in one transaction.
	longPatience = 10 * time.Minute
)

// noWaiting makes SQLite say at once that another connection has a lock.
const noWaiting = `PRAGMA busy_timeout = 0`

// newWriter takes the pool's one connection.
func newWriter(ctx context.Context, pool *sql.DB, path string, now func() time.Time) (*writer, error) {
	w := &writer{path: path, now: now, patience: patience, sharing: groupTime, lie: inFile{},
		fast: map[string]driver.Stmt{}, std: map[string]*sql.Stmt{}, wrote: make(chan struct{}, 1)}
	var err error
	if w.conn, err = pool.Conn(ctx); err != nil {
		return nil, err
	}
	err = w.conn.Raw(func(c any) error {
		w.drv = c.(driver.Conn)
		return nil
	})
	if err == nil {
		_, err = w.conn.ExecContext(ctx, `SELECT 1 FROM sqlite_schema LIMIT 1`) // the file is made when it is asked
	}
	if err == nil {
		w.same, err = newSameFile(path)
	}
	if err == nil { // begin asks itself
		_, err = w.conn.ExecContext(ctx, noWaiting+`; PRAGMA wal_autocheckpoint = 0`)
	}
	if err != nil {
		return nil, errors.Join(err, w.conn.Close())
	}
	return w, nil
}

// begin begins an immediate transaction, once no other process writes.
func (w *writer) begin(ctx context.Context, kind kind) error {
	if len(w.fast)+len(w.std) > mostStatements {
		w.forget()
	}
	if err := sleep(ctx, time.Until(w.notBefore)); err != nil {
		return err
	}
	if err := w.sync(kind.lax); err != nil {
		return err
	}
	if w.walSize() >= walMost && w.mayEmpty() {
		w.truncate()
	}
	most, told := w.patience, false
	if kind.patient {
		most = longPatience
	}
	for began := time.Now(); ; {
		err := w.step(`BEGIN IMMEDIATE`)
		if err == nil {
			break
		}
		if !isBusy(err) {
			return err
		}
		waited := time.Since(began)
		if waited > most {
			return busy(w.path, waited)
		}
		if tell := w.onWait.Load(); tell != nil && waited > w.patience && !told {
			(*tell)(writing(w.path, waited) + ". It is waited for.")
			told = true
		}
		if err := sleep(ctx, askAgain); err != nil {
			return err
		}
	}
	return w.lookElsewhere()
}

// sync has commits be on the disk when they return, or (lax) no later than those
// of a later write that asks for it. A transaction that a power cut takes back
// for that is taken back whole, with all after it.
func (w *writer) sync(lax bool) error {
	if w.lax == lax {
		return nil
	}
	level := `PRAGMA synchronous = FULL`
	if lax {
		level = `PRAGMA synchronous = NORMAL`
	}
	err := w.pragma(level)
	if err == nil {
		w.lax = lax
	}
	return err
}

// pragma sets something. Many pragmas do so when they are prepared, so this is no
// statement that is kept.
func (w *writer) pragma(query string) error {
	_, err := w.drv.(driver.ExecerContext).ExecContext(context.Background(), query, nil)
	return err
}

// lookElsewhere begins a new epoch when another connection has changed the
// database since the last transaction.
func (w *writer) lookElsewhere() error {
	t := tx{ctx: context.Background(), free: context.Background(), w: w}
	before := w.version
	if err := t.get(`PRAGMA data_version`, nil, &w.version); err != nil {
		return errors.Join(err, w.step(`ROLLBACK`))
	}
	if w.version != before {
		w.epoch++
	}
	return nil
}

func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func isBusy(err error) bool { return resultCode(err) == sqlite3.SQLITE_BUSY }

// busy says who has kept a writer waiting.
func busy(path string, waited time.Duration) error {
	return fault.New(fault.Busy, "%s, so nothing was changed here. Wait until it is done, or stop it, and try again.",
		writing(path, waited))
}

func writing(path string, waited time.Duration) string {
	return fmt.Sprintf("%s has been writing to the database for %d seconds", holder(path), int(waited.Seconds()))
}

// step runs one of the statements that begin and end transactions.
func (w *writer) step(query string) error {
	st, err := w.prepare(query)
	if err != nil {
		return err
	}
	_, err = st.(driver.StmtExecContext).ExecContext(context.Background(), nil)
	return err
}

// prepare is a statement of the driver's.
func (w *writer) prepare(query string) (driver.Stmt, error) {
	if st, ok := w.fast[query]; ok {
		return st, nil
	}
	st, err := w.drv.Prepare(query)
	if err == nil {
		w.fast[query] = st
	}
	return st, err
}

// query is a statement for rows that database/sql scans.
func (w *writer) query(query string) (*sql.Stmt, error) {
	if st, ok := w.std[query]; ok {
		return st, nil
	}
	st, err := w.conn.PrepareContext(context.Background(), query)
	if err == nil {
		w.std[query] = st
	}
	return st, err
}

// forget closes the statements. None of them may be in use.
func (w *writer) forget() {
	for _, st := range w.fast {
		_ = st.Close() // nothing is lost with one
	}
	for _, st := range w.std {
		_ = st.Close()
	}
	clear(w.fast)
	clear(w.std)
}
