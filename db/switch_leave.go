package db

import (
	"math"
	"slices"

	"escutcheon/intake"
)

// heirs gives what the old import and its members brought to other imports of the
// same file, where there are any.
func (s *switching) heirs() error {
	for _, u := range s.units {
		heirs, err := s.heirsOf(u.old.ID)
		if err == nil && len(heirs) > 0 {
			err = s.inherit(u.old.ID, heirs[0])
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// leave takes the sightings of an old import away, and the import itself. Bytes that
// nobody needs any more are left to DropStaged.
func (s *switching) leave(u *unit) error {
	firsts, err := s.column(`SELECT first FROM block WHERE import_id = ? ORDER BY first`, u.old.ID)
	if err != nil {
		return err
	}
	rows, err := s.againOf(u.old.ID, math.MinInt64, math.MaxInt64, math.MaxInt32)
	if err != nil {
		return err
	}
	for _, first := range firsts {
		if err := s.leaveBlock(first); err != nil {
			return err
		}
	}
	for _, row := range rows {
		if err := s.leaveAgain(row.list); err != nil {
			return err
		}
	}
	if _, err := s.exec(`DELETE FROM again WHERE import_id = ?`, u.old.ID); err != nil {
		return err
	}
	for _, row := range rows {
		if err := s.noteHolders(row.list); err != nil {
			return err
		}
	}
	if _, err := s.exec(ofRoot, u.old.ID, u.old.ID); err != nil { // of what it rejected
		return err
	}
	return s.do([]any{u.old.ID}, `DELETE FROM import_host WHERE import_id = ?`, `DELETE FROM ordinal WHERE import_id = ?`,
		`DELETE FROM import WHERE id = ?`)
}

func (s *switching) leaveBlock(first int64) error {
	s.passed[first] = true
	b, err := s.info(first)
	if err != nil {
		return err
	}
	c, err := s.columnsOf(b)
	if err != nil {
		return err
	}
	var events []int64
	for i, id := range c.Event {
		if id == first+int64(i) {
			events = append(events, id)
		}
	}
	if err := s.lose(events); err != nil {
		return err
	}
	return s.bare(first)
}

// leaveAgain is for sightings that are no event's first, those of events in the old
// import's own blocks left out.
func (s *switching) leaveAgain(list []again) error {
	var events []int64
	for _, a := range list {
		b, err := s.holding(a.event)
		if err != nil {
			return err
		}
		if b == nil || s.passed[b.first] || len(events) > 0 && events[len(events)-1] == a.event {
			continue
		}
		c, err := s.columnsOf(b)
		if err != nil {
			return err
		}
		if c.Event[a.event-b.first] == a.event {
			events = append(events, a.event)
		}
	}
	return s.lose(events)
}

// lose settles what follows for events, sorted, that the old import does not see
// any more. One that stays says the same as before where each of its records that
// leaves has come again as it was; of very many records not all count.
func (s *switching) lose(events []int64) error {
	if len(events) == 0 {
		return nil
	}
	more, err := againAmong(s.tx.ctx, s.tx, events[0], events[len(events)-1])
	if err != nil {
		return err
	}
	var stay, gone []int64
	for _, id := range events {
		elsewhere, err := s.elsewhere(id, more[id])
		if err != nil {
			return err
		}
		_, left := slices.BinarySearch(s.left, id)
		switch {
		case !elsewhere:
			gone = append(gone, id)
		case left || len(more[id]) >= intake.MostVariants:
			stay = append(stay, id)
		}
	}
	if err := s.seenNow(stay); err != nil {
		return err
	}
	if err := s.vanish(gone); err != nil {
		return err
	}
	return s.mayGoOn()
}

// elsewhere says whether an event has a sighting that is not the old import's.
func (s *switching) elsewhere(id int64, more []again) (bool, error) {
	if slices.ContainsFunc(more, func(a again) bool { return !s.olds[a.imported] }) {
		return true, nil
	}
	b, err := s.holding(id)
	return b != nil && b.imported != 0 && !s.olds[b.imported], err
}

// member records a member of an archive.
func (s *switching) member(u *unit) error {
	if u.id == s.root.ID {
		return nil
	}
	now := s.d.now().UnixNano()
	_, err := s.exec(`INSERT INTO import (id, name, sha256, size, source, path, owner, zone, computer, site, dates,
		parent, ordinal, ask, status, reason, created, started, finished, beat, written, written_local, reads)
		SELECT ?1, name, sha256, size, source, '', '', ?3, ?4, site, ?5, ?6, ordinal, ask, ?7, reason, ?8, started,
			finished, ?8, written, written_local, reads FROM import WHERE id = ?2`, u.id, u.old.ID,
		s.root.Zone, u.read.Computer, s.root.Dates, s.root.ID, u.old.Status, now)
	return err
}

// record stores what has become of a log.
func (s *switching) record(u *unit, c intake.Counts) error {
	if err := s.moveArtifacts(u); err != nil {
		return err
	}
	now := s.d.now().UnixNano()
	_, err := s.exec(`UPDATE import SET (format, encoding, compression, carrier, rejected, skipped, missing, note) =
		(SELECT format, encoding, compression, carrier, rejected, skipped, missing, trim(note || ' ' || reason) FROM import
			WHERE id = ?1), bytes = size, records = ?3, read = ?3, new = ?4, duplicate = ?5, timeless = ?6, nameless = ?7,
		zoneless = ?8, undated = ?9, windows1252 = ?10, beat = ?11 WHERE id = ?2`, u.old.ID, u.id, c.Read, c.New,
		c.Duplicate, c.Timeless, c.Nameless, c.Zoneless, c.Undated, c.Windows1252, now)
	return err
}

// end ends the new import.
func (s *switching) end() error {
	if err := s.auditOwn(auditRow{Action: "replaced", Object: importObject(s.root.Replaces), Field: "by",
		New: importObject(s.root.ID)}); err != nil {
		return err
	}
	if len(s.units) > 1 {
		if _, err := s.exec(sumOfMembers, s.root.ID); err != nil {
			return err
		}
	}
	if _, err := s.exec(`UPDATE import SET status = ?, reason = '', finished = ?, path = '' WHERE id = ?`, intake.Done,
		s.d.now().UnixNano(), s.root.ID); err != nil {
		return err
	}
	if _, err := s.exec(`DELETE FROM staged WHERE root = ?`, s.root.ID); err != nil {
		return err
	}
	return forgetStagedHosts(s.tx)
}
