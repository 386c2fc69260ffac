package db

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"escutcheon/fault"
)

// errReadOnly refuses what would change a database that may only be read.
var errReadOnly = fault.New(fault.ReadOnly, "This database is only read: its file or its folder is write-protected, "+
	"so nothing can be changed. Copy it to where it may be written, and open the copy.")

// mayOnlyRead says whether a database file may not be written, or its folder not,
// where SQLite keeps what was written last. One that is marked so is not written
// either by who may write everything: it is somebody's evidence.
func mayOnlyRead(path string) bool {
	file, err := os.Stat(path)
	if err != nil {
		return false
	}
	dir, err := os.Stat(filepath.Dir(path))
	if err != nil {
		return false
	}
	const write = 0o222
	return file.Mode()&write == 0 || dir.Mode()&write == 0 || !mayWrite(path) || !mayWrite(filepath.Dir(path))
}

// isAtRest says whether all of a database is in its file, and no process has it
// open: such a process keeps a -shm file.
func isAtRest(path string) bool {
	if wal, err := os.Stat(path + "-wal"); errors.Is(err, fs.ErrNotExist) {
		return true
	} else if err != nil || wal.Size() > 0 {
		return false
	}
	_, err := os.Stat(path + "-shm")
	return errors.Is(err, fs.ErrNotExist)
}

// openReadOnly opens a database that may only be read. It must be of this version:
// nothing can be brought up to date.
func openReadOnly(ctx context.Context, path string, now func() time.Time, events *Events) (_ *DB, err error) {
	d := &DB{path: path, now: now, w: &writer{path: path, refuses: errReadOnly, lie: inFile{}}, readsBlocks: mostRead}
	d.scrubbed.met = met.Load()
	if err := d.openReaders(); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, d.closeReaders())
		}
	}()
	names, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return nil, err
	}
	var version, app, old int
	if err := d.probe.QueryRowContext(ctx, `SELECT (SELECT user_version FROM pragma_user_version),
		(SELECT application_id FROM pragma_application_id),
		(SELECT count(*) FROM sqlite_schema WHERE name = 'old_block')`).Scan(&version, &app, &old); err != nil {
		return nil, err
	}
	switch {
	case app != applicationID:
		return nil, errForeign(path)
	case version < 0:
		return nil, errSchema(path, version)
	case version > len(names):
		return nil, errNewer(path, version, len(names))
	case version < len(names) || old > 0:
		return nil, fault.New(fault.ReadOnly, "%q was written by an older Escutcheon and may only be read, so it cannot be "+
			"brought up to date. Copy it to where it may be written, and open the copy.", path)
	}
	if d.w.lie, err = events.contents(ctx, d.probe, now); err != nil {
		return nil, err
	}
	d.r.lie, d.out.lie = d.w.lie, d.w.lie
	d.pages = newPageReaders(d.r, pageReaderCount)
	return d, nil
}

// ReadOnly says whether the database may only be read. Then all that would change it
// is refused with a fault.ReadOnly.
func (d *DB) ReadOnly() bool { return d.w.refuses != nil }
