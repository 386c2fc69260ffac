package db

import (
	"context"
	"database/sql"
	"errors"

	"escutcheon/fault"
	"escutcheon/intake"
)

// DeleteImport deletes an import that has ended, with its members: its
// sightings go, and the events, findings and risk that rest on them alone.
// Notes stay. Where another import is of the same file with the same answers,
// that one takes its place, and nothing else changes. It goes in steps
// (DeleteStep); one that is interrupted goes on where it stopped.
func (d *DB) DeleteImport(ctx context.Context, id int64) error {
	for {
		if done, err := d.DeleteStep(ctx, id); err != nil || done {
			return err
		}
	}
}

// DeleteStep does a step of deleting an import, one transaction, and says whether
// it was the last. Between two steps the import is Deleting; what it brought is
// there in part, and all that rests on events is as these are.
func (d *DB) DeleteStep(ctx context.Context, id int64) (done bool, err error) {
	defer fault.Wrap(&err, "delete import %d", id)
	err = d.writeLarge(ctx, func(t *tx) error {
		i, err := scanImport(t.QueryRowContext(ctx, `SELECT `+importColumns+` FROM import WHERE id = ?`, id))
		if err != nil {
			return notFound(err, "There is no import %d.", id)
		}
		if !i.Status.Ended() && i.Status != intake.Asking && i.Status != intake.Deleting && i.Status != intake.Feeding {
			return fault.New(fault.Conflict, "This import is %s. Cancel it first.", i.Status)
		}
		w, err := d.newWork(t)
		if err != nil {
			return err
		}
		if i.Status != intake.Deleting {
			if err := errors.Join(t.auditDeletion(i), w.beginDeletion(id)); err != nil {
				return err
			}
		}
		done, err = w.deleteStep(id)
		return err
	})
	return done, err
}

// beginDeletion marks an import and its members as going. The same archive again
// keeps the members.
func (w *work) beginDeletion(id int64) error {
	if _, err := w.exec(`UPDATE import SET parent = (SELECT min(h.id) FROM import h WHERE h.same_as = ?1) WHERE parent = ?1
		AND EXISTS (SELECT 1 FROM import h WHERE h.same_as = ?1)`, id); err != nil {
		return err
	}
	_, err := w.exec(`UPDATE import SET status = ?2 WHERE id = ?1 OR parent = ?1`, id, intake.Deleting)
	return err
}

// deleteStep does a step of deleting a tree of imports and says whether it was
// the last.
func (w *work) deleteStep(id int64) (done bool, err error) {
	next, err := w.column(`SELECT id FROM import WHERE parent = ?1 OR id = ?1 ORDER BY id = ?1, id LIMIT 1`, id)
	if err != nil {
		return false, err
	}
	gone, err := w.deleteImport(next[0])
	if err != nil || !gone || next[0] != id {
		return false, err
	}
	return true, w.settleStale()
}

// notFound turns the error for no row into a sentence.
func notFound(err error, format string, args ...any) error {
	if errors.Is(err, sql.ErrNoRows) {
		return fault.New(fault.NotFound, format, args...)
	}
	return err
}

// deleteImport deletes one import's row and sightings, or a part of them, and
// says whether it is gone.
func (w *work) deleteImport(id int64) (gone bool, err error) {
	heirs, err := w.heirsOf(id)
	if err != nil {
		return false, err
	}
	if len(heirs) > 0 {
		err = w.inherit(id, heirs[0])
		gone = true
	} else {
		gone, err = w.forget(id)
	}
	if err == nil && gone {
		err = w.forgetArtifacts(id)
	}
	if err != nil || !gone {
		return false, err
	}
	return true, w.do([]any{id},
		`DELETE FROM rejection WHERE import_id = ?`,
		`DELETE FROM rejected_bytes WHERE import_id = ?`,
		`DELETE FROM import_host WHERE import_id = ?`,
		`DELETE FROM ordinal WHERE import_id = ?`,
		`DELETE FROM feed_sent WHERE import_id = ?`,
		`DELETE FROM feed_day WHERE import_id = ?`,
		`DELETE FROM import WHERE id = ?`)
}

// heirsOf is the import of the same file that takes an import's place, if there is
// one.
func (w *work) heirsOf(id int64) ([]int64, error) {
	return w.column(`SELECT id FROM import WHERE same_as = ? AND status <> ? ORDER BY id LIMIT 1`, id, intake.Deleting)
}

// inherit gives what an import brought to another one of the same file.
func (w *work) inherit(from, to int64) error {
	if err := w.touch(); err != nil {
		return err
	}
	for _, q := range []string{`UPDATE block SET import_id = ?2 WHERE import_id = ?1`,
		`UPDATE again SET import_id = ?2 WHERE import_id = ?1`,
		`UPDATE import_host SET import_id = ?2 WHERE import_id = ?1`,
		`UPDATE rejection SET import_id = ?2 WHERE import_id = ?1`,
		`UPDATE rejected_bytes SET import_id = ?2 WHERE import_id = ?1`,
		`UPDATE artifact SET import_id = ?2, sum = iif(` + artifactSum.whole(`artifact`) + `, NULL, -1) WHERE import_id = ?1`,
		`UPDATE artifact SET sum = ` + artifactSum.is(`artifact`) + ` WHERE ?1 <> 0 AND import_id = ?2 AND sum IS NULL`,
		`UPDATE import SET same_as = NULL WHERE ?1 <> 0 AND id = ?2`,
		`UPDATE import SET same_as = ?2 WHERE same_as = ?1`} {
		if _, err := w.exec(q, from, to); err != nil {
			return err
		}
	}
	all, err := w.directory()
	for i := range all {
		if all[i].imported == from {
			all[i].imported = to
			w.events.forget(all[i].first)
		}
	}
	return err
}
