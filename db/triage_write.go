package db

import (
	"database/sql"

	"escutcheon/store"
	"escutcheon/triage"
)

// write stores the decisions and the steps to them.
func (s *triaging) write() error {
	if len(s.rows) == 0 {
		return nil
	}
	if err := s.get(`SELECT ifnull(max(bulk), 0) + 1 FROM triage_history`, nil, &s.bulk); err != nil {
		return err
	}
	if err := s.putAll(); err != nil {
		return err
	}
	if err := s.execMany(`INSERT INTO triage_history (bulk, kind, name, revision, author, at, field, old, new, why,
			address, sum) VALUES `, `(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, ``, len(s.step), func(dst []any, i int) []any {
		r, at := &s.step[i], len(dst)
		dst = append(dst, s.bulk, s.kind, r.of.name, r.of.Revision, s.c.Author, s.now, r.field, r.old, r.new, s.why,
			store.ActorOf(s.ctx).Address)
		return append(dst, checksum(dst[at:]...))
	}); err != nil {
		return err
	}
	if err := s.auditSteps(); err != nil || s.kind == store.OfHost {
		return err
	}
	return s.showStatus()
}

// auditSteps tells of the steps.
func (s *triaging) auditSteps() error {
	action := "set"
	if s.undo {
		action = "undone"
	}
	return s.auditMany(len(s.step), func(i int) auditRow {
		r := &s.step[i]
		return auditRow{Person: s.c.Author, Action: action, Object: s.kind + " " + r.of.name, Field: r.field, Old: r.old,
			New: r.new}
	})
}

// putAll stores the decisions. What is closed now is by the newest record that
// there is; what was before stays closed by its own.
func (s *triaging) putAll() error {
	var newest int64
	if err := s.get(`SELECT last FROM sequence WHERE name = 'record'`, nil, &newest); err != nil {
		return err
	}
	if err := s.execMany(`INSERT INTO triage (kind, name, status, disposition, urgency, owner, revision, author, at,
			reopened, closed) VALUES `, `(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, ` ON CONFLICT DO UPDATE SET
			status = excluded.status, disposition = excluded.disposition, urgency = excluded.urgency,
			owner = excluded.owner, revision = excluded.revision, author = excluded.author, at = excluded.at,
			reopened = excluded.reopened, closed = CASE WHEN excluded.closed IS NOT NULL AND status >= 3
				AND closed IS NOT NULL THEN closed ELSE excluded.closed END`,
		len(s.rows), func(dst []any, i int) []any {
			o := &s.rows[i]
			closed := sql.NullInt64{Int64: newest, Valid: s.kind == store.OfFinding && !o.Status.Open()}
			return append(dst, s.kind, o.name, int64(o.Status), int64(o.Disposition), int64(o.Urgency), o.Owner,
				o.Revision, o.Author, s.now, o.Reopened, closed)
		}); err != nil {
		return err
	}
	names := make([]string, len(s.rows))
	for i := range s.rows {
		names[i] = s.rows[i].name
	}
	return sealTriage(s.tx, s.kind, names)
}

// sealTriage gives decisions their checksum.
func sealTriage(t *tx, kind string, names []string) error {
	_, err := t.exec(`UPDATE triage SET sum = `+triageSum.is("triage")+` WHERE kind = ?
		AND name IN (SELECT value FROM json_each(?))`, kind, jsonList(names))
	return err
}

// showStatus makes the findings' own status that of their triage.
func (s *triaging) showStatus() error {
	for _, of := range triage.Statuses() {
		var names []string
		for i := range s.rows {
			if s.rows[i].Status == of {
				names = append(names, s.rows[i].name)
			}
		}
		if len(names) == 0 {
			continue
		}
		if _, err := s.exec(`UPDATE finding SET status = ?1 WHERE status <> ?1
			AND key IN (SELECT value FROM json_each(?2))`, int64(of), jsonList(names)); err != nil {
			return err
		}
	}
	return forgetKnown(s.tx)
}

// forgetKnown forgets since when events are known that is of no use: as nothing
// is closed.
func forgetKnown(t *tx) error {
	_, err := t.exec(`DELETE FROM known_event WHERE NOT EXISTS (SELECT 1 FROM triage WHERE closed IS NOT NULL)`)
	return err
}
