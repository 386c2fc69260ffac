package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"escutcheon/fault"
	"escutcheon/store"
)

// Pin keeps an event or a file of a server, or a finding or a module with what it rests
// on, as evidence, and returns its number. What is pinned already gets the copies and
// parts that it lacks.
func (d *DB) Pin(ctx context.Context, p store.Pin, events []store.Pin, person string) (id int64, err error) {
	defer fault.Wrap(&err, "pin %s", p.Kind)
	if err := checkSigned(person); err != nil {
		return 0, err
	}
	err = d.writeLarge(ctx, func(t *tx) error {
		id, err = d.pin(t, p, events, person)
		return err
	})
	return id, err
}

func (d *DB) pin(t *tx, p store.Pin, events []store.Pin, person string) (id int64, err error) {
	var uids []string
	for _, e := range events {
		n, err := d.pin(t, e, nil, person)
		if err != nil {
			return 0, err
		}
		p.Events, uids = append(p.Events, n), append(uids, e.UID)
	}
	was, err := pinByUID(t, p.UID)
	if err != nil {
		return 0, err
	}
	if was.ID != 0 && !addsTo(was, p) {
		return was.ID, nil
	}
	p.Author, p.Pinned = person, d.now()
	if was.ID != 0 {
		p.ID = was.ID
		if uids, err = mergePins(t, &p, was, uids); err != nil {
			return 0, err
		}
	}
	p.Seal = p.Sealed(uids)
	if err := storePin(t, &p); err != nil {
		return 0, err
	}
	return p.ID, t.audit(auditRow{Person: person, Action: "pinned", Object: fmt.Sprintf("evidence %d", p.ID),
		Field: p.Kind, Old: was.Seal, New: p.Seal})
}

// addsTo says whether a pin knows a copy or an event that an older one of the same
// lacks.
func addsTo(was, p store.Pin) bool {
	if p.Ref != was.Ref || p.Away != was.Away { // it was imported again
		return true
	}
	have := map[string]bool{}
	for _, c := range was.Copies {
		have[c.FileSHA256+fmt.Sprint(c.Offset)] = true
	}
	for _, e := range was.Events {
		have[fmt.Sprint("event ", e)] = true
	}
	for _, c := range p.Copies {
		if !have[c.FileSHA256+fmt.Sprint(c.Offset)] {
			return len(was.Copies) < store.MaxPinCopies
		}
	}
	for _, e := range p.Events {
		if !have[fmt.Sprint("event ", e)] {
			return true
		}
	}
	return false
}

// mergePins gives a pin what an older one of the same has and it lacks.
func mergePins(t *tx, p *store.Pin, was store.Pin, uids []string) ([]string, error) {
	have := map[string]bool{}
	for _, c := range p.Copies {
		have[c.FileSHA256+fmt.Sprint(c.Offset)] = true
	}
	for _, c := range was.Copies {
		if !have[c.FileSHA256+fmt.Sprint(c.Offset)] {
			p.Copies = append(p.Copies, c)
		}
	}
	now := map[int64]bool{}
	for _, e := range p.Events {
		now[e] = true
	}
	for _, e := range was.Events {
		if now[e] {
			continue
		}
		var uid string
		if err := t.get(`SELECT uid FROM pin WHERE id = ?`, []any{e}, &uid); err != nil {
			return nil, err
		}
		p.Events, uids = append(p.Events, e), append(uids, uid)
	}
	return uids, nil
}

func storePin(t *tx, p *store.Pin) error {
	var at int64
	if !p.At.IsZero() {
		at = p.At.UnixNano()
	}
	var id any
	if p.ID != 0 {
		id = p.ID
	}
	if err := t.get(`INSERT INTO pin (id, uid, kind, ref, dest, at, snapshot, seal, author, pinned, away)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET ref = excluded.ref, at = excluded.at,
		snapshot = excluded.snapshot, seal = excluded.seal, author = excluded.author, pinned = excluded.pinned,
		away = excluded.away
		RETURNING id`, []any{id, p.UID, p.Kind, p.Ref, p.Dest, at, string(p.Snapshot), p.Seal, p.Author,
		p.Pinned.UnixNano(), p.Away}, &p.ID); err != nil {
		return err
	}
	for _, c := range p.Copies {
		if c.Data != nil {
			if err := t.keep(c.SHA256, c.Data); err != nil {
				return err
			}
		}
		if _, err := t.exec(`INSERT INTO pin_copy (pin, file_sha256, offset, file_name, archive, format, sha256)
			VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`, p.ID, c.FileSHA256, c.Offset, c.FileName, c.Archive,
			c.Format, c.SHA256); err != nil {
			return err
		}
	}
	for _, e := range p.Events {
		if _, err := t.exec(`INSERT INTO pin_event (finding, event) VALUES (?, ?) ON CONFLICT DO NOTHING`, p.ID,
			e); err != nil {
			return err
		}
	}
	return nil
}

func pinByUID(t *tx, uid string) (store.Pin, error) {
	list, err := pinsOf(t.ctx, t, `uid = ?`, uid)
	for _, p := range list {
		return p, err
	}
	return store.Pin{}, err
}

// pinsOf returns pins with the places of their copies, without the bytes.
func pinsOf(ctx context.Context, q conn, where string, args ...any) (map[int64]store.Pin, error) {
	out := map[int64]store.Pin{}
	chosen := `(SELECT id FROM pin WHERE ` + where + `)`
	if err := each(ctx, q, func(r *sql.Rows) error {
		var p store.Pin
		var at, pinned int64
		var snapshot string
		err := r.Scan(&p.ID, &p.UID, &p.Kind, &p.Ref, &p.Dest, &at, &snapshot, &p.Seal, &p.Author, &pinned,
			&p.Away)
		p.At, p.Pinned, p.Snapshot = fromNanos(at), fromNanos(pinned), []byte(snapshot)
		out[p.ID] = p
		return err
	}, `SELECT id, uid, kind, ref, dest, at, snapshot, seal, author, pinned, away FROM pin WHERE id IN `+chosen,
		args...); err != nil {
		return nil, err
	}
	if err := each(ctx, q, func(r *sql.Rows) error {
		var id int64
		var c store.PinCopy
		err := r.Scan(&id, &c.FileSHA256, &c.Offset, &c.FileName, &c.Archive, &c.Format, &c.SHA256)
		p := out[id]
		p.Copies = append(p.Copies, c)
		out[id] = p
		return err
	}, `SELECT pin, file_sha256, offset, file_name, archive, format, sha256 FROM pin_copy WHERE pin IN `+chosen+`
		ORDER BY pin, file_sha256, offset`, args...); err != nil {
		return nil, err
	}
	return out, each(ctx, q, func(r *sql.Rows) error {
		var id, e int64
		err := r.Scan(&id, &e)
		p := out[id]
		p.Events = append(p.Events, e)
		out[id] = p
		return err
	}, `SELECT finding, event FROM pin_event WHERE finding IN `+chosen+` ORDER BY finding, event`, args...)
}

// PinByID returns a pin, with the pins of its events.
func (d *DB) PinByID(ctx context.Context, id int64) (p store.Pin, events map[int64]store.Pin, err error) {
	defer fault.Wrap(&err, "evidence %d", id)
	list, err := pinsOf(ctx, d.r, `id = ?1 OR id IN (SELECT event FROM pin_event WHERE finding = ?1)`, id)
	if err != nil {
		return p, nil, err
	}
	p, ok := list[id]
	if !ok {
		return p, nil, fault.New(fault.NotFound, "There is no evidence %d.", id)
	}
	delete(list, id)
	return p, list, nil
}

// PinsOf are the pins of what had a number here (of an event or a file, as text), a key (a
// finding) or a name (a module) when it was pinned.
func (d *DB) PinsOf(ctx context.Context, kind, ref string) (map[int64]store.Pin, error) {
	return pinsOf(ctx, d.r, `kind = ? AND ref = ? AND away = 0`, kind, ref)
}

// VerifyCase verifies the evidence of a case and its files.
func (d *DB) VerifyCase(ctx context.Context, id int64) (v store.Verified, err error) {
	defer fault.Wrap(&err, "verify case %d", id)
	err = d.snapshot(ctx, func(q conn) error {
		if _, err := caseByID(ctx, q, id); err != nil {
			return err
		}
		pins, err := pinsOf(ctx, q, `id IN (SELECT pin FROM case_item WHERE case_id = ?1 AND pin IS NOT NULL)
			OR id IN (SELECT event FROM pin_event WHERE finding IN (SELECT pin FROM case_item WHERE case_id = ?1))`, id)
		if err != nil {
			return err
		}
		files, err := caseFiles(ctx, q, id)
		if err != nil {
			return err
		}
		y := &verifying{ctx: ctx, q: q, pins: pins, v: &v}
		if err := y.all(files); err != nil {
			return err
		}
		items, err := caseItems(ctx, q, id)
		if err != nil {
			return err
		}
		return errors.Join(y.asAudited(id, items, files), y.brought(id))
	})
	return v, err
}

// VerifyPin verifies one piece of evidence.
func (d *DB) VerifyPin(ctx context.Context, id int64) (v store.Verified, err error) {
	defer fault.Wrap(&err, "verify evidence %d", id)
	err = d.snapshot(ctx, func(q conn) error {
		pins, err := pinsOf(ctx, q, `id = ?1 OR id IN (SELECT event FROM pin_event WHERE finding = ?1)`, id)
		if err != nil {
			return err
		}
		if _, ok := pins[id]; !ok {
			return fault.New(fault.NotFound, "There is no evidence %d.", id)
		}
		return (&verifying{ctx: ctx, q: q, pins: pins, v: &v}).all(nil)
	})
	return v, err
}
