// Package db keeps imports, events, findings, risk events and notes in one
// SQLite file. It holds the only SQL. It decodes no log and runs no search: it
// is handed the rules in force and a decoder, and what follows of an event is
// detection/materialize's business.
//
// One connection writes, many read. Every write is an immediate transaction, or
// a part of one that small writes share, so that a crash leaves all of a batch
// or nothing of it.
package db

import (
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	sqlite3 "modernc.org/sqlite/lib"

	"escutcheon/detection"
	"escutcheon/fault"
	"escutcheon/intake"
)

// DB is an open database. It is safe for concurrent use.
type DB struct {
	path string
	now  func() time.Time
	w    *writer
	pool *sql.DB // holds the writer's connection
	readers
	wal *checkpointer
	// imported says that an import ended: see wake.
	imported chan struct{}
	retains  chan struct{} // the setting of retention has changed
	pages    *pageReaders  // hold connections of readers.r
	seen     seen

	findings findingSet
	scrubbed scrubbed
	facts    hostFacts // under the lock of findings

	mu          sync.Mutex
	rules       *detection.Rules // in force: see UseRules
	dec         intake.Decoder   // makes events of stored records
	ruleVersion int64            // of the rules in the database that these are
	mem         *memory          // of the writer
	late        late             // of the writer
	dueAt       time.Time        // of the writer: when rows that imports left are made while one runs

	tidyWait time.Duration // how long who changes the rules waits at most
	atOnce   int           // see materialize.Cascade

	holdsOn   time.Duration // how long a replacement lets nobody through
	stageMost int           // how many records of it are made ready together

	retainMost int64 // about how many records a step of retention looks at

	readsBlocks int // see mostRead
}

// Open opens or creates the database file at path and brings it to the newest
// schema. A file that is no database of ours, or one of a newer version, is
// refused with a sentence. now is the time of what is written. A file that may only
// be read is opened so (ReadOnly), and is not brought to anything. What an older
// version stored is taken over: progress, if one is given, is told how many of
// all records are.
func Open(ctx context.Context, path string, now func() time.Time, progress ...func(done, all int64)) (*DB, error) {
	return OpenWith(ctx, path, now, Events{}, progress...)
}

// OpenWith is Open of a database whose events may lie in another store.
func OpenWith(ctx context.Context, path string, now func() time.Time, events Events,
	progress ...func(done, all int64)) (_ *DB, err error) {
	defer fault.Wrap(&err, "open database %s", path)
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	if err := looksLikeDatabase(abs); err != nil {
		return nil, err
	}
	if mayOnlyRead(abs) {
		return openReadOnly(ctx, abs, now, &events)
	}
	pool, err := sql.Open("sqlite", dsn(abs, 32<<10, "_pragma=busy_timeout(600000)", "_pragma=journal_mode(WAL)",
		"_pragma=synchronous(FULL)"))
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, pool.Close())
		}
	}()
	pool.SetMaxOpenConns(1)
	d := &DB{path: abs, now: now, pool: pool, tidyWait: tidyWait, imported: make(chan struct{}, 1),
		retains: make(chan struct{}, 1),
		holdsOn: 500 * time.Millisecond, stageMost: stageMost, retainMost: mostForgotten, readsBlocks: mostRead}
	d.scrubbed.met = met.Load()
	if d.w, err = newWriter(ctx, pool, abs, now); err != nil {
		return nil, err
	}
	if err := d.migrate(ctx); err != nil {
		return nil, errors.Join(err, d.w.close())
	}
	if err := d.upgrade(ctx, func(done, all int64) {
		for _, tell := range progress {
			tell(done, all)
		}
	}); err != nil {
		return nil, errors.Join(err, d.w.close())
	}
	if err := d.place(ctx, &events); err != nil {
		return nil, errors.Join(err, d.w.close())
	}
	if err := d.openReaders(); err != nil {
		return nil, errors.Join(err, d.w.close())
	}
	if d.wal, err = newCheckpointer(d.w); err != nil {
		return nil, errors.Join(err, d.closeReaders(), d.w.close())
	}
	d.pages = newPageReaders(d.r, pageReaderCount)
	return d, nil
}

// dsn names the file with pragmas that every connection gets, of its cache the
// KiB. Without the "file:" prefix SQLite would ignore mode=ro.
func dsn(abs string, cache int, params ...string) string {
	p := filepath.ToSlash(abs)
	if !strings.HasPrefix(p, "/") { // a Windows drive
		p = "/" + p
	}
	params = append(params, fmt.Sprintf("_pragma=cache_size(-%d)", cache))
	return "file:" + (&url.URL{Path: p}).EscapedPath() + "?" + strings.Join(params, "&")
}

// createPrivate makes an empty file that its owner alone may read: the database of a
// breach is nobody else's. What SQLite writes beside it gets the same mode.
func createPrivate(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return fault.New(fault.Invalid, "%q cannot be made (%v). Name another file with --db.", path, errors.Unwrap(err))
	}
	return f.Close()
}

// looksLikeDatabase refuses a file that SQLite would overwrite or fail on
// with a riddle.
func looksLikeDatabase(path string) error {
	if fi, err := os.Stat(filepath.Dir(path)); err != nil || !fi.IsDir() {
		return fault.New(fault.Invalid, "There is no folder %q for the database. Make it, or name another file with --db.",
			filepath.Dir(path))
	}
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return createPrivate(path)
	}
	if err != nil {
		return fault.New(fault.Invalid, "%q cannot be opened (%v). Name another file with --db.", path, errors.Unwrap(err))
	}
	defer f.Close()
	head := make([]byte, 100)
	n, _ := io.ReadFull(f, head)
	if n == 0 {
		return nil
	}
	if n < 100 || string(head[:16]) != "SQLite format 3\x00" {
		return fault.New(fault.Invalid,
			"%q is no Escutcheon database. Name another file with --db; it is made if it is not there.", path)
	}
	// Before SQLite opens it: setting the journal mode changes the file. One of
	// ours whose first migration is not in the file yet has no schema (40), no
	// version (60) and no application id (68).
	schema, version, app := binary.BigEndian.Uint32(head[40:]), binary.BigEndian.Uint32(head[60:]),
		binary.BigEndian.Uint32(head[68:])
	if app != applicationID && (schema != 0 || version != 0 || app != 0) {
		return errForeign(path)
	}
	if int32(version) < 0 || schema != 0 && version == 0 {
		return errSchema(path, int(int32(version)))
	}
	return nil
}

// errSchema is of a version that no Escutcheon wrote.
func errSchema(path string, version int) error {
	return fault.New(fault.Damaged, "%q says that its schema is number %d, which no Escutcheon writes: its beginning is "+
		"damaged, or another program changed it. Restore a backup, or name another file with --db.", path, version)
}

func errForeign(path string) error {
	return fault.New(fault.Invalid,
		"%q is an SQLite database of another program. Name another file with --db; it is made if it is not there.", path)
}

// Close closes the database.
func (d *DB) Close() error {
	d.pages.close()
	switch {
	case d.ReadOnly():
		return d.closeReaders()
	case d.w.same.check() != nil:
		// SQLite would copy its WAL into a file, and remove one, that are not those that
		// it has open. The end of the process closes these.
		d.wal.end()
		return nil
	}
	return errors.Join(d.closeReaders(), d.wal.close(), d.w.close(), d.pool.Close())
}

// Path is the absolute path of the database file.
func (d *DB) Path() string { return d.path }

// Ping says whether the database answers.
func (d *DB) Ping(ctx context.Context) error {
	var one int
	return d.probe.QueryRowContext(ctx, `SELECT 1 FROM sqlite_schema LIMIT 1`).Scan(&one)
}

// write runs fn in one immediate transaction, which it may share with other
// small writes. Somebody waits for it: after ten seconds in which another
// process writes it is a fault.Busy that says which.
func (d *DB) write(ctx context.Context, fn func(*tx) error) error {
	return d.full(d.w.run(ctx, kind{}, fn), "try again")
}

// writeQuietly is a small write for which nobody waits.
func (d *DB) writeQuietly(ctx context.Context, fn func(*tx) error) error {
	return d.full(d.w.run(ctx, kind{patient: true}, fn), importGoesOn)
}

// writeLarge is a write that may take longer than a few milliseconds.
func (d *DB) writeLarge(ctx context.Context, fn func(*tx) error) error {
	return d.full(d.w.run(ctx, kind{large: true, patient: true}, fn), importGoesOn)
}

// writeLax is writeLarge for what a later write makes final: when that stands,
// this does; until then a power cut may take it back.
func (d *DB) writeLax(ctx context.Context, fn func(*tx) error) error {
	return d.full(d.w.run(ctx, kind{large: true, patient: true, lax: true}, fn), importGoesOn)
}

// OnWait has tell called with a sentence when another process keeps a write
// waiting for long that goes on waiting: an import's, say.
func (d *DB) OnWait(tell func(sentence string)) { d.w.onWait.Store(&tell) }

// importGoesOn is what comes of free space for what nobody sits in front of.
const importGoesOn = "the import then goes on where it stopped"

// full turns the error of a full disk into a sentence, which says what to do then.
func (d *DB) full(err error, then string) error {
	if resultCode(err) == sqlite3.SQLITE_FULL || errors.Is(err, syscall.ENOSPC) {
		return fault.New(fault.Full, "The disk that holds %q is full. What was stored before is whole. Free some space; %s.",
			d.path, then)
	}
	return err
}

// rows runs a query on the read pool and calls scan for each row.
func (d *DB) rows(ctx context.Context, scan func(*sql.Rows) error, query string, args ...any) error {
	return d.ask(ctx, scan, query, args...)
}

type queryer interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

func each(ctx context.Context, q queryer, scan func(*sql.Rows) error, query string, args ...any) error {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}
