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
// that one takes its place, and nothing else changes.
func (d *DB) DeleteImport(ctx context.Context, id int64) (err error) {
	defer fault.Wrap(&err, "delete import %d", id)
	return d.writeLarge(ctx, func(t *tx) error {
		i, err := scanImport(t.QueryRowContext(ctx, `SELECT `+importColumns+` FROM import WHERE id = ?`, id))
		if err != nil {
			return notFound(err, "There is no import %d.", id)
		}
		if !i.Status.Ended() && i.Status != intake.Asking {
			return fault.New(fault.Conflict, "This import is %s. Cancel it first.", i.Status)
		}
		return d.deleteTree(ctx, t, id)
	})
}

// deleteTree deletes an import and its members in a transaction.
func (d *DB) deleteTree(ctx context.Context, t *tx, id int64) error {
	w, err := d.newWork(t)
	if err != nil {
		return err
	}
	// the same archive again keeps the members
	if _, err := w.exec(`UPDATE import SET parent = (SELECT min(h.id) FROM import h WHERE h.same_as = ?1) WHERE parent = ?1
		AND EXISTS (SELECT 1 FROM import h WHERE h.same_as = ?1)`, id); err != nil {
		return err
	}
	members, err := w.column(`SELECT id FROM import WHERE parent = ? ORDER BY id`, id)
	if err != nil {
		return err
	}
	for _, m := range append(members, id) {
		if err := w.deleteImport(m); err != nil {
			return err
		}
	}
	return w.settle(0)
}

// notFound turns the error for no row into a sentence.
func notFound(err error, format string, args ...any) error {
	if errors.Is(err, sql.ErrNoRows) {
		return fault.New(fault.NotFound, format, args...)
	}
	return err
}

// deleteImport deletes one import's row and sightings.
func (w *work) deleteImport(id int64) error {
	heirs, err := w.column(`SELECT id FROM import WHERE same_as = ? ORDER BY id LIMIT 1`, id)
	if err != nil {
		return err
	}
	if len(heirs) > 0 {
		if err := w.inherit(id, heirs[0]); err != nil {
			return err
		}
	} else if err := w.deleteSightings(id); err != nil {
		return err
	}
	for _, q := range []string{`DELETE FROM rejection WHERE import_id = ?`, `DELETE FROM rejected_bytes
		WHERE import_id = ?`,
		`DELETE FROM import_host WHERE import_id = ?`, `DELETE FROM ordinal WHERE import_id = ?`, `DELETE FROM import
			WHERE id = ?`} {
		if _, err := w.exec(q, id); err != nil {
			return err
		}
	}
	return nil
}

// inherit gives what an import brought to another one of the same file.
func (w *work) inherit(from, to int64) error {
	for _, q := range []string{`UPDATE block SET import_id = ?2 WHERE import_id = ?1`,
		`UPDATE sighting SET import_id = ?2 WHERE import_id = ?1`,
		`UPDATE import_host SET import_id = ?2 WHERE import_id = ?1`,
		`UPDATE rejection SET import_id = ?2 WHERE import_id = ?1`,
		`UPDATE rejected_bytes SET import_id = ?2 WHERE import_id = ?1`,
		`UPDATE import SET same_as = NULL WHERE ?1 <> 0 AND id = ?2`,
		`UPDATE import SET same_as = ?2 WHERE same_as = ?1`} {
		if _, err := w.exec(q, from, to); err != nil {
			return err
		}
	}
	return nil
}

// deleteSightings takes an import's sightings away from the events it saw.
// Events are settled block by block, so that memory does not grow with the
// import.
func (w *work) deleteSightings(id int64) error {
	blocks, err := w.column(`SELECT first_event FROM block WHERE import_id = ? ORDER BY first_event`, id)
	if err != nil {
		return err
	}
	for _, first := range blocks {
		events, err := w.column(`SELECT id FROM event WHERE id >= ?1 AND id < ?1 + (SELECT count FROM block
			WHERE first_event = ?1)`, first)
		if err != nil {
			return err
		}
		if err := w.unsee(id, first, events); err != nil {
			return err
		}
	}
	bare := map[int64]bool{} // blocks that may hold what nobody needs any more
	for _, first := range blocks {
		bare[first] = true
	}
	for {
		events, err := w.column(`SELECT DISTINCT event_id FROM sighting WHERE import_id = ? LIMIT 1000`, id)
		if err != nil {
			return err
		}
		if len(events) == 0 {
			break
		}
		if err := w.bareBlocks(id, events, bare); err != nil {
			return err
		}
		if err := w.unsee(id, 0, events); err != nil {
			return err
		}
	}
	for first := range bare {
		if err := w.strip(first); err != nil {
			return err
		}
	}
	w.events.blocks = nil
	return nil
}
