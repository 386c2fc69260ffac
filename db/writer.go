package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// groupTime and groupMost bound how many small writes share a transaction.
const (
	groupTime = 20 * time.Millisecond
	groupMost = 256
)

// longWrite is a transaction after which, every gapEvery, a gap is left, in which
// another process's writer, which asks every millisecond or so, gets its turn.
const (
	longWrite = 50 * time.Millisecond
	gapEvery  = 150 * time.Millisecond
	writeGap  = 3 * time.Millisecond
)

// mostStatements bounds the statements that are kept.
const mostStatements = 1024

// writer is the one connection that writes. Writes take turns in the order in
// which they came, small ones before large ones, though not twice in a row
// while a large one waits. Small ones that wait share a transaction: each in a
// savepoint, so that one that fails undoes nothing of the others', and each is
// acknowledged when the transaction is on the disk. A write runs in the
// goroutine of who asked for it.
type writer struct {
	path     string
	now      func() time.Time // of what is written
	patience time.Duration    // see patience
	sharing  time.Duration    // see groupTime
	conn     *sql.Conn
	drv      driver.Conn // the same, without what database/sql does for each call
	lie      contents

	refuses error // all that is to be written; nil: nothing
	same    *sameFile
	commits atomic.Int64

	onWait  atomic.Pointer[func(string)]
	wrote   chan struct{} // for the checkpointer
	emptyAt atomic.Int64  // when emptying the WAL may be tried again

	mu           sync.Mutex
	held         bool
	small, large []chan struct{} // who waits; closed when it is their turn
	hurried      int             // of small, those in front of which somebody sits

	// The rest belongs to who has the turn.
	closed    bool
	wasSmall  bool // the last transaction was of small writes
	lax       bool // see sync
	notBefore time.Time
	group     *group // whose transaction is open
	version   int64  // of the database, as other connections changed it
	epoch     int64
	fast      map[string]driver.Stmt
	std       map[string]*sql.Stmt
	args      []driver.NamedValue
	vals      []driver.Value
}

// group is a transaction that writes share.
type group struct {
	began time.Time
	n     int           // writes that stand
	done  chan struct{} // closed when it has ended
	err   error         // of all, then
}

// run runs fn in a transaction.
func (w *writer) run(ctx context.Context, kind kind, fn func(*tx) error) (err error) {
	if w.refuses != nil {
		return w.refuses
	}
	if err := w.same.err(); err != nil {
		return err
	}
	if err := w.wait(ctx, kind); err != nil {
		return err
	}
	g, err := w.enter(ctx, kind)
	if g == nil {
		w.pass(false)
		return err
	}
	returned := err != nil
	defer func() {
		if !returned { // a panic, or the end of the goroutine
			_ = w.leave(g, kind, errors.New("the write did not return"))
		}
	}()
	if err != nil {
		return w.leave(g, kind, err)
	}
	t := &tx{ctx: ctx, free: context.WithoutCancel(ctx), w: w, epoch: w.epoch}
	if err = fn(t); err == nil {
		err = w.lie.flush(t)
	}
	returned = true
	return w.leave(g, kind, err)
}

// wait waits for the turn.
func (w *writer) wait(ctx context.Context, kind kind) error {
	w.mu.Lock()
	if !w.held {
		w.held = true
		w.mu.Unlock()
		return nil
	}
	turn := make(chan struct{})
	queue := &w.small
	if kind.large {
		queue = &w.large
	}
	*queue = append(*queue, turn)
	if !kind.patient {
		w.hurried++
	}
	w.mu.Unlock()
	done := false
	select {
	case <-turn:
		done = true
	case <-ctx.Done():
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if !kind.patient {
		w.hurried--
	}
	if done {
		return nil
	}
	i := slices.Index(*queue, turn)
	if i < 0 { // it is our turn by now: the first statement fails
		return nil
	}
	*queue = slices.Delete(*queue, i, i+1)
	return ctx.Err()
}

// isWaitedFor says whether a write waits in front of which somebody sits.
func (w *writer) isWaitedFor() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.hurried > 0
}

// pass gives the turn to the next one; to a small one only, where it is to
// share the transaction that is open. It says whether there was one.
func (w *writer) pass(share bool) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	queue := &w.small
	if !share && len(w.large) > 0 && (w.wasSmall || len(w.small) == 0) {
		queue = &w.large
	}
	if len(*queue) == 0 {
		w.held = share
		return false
	}
	close((*queue)[0])
	*queue = slices.Delete(*queue, 0, 1)
	return true
}

// enter begins a transaction, or a part of the one that is open. Without a
// group there is none, and the turn is to be passed.
func (w *writer) enter(ctx context.Context, kind kind) (*group, error) {
	switch {
	case w.closed:
		return nil, sql.ErrConnDone
	case w.group != nil:
		return w.group, w.step(`SAVEPOINT part`)
	}
	if err := w.begin(ctx, kind); err != nil {
		return nil, err
	}
	w.group = &group{began: time.Now(), done: make(chan struct{})}
	return w.group, nil
}

// leave ends a write's part of a transaction, and waits until the whole of it
// has ended.
func (w *writer) leave(g *group, kind kind, err error) error {
	switch {
	case err != nil:
		w.undo(g, err)
	case g.n > 0:
		g.err = w.step(`RELEASE part`)
	}
	if err == nil {
		g.n++
	}
	open := g.err == nil && g.n > 0 && !kind.large && g.n < groupMost && time.Since(g.began) < w.sharing
	if !open || !w.pass(true) {
		w.end(g, kind)
	}
	if err != nil {
		return err
	}
	<-g.done
	return g.err
}

// undo undoes a write's part. Where that cannot be, SQLite has undone all.
func (w *writer) undo(g *group, cause error) {
	w.epoch++
	if g.n == 0 {
		return // there is no other part
	}
	if w.step(`ROLLBACK TO part`) != nil {
		g.err = fmt.Errorf("a transaction of several writes was undone: %w", cause)
		return
	}
	g.err = w.step(`RELEASE part`)
}

// end commits, or undoes what cannot stand, and gives the turn to the next one.
func (w *writer) end(g *group, kind kind) {
	if g.err == nil && g.n > 0 {
		g.err = w.same.check()
	}
	if g.err == nil && g.n > 0 {
		if err := w.step(`COMMIT`); err != nil {
			g.err = fmt.Errorf("commit: %w", err)
		}
		w.commits.Add(1)
		select {
		case w.wrote <- struct{}{}:
		default:
		}
	}
	if g.err != nil || g.n == 0 {
		w.epoch++
		_ = w.step(`ROLLBACK`) // fails where SQLite has done so itself
	}
	w.group, w.wasSmall = nil, !kind.large
	if now := time.Now(); now.Sub(g.began) > longWrite && now.Sub(w.notBefore) > gapEvery {
		w.notBefore = now.Add(writeGap)
	}
	close(g.done)
	w.pass(false)
}

// close closes the connection once the writes before it have ended.
func (w *writer) close() error {
	if err := w.wait(context.Background(), kind{large: true, patient: true}); err != nil {
		return err
	}
	defer w.pass(false)
	if w.closed {
		return nil
	}
	w.closed = true
	w.forget()
	return w.conn.Close()
}
