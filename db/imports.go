package db

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"escutcheon/fault"
	"escutcheon/intake"
	"escutcheon/store"
)

const importColumns = `id, name, sha256, size, source, path, owner, zone, computer, site, dates, format, encoding,
	compression, carrier, ifnull(parent, 0), ordinal, ask, ifnull(same_as, 0), ifnull(replaces, 0), status, reason, note,
	created, ifnull(started, 0), ifnull(finished, 0), beat, bytes, records, read, new, duplicate, rejected, timeless,
	nameless, zoneless, undated, windows1252, skipped, missing, expired, ifnull(written, 0), written_local`

// readsNow numbers the list of what is read: 1 came with artifacts.
const readsNow = 1

func scanImport(row interface{ Scan(...any) error }) (intake.Import, error) {
	var i intake.Import
	var created, started, finished, beat, written int64
	err := row.Scan(&i.ID, &i.Name, &i.SHA256, &i.Size, &i.Source, &i.Path, &i.Owner, &i.Zone, &i.Computer, &i.Site,
		&i.Dates,
		&i.Format, &i.Encoding, &i.Compression, &i.Carrier, &i.Parent, &i.Ordinal, &i.Ask, &i.SameAs, &i.Replaces, &i.Status,
		&i.Reason, &i.Note,
		&created, &started, &finished, &beat, &i.Bytes, &i.Records, &i.Read, &i.New, &i.Duplicate,
		&i.Rejected, &i.Timeless, &i.Nameless, &i.Zoneless, &i.Undated, &i.Windows1252, &i.Skipped,
		&i.Missing, &i.Expired, &written, &i.LocalClock)
	i.Modified = fromNanos(written)
	i.Created, i.Started, i.Finished = fromNanos(created), fromNanos(started), fromNanos(finished)
	i.Beat = fromNanos(beat)
	return i, err
}

func fromNanos(n int64) time.Time {
	if n == 0 {
		return time.Time{}
	}
	return time.Unix(0, n).UTC()
}

// AddImport records a new import, queued unless i.Status is Asking; i.SHA256
// is known before anything is parsed. It returns the import's id.
func (d *DB) AddImport(ctx context.Context, i intake.Import) (id int64, err error) {
	defer fault.Wrap(&err, "add import %q", i.Name)
	if i.Status == "" {
		i.Status = intake.Queued
	}
	err = d.write(ctx, func(t *tx) error {
		id, err = d.addImport(ctx, t, i)
		return err
	})
	return id, err
}

func (d *DB) addImport(ctx context.Context, t *tx, i intake.Import) (id int64, err error) {
	now := d.now().UnixNano()
	err = t.QueryRowContext(ctx, `UPDATE sequence SET last = last + 1 WHERE name = 'import' RETURNING last`).Scan(&id)
	if err != nil {
		return 0, err
	}
	_, err = t.exec(`INSERT INTO import (id, name, sha256, size, source, path, owner, zone, computer, site, dates,
		parent, ordinal, ask, replaces, status, created, beat, written, written_local, reads)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, nullif(?, 0), ?, ?, nullif(?, 0), ?, ?, ?, ?, ?, ?)`,
		id, i.Name, i.SHA256, i.Size, i.Source, i.Path, i.Owner, i.Zone, i.Computer, i.Site, i.Dates, i.Parent, i.Ordinal,
		i.Ask, i.Replaces, i.Status, now, now, sql.NullInt64{Int64: i.Modified.UnixNano(), Valid: !i.Modified.IsZero()},
		i.LocalClock, readsNow)
	if err != nil || i.Parent != 0 { // a member comes with its archive
		return id, err
	}
	return id, t.auditImport(id, i)
}

// StartImport marks an import as running for owner and returns it as it
// stands. It is a conflict when it has ended, or when it is not from's any
// more: of two processes that find it abandoned, one gets it.
func (d *DB) StartImport(ctx context.Context, id int64, from, owner string) (i intake.Import, err error) {
	defer fault.Wrap(&err, "start import %d", id)
	err = d.writeQuietly(ctx, func(t *tx) error {
		i, err = d.startImport(t, id, from, owner)
		return err
	})
	return i, err
}

func (d *DB) startImport(t *tx, id int64, from, owner string) (i intake.Import, err error) {
	now := d.now().UnixNano()
	i, err = scanImport(t.QueryRowContext(t.ctx, `UPDATE import SET status = ?, owner = ?, started = ifnull(started, ?),
		beat = ?
		WHERE id = ? AND owner = ? AND status IN (?, ?) RETURNING `+importColumns,
		intake.Running, owner, now, now, id, from, intake.Queued, intake.Running))
	if errors.Is(err, sql.ErrNoRows) {
		return i, fault.New(fault.Conflict, "Import %d is not waiting any more.", id)
	}
	return i, err
}

// DescribeImport stores what the file turned out to be, what a person should
// know of it, and how many records it lacks.
func (d *DB) DescribeImport(ctx context.Context, i intake.Import) error {
	return d.writeQuietly(ctx, func(t *tx) error {
		_, err := t.exec(`UPDATE import SET format = ?, encoding = ?, compression = ?, carrier = ?, note = ?, missing = ?
			WHERE id = ?`, i.Format, i.Encoding, i.Compression, i.Carrier, i.Note, i.Missing, i.ID)
		return err
	})
}

// FinishImport ends an import of owner ("" anybody's: one that asks too) with a
// status and, when it failed, a sentence. An import that has ended already, or
// is another's by now, stays as it is.
func (d *DB) FinishImport(ctx context.Context, id int64, owner string, status intake.Status,
	reason string) (err error) {
	defer fault.Wrap(&err, "finish import %d", id)
	if err := d.settleLate(ctx); err != nil {
		return err
	}
	defer d.wake()
	return d.writeQuietly(ctx, func(t *tx) error {
		if err := t.auditCancelled(id, owner, status); err != nil {
			return err
		}
		res, err := t.exec(`UPDATE import SET status = ?, reason = ?, finished = ?, path = ''
			WHERE id = ? AND (? = '' OR owner = ?) AND status IN (?, ?, ?)`,
			status, reason, d.now().UnixNano(), id, owner, owner, intake.Queued, intake.Running, intake.Asking)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return err
		}
		if err := d.onTime(t); err != nil {
			return err
		}
		_, err = t.exec(`DELETE FROM ordinal WHERE import_id = ?`, id)
		return err
	})
}

// Beat gives a sign of life for the running imports of owner, so that another
// process on the same database does not take them for dead.
func (d *DB) Beat(ctx context.Context, owner string) error {
	return d.writeQuietly(ctx, func(t *tx) error {
		_, err := t.exec(`UPDATE import SET beat = ? WHERE owner = ? AND status IN (?, ?)`, d.now().UnixNano(),
			owner, intake.Queued, intake.Running)
		return err
	})
}

// Release makes the queued and running imports of owner free for another
// process at once.
func (d *DB) Release(ctx context.Context, owner string) error {
	return d.writeQuietly(ctx, func(t *tx) error {
		_, err := t.exec(`UPDATE import SET owner = '' WHERE owner = ? AND status IN (?, ?)`, owner,
			intake.Queued, intake.Running)
		return err
	})
}

// ImportByID returns one import.
func (d *DB) ImportByID(ctx context.Context, id int64) (intake.Import, error) {
	i, err := scanImport(d.r.QueryRowContext(ctx, `SELECT `+importColumns+` FROM import WHERE id = ?`, id))
	return i, notFound(err, "There is no import %d.", id)
}

// Imports returns up to limit imports, newest first, older than the id before
// (0: from the newest). Members of archives are not among them.
func (d *DB) Imports(ctx context.Context, before int64, limit int) ([]intake.Import, error) {
	return d.imports(ctx, `parent IS NULL AND (? = 0 OR id < ?) ORDER BY id DESC LIMIT ?`, before, before, limit)
}

// Members returns the members of an archive in its order.
func (d *DB) Members(ctx context.Context, parent int64) ([]intake.Import, error) {
	return d.imports(ctx, `parent = ? ORDER BY ordinal, id`, parent)
}

func (d *DB) imports(ctx context.Context, where string, args ...any) (out []intake.Import, err error) {
	err = d.rows(ctx, func(r *sql.Rows) error {
		i, err := scanImport(r)
		out = append(out, i)
		return err
	}, `SELECT `+importColumns+` FROM import WHERE `+where, args...)
	return out, err
}

// Active counts the imports that are queued or running, and how many of all
// their bytes are done.
func (d *DB) Active(ctx context.Context) (n int, done, all int64, err error) {
	err = d.r.QueryRowContext(ctx, `SELECT count(*), ifnull(sum(bytes), 0), ifnull(sum(size), 0) FROM import
		WHERE parent IS NULL AND status IN (?, ?)`,
		intake.Queued, intake.Running).Scan(&n, &done, &all)
	return n, done, all, err
}

// Uploads returns the first imports under way as Active counts them, up to limit,
// those that run before those that wait for their turn.
func (d *DB) Uploads(ctx context.Context, limit int) ([]intake.Import, error) {
	return d.imports(ctx, `parent IS NULL AND status IN (?1, ?2) ORDER BY status <> ?2, id LIMIT ?3`, intake.Queued,
		intake.Running, limit)
}

// ActiveImports returns the imports that are queued or running, members of
// archives too, oldest first.
func (d *DB) ActiveImports(ctx context.Context) ([]intake.Import, error) {
	return d.imports(ctx, `status IN (?, ?) ORDER BY id`, intake.Queued, intake.Running)
}

// DeletingImports returns the imports that are deleted in part, members of
// archives left out, oldest first.
func (d *DB) DeletingImports(ctx context.Context) ([]intake.Import, error) {
	return d.imports(ctx, `status = ? AND parent IS NULL ORDER BY id`, intake.Deleting)
}

// SpoolPaths returns the paths of the files that imports still need.
func (d *DB) SpoolPaths(ctx context.Context) (out []string, err error) {
	err = d.rows(ctx, func(r *sql.Rows) error {
		var p string
		err := r.Scan(&p)
		out = append(out, p)
		return err
	}, `SELECT path FROM import WHERE path <> ''`)
	return out, err
}

// Rejections returns the first rejections of an import that have a Sample, in
// the file's order.
func (d *DB) Rejections(ctx context.Context, id int64) (out []intake.Rejection, err error) {
	err = d.rows(ctx, func(r *sql.Rows) error {
		var j intake.Rejection
		err := r.Scan(&j.Offset, &j.Length, &j.Line, &j.Reason, &j.Sample)
		out = append(out, j)
		return err
	}, `SELECT offset, length, `+lineOf+`, reason, sample FROM rejection r WHERE import_id = ? ORDER BY n LIMIT ?`, id,
		intake.MaxSamples)
	return out, err
}

// HostsOfImport returns the hosts whose new events an import or its members
// brought, most events first, up to limit; Events is how many of them it
// brought.
func (d *DB) HostsOfImport(ctx context.Context, id int64, limit int) (out []store.Host, err error) {
	err = d.rows(ctx, func(r *sql.Rows) error {
		var h store.Host
		err := r.Scan(&h.Dest, &h.Spelling, &h.Events)
		out = append(out, h)
		return err
	}, `SELECT h.dest, h.spelling, sum(i.events) AS n FROM import_host i JOIN host h ON h.id = i.host_id
		WHERE i.import_id = ?1 OR i.import_id IN (SELECT id FROM import WHERE parent = ?1) GROUP BY h.id ORDER BY n DESC,
			h.dest LIMIT ?2`, id, limit)
	return out, err
}
