package db

import (
	"context"
	"database/sql"
	"errors"
	"slices"

	"escutcheon/fault"
	"escutcheon/intake"
)

// DeleteImport deletes an import that has ended, with its members: its
// sightings go, and the events, findings and risk that rest on them alone.
// Notes stay. Where another import is of the same file with the same answers,
// that one takes its place, and nothing else changes.
func (d *DB) DeleteImport(ctx context.Context, id int64) (err error) {
	defer fault.Wrap(&err, "delete import %d", id)
	return d.write(ctx, func(tx *sql.Tx) error {
		i, err := scanImport(tx.QueryRowContext(ctx, `SELECT `+importColumns+` FROM import WHERE id = ?`, id))
		if err != nil {
			return notFound(err, "There is no import %d.", id)
		}
		if !i.Status.Ended() && i.Status != intake.Asking {
			return fault.New(fault.Conflict, "This import is %s. Cancel it first.", i.Status)
		}
		return d.deleteTree(ctx, tx, id)
	})
}

// deleteTree deletes an import and its members in a transaction.
func (d *DB) deleteTree(ctx context.Context, tx *sql.Tx, id int64) error {
	s := d.newStorer(ctx, tx)
	defer s.close()
	if err := s.cursors(d); err != nil {
		return err
	}
	if _, err := s.exec(`UPDATE import SET parent = (SELECT min(h.id) FROM import h WHERE h.same_as = ?1) WHERE parent = ?1
		AND EXISTS (SELECT 1 FROM import h WHERE h.same_as = ?1)`, id); err != nil { // the same archive again keeps the members
		return err
	}
	members, err := s.column(`SELECT id FROM import WHERE parent = ? ORDER BY id`, id)
	if err != nil {
		return err
	}
	for _, m := range append(members, id) {
		if err := s.deleteImport(m); err != nil {
			return err
		}
	}
	return s.settle()
}

// notFound turns the error for no row into a sentence.
func notFound(err error, format string, args ...any) error {
	if errors.Is(err, sql.ErrNoRows) {
		return fault.New(fault.NotFound, format, args...)
	}
	return err
}

// deleteImport deletes one import's row and sightings.
func (s *storer) deleteImport(id int64) error {
	heirs, err := s.column(`SELECT id FROM import WHERE same_as = ? ORDER BY id LIMIT 1`, id)
	if err != nil {
		return err
	}
	if len(heirs) > 0 {
		if err := s.inherit(id, heirs[0]); err != nil {
			return err
		}
	} else if err := s.deleteSightings(id); err != nil {
		return err
	}
	for _, q := range []string{`DELETE FROM rejection WHERE import_id = ?`, `DELETE FROM rejected_bytes WHERE import_id = ?`,
		`DELETE FROM import_host WHERE import_id = ?`, `DELETE FROM ordinal WHERE import_id = ?`, `DELETE FROM import WHERE id = ?`} {
		if _, err := s.exec(q, id); err != nil {
			return err
		}
	}
	return nil
}

// inherit gives what an import brought to another one of the same file.
func (s *storer) inherit(from, to int64) error {
	for _, q := range []string{`UPDATE block SET import_id = ?2 WHERE import_id = ?1`,
		`UPDATE sighting SET import_id = ?2 WHERE import_id = ?1`,
		`UPDATE import_host SET import_id = ?2 WHERE import_id = ?1`,
		`UPDATE rejection SET import_id = ?2 WHERE import_id = ?1`,
		`UPDATE rejected_bytes SET import_id = ?2 WHERE import_id = ?1`,
		`UPDATE import SET same_as = NULL WHERE ?1 <> 0 AND id = ?2`,
		`UPDATE import SET same_as = ?2 WHERE same_as = ?1`} {
		if _, err := s.exec(q, from, to); err != nil {
			return err
		}
	}
	return nil
}

// deleteSightings takes an import's sightings away from the events it saw.
// Events are settled block by block, so that memory does not grow with the
// import.
func (s *storer) deleteSightings(id int64) error {
	blocks, err := s.column(`SELECT first_event FROM block WHERE import_id = ? ORDER BY first_event`, id)
	if err != nil {
		return err
	}
	for _, first := range blocks {
		events, err := s.column(`SELECT id FROM event WHERE id >= ?1 AND id < ?1 + (SELECT count FROM block WHERE first_event = ?1)`, first)
		if err != nil {
			return err
		}
		if err := s.unsee(id, first, events); err != nil {
			return err
		}
	}
	bare := map[int64]bool{} // blocks that may hold what nobody needs any more
	for _, first := range blocks {
		bare[first] = true
	}
	for {
		events, err := s.column(`SELECT DISTINCT event_id FROM sighting WHERE import_id = ? LIMIT 1000`, id)
		if err != nil {
			return err
		}
		if len(events) == 0 {
			break
		}
		if err := s.bareBlocks(id, events, bare); err != nil {
			return err
		}
		if err := s.unsee(id, 0, events); err != nil {
			return err
		}
	}
	for first := range bare {
		if err := s.strip(first); err != nil {
			return err
		}
	}
	s.recs.blocks = nil
	return nil
}

// unsee takes an import's sightings of events away, those of the block that
// starts at first (0: of none) among them, and settles the events.
func (s *storer) unsee(id, first int64, events []int64) error {
	for _, e := range events {
		elsewhere, err := s.seenElsewhere(e, id)
		if err != nil {
			return err
		}
		if !elsewhere {
			if err := s.vanish(e); err != nil {
				return err
			}
			continue
		}
		seen, err := s.recs.sightings(e)
		if err != nil {
			return err
		}
		s.changed[e] = &change{seen: seen}
	}
	for _, e := range events {
		if _, err := s.exec(`DELETE FROM sighting WHERE event_id = ? AND import_id = ?`, e, id); err != nil {
			return err
		}
	}
	if first > 0 {
		if _, err := s.exec(`UPDATE block SET import_id = 0 WHERE first_event = ?`, first); err != nil {
			return err
		}
		s.recs.disown(first)
	}
	return s.settle()
}

// seenElsewhere says whether an event has a sighting that is not an import's.
func (s *storer) seenElsewhere(event, id int64) (bool, error) {
	others, err := s.column(`SELECT 1 FROM sighting WHERE event_id = ? AND import_id <> ? LIMIT 1`, event, id)
	if err != nil || len(others) > 0 {
		return len(others) > 0, err
	}
	b, err := s.recs.block(event)
	return b != nil && b.importID != 0 && b.importID != id, err
}

// vanish removes an event that is seen nowhere any more: its row, and it from
// the rows of findings. It need not be decoded for that.
func (s *storer) vanish(event int64) error {
	var host, second int64
	if err := s.get(`DELETE FROM event WHERE id = ? RETURNING host_id, second`, []any{event}, &host, &second); err != nil {
		return err
	}
	h, err := s.hostByID(host)
	if err != nil {
		return err
	}
	if h != nobody {
		h.moved--
		h.again = h.again || second != noSecond
	}
	if _, err := s.exec(`DELETE FROM unattributed WHERE event_id = ?`, event); err != nil {
		return err
	}
	findings, err := s.column(`SELECT finding_id FROM finding_event WHERE event_id = ?`, event)
	if err != nil {
		return err
	}
	for _, f := range findings {
		var start int64
		var made bool
		err := s.get(`SELECT f.made, x.start FROM finding_event x JOIN finding f ON f.id = x.finding_id WHERE x.finding_id = ? AND x.event_id = ?`, []any{f, event}, &made, &start)
		if err != nil || made { // what is made of several groups is made again
			if err != nil {
				return err
			}
			continue
		}
		if _, err := s.exec(`DELETE FROM finding_event WHERE finding_id = ? AND start = ? AND event_id = ?`, f, start, event); err != nil {
			return err
		}
		if s.stale[f] == nil {
			s.stale[f] = map[int64]bool{}
		}
		s.stale[f][start] = true
	}
	return nil
}

// bareBlocks adds the blocks of deleted imports that hold records by which an
// import saw events.
func (s *storer) bareBlocks(id int64, events []int64, bare map[int64]bool) error {
	for _, e := range events {
		recs, err := s.column(`SELECT DISTINCT record_id FROM sighting WHERE event_id = ? AND import_id = ?`, e, id)
		if err != nil {
			return err
		}
		for _, r := range recs {
			b, err := s.recs.block(r)
			if err != nil {
				return err
			}
			if b != nil && b.importID == 0 {
				bare[b.first] = true
			}
		}
	}
	return nil
}

// strip removes from a block of a deleted import the records that no sighting
// needs, and the block when it needs none.
func (s *storer) strip(first int64) error {
	b, err := scanBlock(s.recs.q.QueryRowContext(s.ctx, `SELECT first_event, count, import_id, reading_id, data FROM block WHERE first_event = ?`, first))
	if err != nil || b == nil || b.importID != 0 {
		return err
	}
	needed, err := s.column(`SELECT DISTINCT record_id FROM sighting WHERE record_id >= ? AND record_id < ?`, first, first+int64(len(b.recs)))
	if err != nil {
		return err
	}
	if len(needed) == 0 {
		_, err := s.exec(`DELETE FROM block WHERE first_event = ?`, first)
		return err
	}
	for i := range b.recs {
		if !slices.Contains(needed, first+int64(i)) {
			b.recs[i] = record{}
		}
	}
	w, err := newBlockWriter()
	if err != nil {
		return err
	}
	_, err = s.exec(`UPDATE block SET data = ? WHERE first_event = ?`, w.pack(b.recs), first)
	return err
}
