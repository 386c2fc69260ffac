package db

import (
	"cmp"
	"context"
	"database/sql"
	"errors"

	"escutcheon/fault"
	"escutcheon/intake"
)

// sumOfMembers makes an archive's counts those of its members.
const sumOfMembers = `UPDATE import SET (records, read, new, duplicate, rejected, timeless, nameless, zoneless,
	undated, windows1252, missing, expired) =
	(SELECT ifnull(sum(m.records), 0), ifnull(sum(m.read), 0), ifnull(sum(m.new), 0), ifnull(sum(m.duplicate), 0),
		ifnull(sum(m.rejected), 0),
	ifnull(sum(m.timeless), 0), ifnull(sum(m.nameless), 0), ifnull(sum(m.zoneless), 0), ifnull(sum(m.undated), 0),
		ifnull(sum(m.windows1252), 0), ifnull(sum(m.missing), 0), ifnull(sum(m.expired), 0)
	FROM import m WHERE m.parent = import.id),
	skipped = (SELECT count(*) FROM import m WHERE m.parent = import.id AND m.status = 'failed') WHERE id = ?`

// memberQuery finds an archive's member by its name, and by how many of that
// name come before it: its place among all may change when a password opens
// an archive within.
const memberQuery = `SELECT ` + importColumns + ` FROM import WHERE parent = ? AND name = ? ORDER BY ordinal
	LIMIT 1 OFFSET ?`

// AddMember records a member of a running archive, the nth of its name from 0
// on, or finds it when a run before recorded it: then what it has become stays,
// and only its path and owner are new.
func (d *DB) AddMember(ctx context.Context, m intake.Import, nth int64) (i intake.Import, err error) {
	defer fault.Wrap(&err, "add member %q", m.Name)
	if m.Status == "" {
		m.Status = intake.Queued
	}
	err = d.writeQuietly(ctx, func(t *tx) error {
		i, err = scanImport(t.QueryRowContext(ctx, memberQuery, m.Parent, m.Name, nth))
		if err == nil && !i.Status.Ended() && i.Status != intake.Asking {
			i.Path, i.Owner = m.Path, m.Owner
			_, err = t.exec(`UPDATE import SET path = ?, owner = ? WHERE id = ?`, m.Path, m.Owner, i.ID)
			return err
		}
		if !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		id, err := d.addImport(ctx, t, m)
		if err != nil {
			return err
		}
		i, err = scanImport(t.QueryRowContext(ctx, `SELECT `+importColumns+` FROM import WHERE id = ?`, id))
		return err
	})
	return i, err
}

// Progress stores how far an archive is: bytes of it, and its members' counts.
func (d *DB) Progress(ctx context.Context, parent, bytes int64) error {
	return d.writeQuietly(ctx, func(t *tx) error {
		if _, err := t.exec(`UPDATE import SET bytes = ?, beat = ? WHERE id = ?`, bytes, d.now().UnixNano(),
			parent); err != nil {
			return err
		}
		_, err := t.exec(sumOfMembers, parent)
		return err
	})
}

// SettleParent ends an archive that waits only for its members (Asking) once
// all of them have ended.
func (d *DB) SettleParent(ctx context.Context, parent int64) error {
	return d.writeQuietly(ctx, func(t *tx) error {
		if _, err := t.exec(sumOfMembers, parent); err != nil {
			return err
		}
		_, err := t.exec(`UPDATE import SET status = ?, finished = ? WHERE id = ? AND status = ?
			AND NOT EXISTS (SELECT 1 FROM import m WHERE m.parent = import.id AND m.status IN (?, ?, ?))`,
			intake.Done, d.now().UnixNano(), parent, intake.Asking, intake.Asking, intake.Queued, intake.Running)
		return err
	})
}

// Ask puts a queued or running import off until somebody answers.
func (d *DB) Ask(ctx context.Context, id int64) error {
	return d.writeQuietly(ctx, func(t *tx) error {
		_, err := t.exec(`UPDATE import SET status = ?, owner = '' WHERE id = ? AND status IN (?, ?)`,
			intake.Asking, id, intake.Queued, intake.Running)
		return err
	})
}

// Answer queues an import that asks, with the answers given, for owner.
func (d *DB) Answer(ctx context.Context, id int64, owner, zone, computer, dates string) (err error) {
	defer fault.Wrap(&err, "answer import %d", id)
	return d.write(ctx, func(t *tx) error {
		if err := t.auditAnswer(id, zone, computer, dates); err != nil {
			if errors.Is(err, sql.ErrNoRows) {
				err = errAnswered
			}
			return err
		}
		res, err := t.exec(`UPDATE import SET status = ?, owner = ?, zone = ?, computer = ?, dates = ?,
			ask = 0, beat = ?
			WHERE id = ? AND status = ? AND path <> ''`, intake.Queued, owner, zone, computer, dates, d.now().UnixNano(), id,
			intake.Asking)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n > 0 {
			return err
		}
		return errAnswered
	})
}

// Recognise ends a running import of owner's that is of the same file, with the
// same answers, as one that is done: it is done too, brought nothing new, and
// says which one it repeats. It says whether there was one. The same bytes in the
// folders of two sites are two logs; of one of which nobody knows the site it is
// taken for the other.
func (d *DB) Recognise(ctx context.Context, i intake.Import, owner string) (same bool, err error) {
	defer fault.Wrap(&err, "recognise import %d", i.ID)
	err = d.writeQuietly(ctx, func(t *tx) error {
		same, err = d.recognise(t, &i, owner)
		return err
	})
	return same, err
}

func (d *DB) recognise(t *tx, i *intake.Import, owner string) (bool, error) {
	var earlier int64
	err := t.QueryRowContext(t.ctx, `SELECT id FROM import WHERE sha256 = ?1 AND size = ?2 AND zone = ?3 AND computer = ?4
		AND dates = ?5 AND (site = ?6 OR site = '' OR ?6 = '') AND id <> ?7 AND status = ?8 AND same_as IS NULL
		AND (reads = ?9 OR NOT EXISTS (SELECT 1 FROM import m WHERE m.parent = import.id))
		ORDER BY site <> ?6, id LIMIT 1`, i.SHA256, i.Size, i.Zone, i.Computer, i.Dates, i.Site, i.ID, intake.Done,
		readsNow).Scan(&earlier)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return d.repeats(t, i, owner, earlier)
}

// repeats ends a running import of owner's as one that repeats an earlier one.
func (d *DB) repeats(t *tx, i *intake.Import, owner string, earlier int64) (bool, error) {
	res, err := t.exec(`UPDATE import SET status = ?1, finished = ?2, path = '', same_as = ?3,
		bytes = size, new = 0,
		(format, encoding, compression, carrier, note, records, read, duplicate, rejected, zoneless, undated, windows1252,
			skipped, missing) =
		(SELECT format, encoding, compression, carrier, note, records, read, read, rejected, zoneless, undated, windows1252,
			skipped, missing FROM import WHERE id = ?3)
		WHERE id = ?4 AND owner = ?5 AND status = ?6`, intake.Done, d.now().UnixNano(), earlier, i.ID, owner, intake.Running)
	if err != nil {
		return false, err
	}
	n, err := res.RowsAffected()
	return n > 0, err
}

// Waiting returns up to limit imports that wait for an answer of a person,
// members of archives too, oldest first. An archive that only waits for its
// members is not among them.
func (d *DB) Waiting(ctx context.Context, limit int) ([]intake.Import, error) {
	return d.imports(ctx, `status = ? AND path <> '' ORDER BY id LIMIT ?`, intake.Asking, limit)
}

// CountWaiting counts the imports that wait for an answer.
func (d *DB) CountWaiting(ctx context.Context) (n int64, err error) {
	err = d.r.QueryRowContext(ctx, `SELECT count(*) FROM import WHERE status = ? AND path <> ''`, intake.Asking).Scan(&n)
	return n, err
}

// MembersAfter returns up to limit members of an archive with a status ("" any)
// and an ordinal above after, in its order.
func (d *DB) MembersAfter(ctx context.Context, parent int64, status intake.Status, after int64,
	limit int) ([]intake.Import, error) {
	return d.imports(ctx, `parent = ?1 AND (?2 = '' OR status = ?2) AND ordinal > ?3 ORDER BY ordinal, id LIMIT ?4`,
		parent, status, after, limit)
}

// MembersRejecting returns up to limit members of an archive with rejected
// records and an ordinal above after, in its order.
func (d *DB) MembersRejecting(ctx context.Context, parent, after int64, limit int) ([]intake.Import, error) {
	return d.imports(ctx, `parent = ? AND rejected > 0 AND ordinal > ? ORDER BY ordinal, id LIMIT ?`, parent, after, limit)
}

// CountRejecting counts the members of an archive with rejected records.
func (d *DB) CountRejecting(ctx context.Context, parent int64) (n int64, err error) {
	err = d.r.QueryRowContext(ctx, `SELECT count(*) FROM import WHERE parent = ? AND rejected > 0`, parent).Scan(&n)
	return n, err
}

// MemberCounts counts the members of an archive by what became of them.
func (d *DB) MemberCounts(ctx context.Context, parent int64) (map[intake.Status]int64, error) {
	out := map[intake.Status]int64{}
	err := d.rows(ctx, func(r *sql.Rows) error {
		var s intake.Status
		var n int64
		err := r.Scan(&s, &n)
		out[s] = n
		return err
	}, `SELECT status, count(*) FROM import WHERE parent = ? GROUP BY status`, parent)
	return out, err
}

// ReplacedBy is the import that took another one's place; 0 when none did.
func (d *DB) ReplacedBy(ctx context.Context, id int64) (by int64, err error) {
	err = d.r.QueryRowContext(ctx, `SELECT id FROM import WHERE replaces = ? ORDER BY id DESC LIMIT 1`, id).Scan(&by)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return by, err
}

// Heir is the import of the same file with the same answers that would take
// an import's place if it were deleted; 0 when there is none.
func (d *DB) Heir(ctx context.Context, id int64) (heir int64, err error) {
	err = d.r.QueryRowContext(ctx, `SELECT ifnull(min(id), 0) FROM import WHERE same_as = ?`, id).Scan(&heir)
	return heir, err
}

// Requeue queues an import that asks with the answers that it has, for owner:
// an archive whose password is known by now.
func (d *DB) Requeue(ctx context.Context, id int64, owner string) (err error) {
	defer fault.Wrap(&err, "queue import %d again", id)
	return d.writeQuietly(ctx, func(t *tx) error {
		res, err := t.exec(`UPDATE import SET status = ?, owner = ?, beat = ? WHERE id = ? AND status = ?
			AND path <> ''`,
			intake.Queued, owner, d.now().UnixNano(), id, intake.Asking)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return cmp.Or(err, error(errAnswered))
		}
		return t.audit(auditRow{Action: "unlocked", Object: importObject(id)})
	})
}

var errAnswered = fault.New(fault.Conflict, "This import does not wait for an answer any more.")

// MemberHosts are the members of an archive that are logs, each with the host that most of
// its new events are of, as its newest ones spell it. Of one that brought nothing new it is
// the host of its first event.
func (d *DB) MemberHosts(ctx context.Context, parent int64) (out []intake.MemberHost, err error) {
	defer fault.Wrap(&err, "hosts of archive %d", parent)
	known := map[string]int64{} // logs that brought nothing new, and an event of each
	if err := d.rows(ctx, func(r *sql.Rows) error {
		var m intake.MemberHost
		var host sql.NullString
		var event, most sql.NullInt64
		err := r.Scan(&m.Name, &host, &event, &most)
		if m.Host = host.String; m.Host != "" {
			out = append(out, m)
		} else if event.Valid && len(known) < mostKnown {
			known[m.Name] = event.Int64
		}
		return err
	}, `SELECT m.name, h.spelling, (SELECT first_event FROM again a WHERE a.import_id = m.id ORDER BY a.id LIMIT 1),
			max(i.events)
		FROM import m LEFT JOIN import_host i ON i.import_id = ifnull(m.same_as, m.id) LEFT JOIN host h ON h.id = i.host_id
		WHERE m.parent = ? AND m.read > 0 GROUP BY m.id`, parent); err != nil {
		return nil, err
	}
	for name, id := range known {
		e, err := d.EventByID(ctx, id)
		if err != nil && fault.CodeOf(err) != fault.Damaged {
			return nil, err
		}
		if e.Dest != "" {
			out = append(out, intake.MemberHost{Name: name, Host: e.Dest})
		}
	}
	return out, nil
}

// mostKnown is how many logs of an archive that brought nothing new are asked for a host.
const mostKnown = 500
