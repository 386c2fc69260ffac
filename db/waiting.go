package db

import (
	"context"
	"database/sql"
	"errors"

	"escutcheon/fault"
	"escutcheon/intake"
	"escutcheon/store"
)

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
	return d.write(ctx, func(tx *sql.Tx) error {
		res, err := tx.ExecContext(ctx, `UPDATE import SET status = ?, owner = ?, beat = ? WHERE id = ? AND status = ?
			AND path <> ''`,
			intake.Queued, owner, d.now().UnixNano(), id, intake.Asking)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n > 0 {
			return err
		}
		return errAnswered
	})
}

var errAnswered = fault.New(fault.Conflict, "This import does not wait for an answer any more.")

// RestsOn counts what rests on an import and its members alone. It reads every
// event of theirs.
func (d *DB) RestsOn(ctx context.Context, id int64) (a store.Alone, err error) {
	defer fault.Wrap(&err, "what rests on import %d", id)
	err = d.r.QueryRowContext(ctx, `WITH tree(id) AS (SELECT ?1 UNION ALL SELECT id FROM import WHERE parent = ?1),
	seen(id) AS (
		SELECT e.id FROM block b JOIN event e ON e.id >= b.first_event AND e.id < b.first_event + b.count
			WHERE b.import_id IN (SELECT id FROM tree)
		UNION
		SELECT s.event_id FROM sighting s WHERE s.import_id IN (SELECT id FROM tree)
			AND (SELECT b.import_id FROM block b WHERE b.first_event <= s.event_id ORDER BY b.first_event DESC LIMIT 1) = 0
	), alone(id) AS MATERIALIZED (
		SELECT id FROM seen WHERE NOT EXISTS (SELECT 1 FROM sighting s WHERE s.event_id = seen.id
			AND s.import_id NOT IN (SELECT id FROM tree))
	), touched(id) AS MATERIALIZED (SELECT DISTINCT finding_id FROM finding_event WHERE event_id IN (SELECT id FROM alone))
	SELECT (SELECT count(*) FROM alone),
		(SELECT count(*) FROM touched t JOIN finding f ON f.id = t.id WHERE f.verdict <= 1
			AND NOT EXISTS (SELECT 1 FROM finding_event fe WHERE fe.finding_id = t.id AND fe.event_id NOT IN (SELECT id
				FROM alone))),
		(SELECT count(*) FROM (SELECT e.host_id, count(*) AS n FROM event e WHERE e.id IN (SELECT id FROM alone)
			GROUP BY e.host_id) g
			JOIN host h ON h.id = g.host_id WHERE h.events <= g.n)`, id).Scan(&a.Events, &a.Findings, &a.Hosts)
	return a, err
}
