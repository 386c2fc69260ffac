package db

import (
	"context"
	"time"

	"escutcheon/detection/materialize"
	"escutcheon/eventstore/block"
	"escutcheon/intake"
	"escutcheon/store"
)

// WriteThroughReader runs a statement on the read pool.
func (d *DB) WriteThroughReader(ctx context.Context, query string) error {
	_, err := d.r.ExecContext(ctx, query)
	return err
}

// WriteLedger runs f over what rests on events, in one transaction.
func (d *DB) WriteLedger(ctx context.Context, f func(materialize.Tx) error) error {
	return d.writeLarge(ctx, func(t *tx) error {
		l := newLedger(t)
		if err := f(l); err != nil {
			return err
		}
		return l.Flush()
	})
}

// Part is what a test's write may do.
type Part struct{ t *tx }

// Exec runs a statement.
func (p Part) Exec(query string, args ...any) error {
	_, err := p.t.exec(query, args...)
	return err
}

// Get scans one row.
func (p Part) Get(query string, args []any, dst ...any) error { return p.t.get(query, args, dst...) }

// Audit adds rows to the audit trail.
func (p Part) Audit(rows ...store.AuditEntry) error { return p.t.audit(rows...) }

// Epoch is the one of caches.
func (p Part) Epoch() int64 { return p.t.epoch }

// Write runs f in a small write.
func (d *DB) Write(ctx context.Context, f func(Part) error) error {
	return d.write(ctx, func(t *tx) error { return f(Part{t}) })
}

// WriteLax is Write of one that a later write makes final.
func (d *DB) WriteLax(ctx context.Context, f func(Part) error) error {
	return d.writeLax(ctx, func(t *tx) error { return f(Part{t}) })
}

// WriteLarge is Write of a large one.
func (d *DB) WriteLarge(ctx context.Context, f func(Part) error) error {
	return d.writeLarge(ctx, func(t *tx) error { return f(Part{t}) })
}

// Queued says how many writes wait for their turn.
func (d *DB) Queued() int {
	d.w.mu.Lock()
	defer d.w.mu.Unlock()
	return len(d.w.small) + len(d.w.large)
}

// TidyLater leaves to CatchUp what a change of the rules has left to do.
func (d *DB) TidyLater() { d.tidyWait, d.atOnce = 0, 1 }

// MadeDue says until when rows that imports left wait while one runs.
func (d *DB) MadeDue(wait time.Time) { d.dueAt = wait }

// GiveWay has a replacement give way at once.
func (d *DB) GiveWay() { d.holdsOn = 0 }

// PassLate has large batches leave risk as after a pass that took so long.
func (d *DB) PassLate(took time.Duration) { d.late = late{ended: time.Now(), took: took} }

// RefreshLate is what KeepRiskFresh does again and again.
func (d *DB) RefreshLate(ctx context.Context) error { return d.refresh(ctx, time.Hour) }

// StageBy has a replacement make so many records ready at once.
func (d *DB) StageBy(records int) { d.stageMost = records }

// CountBlocks counts so many blocks at most for coverage.
func (d *DB) CountBlocks(ctx context.Context, n int) error {
	return d.countSome(ctx, time.Now().Add(time.Hour), n)
}

// ReadBlocks sets how many blocks that are not counted coverage reads.
func (d *DB) ReadBlocks(n int) { d.readsBlocks = n }

// SetPatience sets how long a write waits for another process's.
func (d *DB) SetPatience(p time.Duration) { d.w.patience = p }

// ShareForLong lets writes that wait share a transaction however slow the machine is.
func (d *DB) ShareForLong() { d.w.sharing = time.Hour }

// Marshal is how rows are stored, SortKey how they sort.
var (
	Marshal   = marshal
	Unmarshal = unmarshal
	SortKey   = sortKey
)

// PackOne is a block of one record.
func PackOne(raw string) []byte {
	return block.Pack(1, func(int) (int64, string) { return 0, raw }).Bytes
}

// HoldsFor is how long who has the turn waits for a store that hangs.
func (d *DB) HoldsFor(most time.Duration) { d.w.lie.(*elsewhere).hold.most = most }

// AllEvents are all stored events.
func (d *DB) AllEvents(ctx context.Context) ([]store.EventRef, error) {
	var last int64
	if err := d.r.QueryRowContext(ctx, `SELECT last FROM sequence WHERE name = 'record'`).Scan(&last); err != nil {
		return nil, err
	}
	ids := make([]int64, last)
	for i := range ids {
		ids[i] = int64(i) + 1
	}
	return refs(ctx, d.r, ids)
}

// Member returns an archive's member, the nth of its name from 0 on; not found
// when it was never recorded.
func (d *DB) Member(ctx context.Context, parent int64, name string, nth int64) (intake.Import, error) {
	i, err := scanImport(d.r.QueryRowContext(ctx, memberQuery, parent, name, nth))
	return i, notFound(err, "There is no member %q of import %d.", name, parent)
}

// TakeReader waits for a page's reader, and gives it back when give is called.
func (d *DB) TakeReader(ctx context.Context) (give func(), err error) {
	r, err := d.pages.take(ctx)
	return func() { d.pages.give(r, false) }, err
}

// Readers is how many readers pages have.
var Readers = pageReaderCount

// WaitingReaders is how many wait for a page's reader.
func (d *DB) WaitingReaders() int {
	d.pages.mu.Lock()
	defer d.pages.mu.Unlock()
	return len(d.pages.turns)
}

// KnownNote is the query that says whether a note that comes is known.
const KnownNote = knownNote

// RetainBy sets about how many records a step of retention looks at.
func (d *DB) RetainBy(most int64) { d.retainMost = most }
