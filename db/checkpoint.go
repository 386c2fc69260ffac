package db

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"sync"
	"time"
)

// The WAL is copied into the database beside the writes once it has walSome
// bytes, and then emptied in a moment in which nobody writes; a writer that
// finds walMost bytes empties it before it begins. Readers of old snapshots
// keep it from being emptied: then it is tried again after walAgain. After
// walIdle without a write it is emptied whatever it has.
const (
	walSome  = 24 << 20
	walMost  = 40 << 20
	walIdle  = time.Second
	walAgain = 200 * time.Millisecond

	walLooks  = 3       // how often the WAL is copied at most before it is emptied
	walLittle = 2 << 20 // what is left then, if it can be

	// readersEnd is how long emptying waits for the readers of old snapshots.
	readersEnd = `PRAGMA busy_timeout = 100`
)

// checkpointer keeps the WAL short. SQLite's own way, wal_autocheckpoint,
// copies while the writer waits, and lets the WAL grow as long as it is read.
type checkpointer struct {
	w    *writer
	pool *sql.DB // a connection of its own
	stop context.CancelFunc
	all  sync.WaitGroup
}

func newCheckpointer(w *writer) (*checkpointer, error) {
	pool, err := sql.Open("sqlite", dsn(w.path, 1<<10, "_pragma=busy_timeout(0)"))
	if err != nil {
		return nil, err
	}
	pool.SetMaxOpenConns(1)
	ctx, stop := context.WithCancel(context.Background())
	c := &checkpointer{w: w, pool: pool, stop: stop}
	c.all.Go(func() { c.run(ctx) })
	return c, nil
}

func (c *checkpointer) close() error {
	c.end()
	return c.pool.Close()
}

func (c *checkpointer) end() {
	c.stop()
	c.all.Wait()
}

func (c *checkpointer) run(ctx context.Context) {
	idle := time.NewTimer(walIdle)
	for {
		least := int64(walSome)
		select {
		case <-ctx.Done():
			return
		case <-c.w.wrote:
			idle.Reset(walIdle)
		case <-idle.C:
			least = 1
		}
		if c.w.walSize() >= least && c.w.mayEmpty() {
			c.empty(ctx)
		}
		if least == 1 && c.w.walSize() > 0 {
			idle.Reset(walIdle)
		}
	}
}

// empty copies the WAL while others write, then what came meanwhile, and then the
// little that is left while none does. An error (a full disk, a file that is
// gone) is met again by who writes.
func (c *checkpointer) empty(ctx context.Context) {
	if c.w.same.check() != nil {
		return
	}
	for range walLooks {
		before := c.w.walSize()
		var err error
		c.w.same.copies(func() { _, err = c.pool.ExecContext(ctx, `PRAGMA wal_checkpoint(PASSIVE)`) })
		if err != nil {
			return
		}
		if c.w.walSize()-before < walLittle {
			break
		}
	}
	c.w.emptied(ctx)
}

// emptied waits for a moment in which nobody writes, and empties the WAL then.
func (w *writer) emptied(ctx context.Context) {
	if w.wait(ctx, kind{large: true, patient: true}) != nil {
		return
	}
	if !w.closed {
		w.truncate()
	}
	w.pass(false)
}

// walSize is how many bytes the WAL has.
func (w *writer) walSize() int64 {
	info, err := os.Stat(w.path + "-wal")
	if err != nil {
		return 0
	}
	return info.Size()
}

// truncate empties the WAL, in the turn of who calls it.
func (w *writer) truncate() {
	if w.same.check() != nil { // what is there now would be damaged
		return
	}
	t := tx{ctx: context.Background(), free: context.Background(), w: w}
	var busy, pages, copied int64
	err := w.pragma(readersEnd)
	if err == nil {
		w.same.copies(func() {
			if err = t.get(`PRAGMA wal_checkpoint(TRUNCATE)`, nil, &busy, &pages, &copied); err == nil && busy == 0 {
				w.same.inFile() // so that a file that is laid there at once is not taken for ours
			}
		})
		err = errors.Join(err, w.pragma(noWaiting))
	}
	if err != nil || busy != 0 {
		w.emptyAt.Store(time.Now().Add(walAgain).UnixNano())
	}
}

// mayEmpty says whether it is time to empty the WAL again.
func (w *writer) mayEmpty() bool { return time.Now().UnixNano() >= w.emptyAt.Load() }
