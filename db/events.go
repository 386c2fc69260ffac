package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"escutcheon/event"
	"escutcheon/fault"
	"escutcheon/intake"
	"escutcheon/sighting"
	"escutcheon/store"
)

const eventColumns = `e.id, ifnull(h.dest, ''), ifnull(c.name, ''), ifnull(p.name, ''), e.code, e.record, e.second,
	e.nanos`

const eventJoins = ` LEFT JOIN host h ON h.id = e.host_id LEFT JOIN channel c ON c.id = e.channel_id LEFT
	JOIN provider p ON p.id = e.provider_id`

func scanEvent(row interface{ Scan(...any) error }) (store.EventRef, error) {
	var e store.EventRef
	err := row.Scan(&e.ID, &e.Dest, &e.Channel, &e.Provider, &e.Code, &e.Record, &e.Second, &e.Nanos)
	e.HasTime = e.Second != noSecond
	return e, err
}

// Events returns one page of events, newest first; those without a time last.
func (d *DB) Events(ctx context.Context, f store.EventFilter, p store.Page) (out []store.EventRef, c store.Cursors,
	err error) {
	defer fault.Wrap(&err, "events")
	from := `finding_event x JOIN event e ON e.id = x.event_id`
	where := `x.finding_id = (SELECT id FROM finding WHERE key = ?)`
	args := []any{f.Finding}
	if f.Finding == "" {
		from = `unattributed x JOIN event e ON e.id = x.event_id`
		where = `(?1 = '' OR x.rule_id = ?1) AND (?2 = '' OR x.dest = ?2) AND (?3 = '' OR x.missing = ?3)`
		args = []any{f.Rule, f.Dest, f.Missing}
	}
	k := keyset{column: "e.second", id: "e.id", page: p}
	cond, kargs, order, err := k.clause()
	if err != nil {
		return nil, c, err
	}
	var marks []mark
	err = d.rows(ctx, func(r *sql.Rows) error {
		e, err := scanEvent(r)
		out, marks = append(out, e), append(marks, mark{Value: e.Second, ID: e.ID})
		return err
	}, `SELECT `+eventColumns+` FROM `+from+eventJoins+` WHERE `+where+cond+order, append(args, kargs...)...)
	if err != nil {
		return nil, c, err
	}
	n := k.trim(len(out))
	out, marks = out[:n.end], marks[:n.end]
	if k.reversed() {
		slices.Reverse(out)
		slices.Reverse(marks)
	}
	return out, k.cursors(marks, n.more), nil
}

// EventByID returns one event.
func (d *DB) EventByID(ctx context.Context, id int64) (store.EventRef, error) {
	e, err := scanEvent(d.r.QueryRowContext(ctx, `SELECT `+eventColumns+` FROM event e`+eventJoins+` WHERE e.id = ?`, id))
	if errors.Is(err, sql.ErrNoRows) {
		return e, fault.New(fault.NotFound, "There is no event %d.", id)
	}
	return e, err
}

// Totals counts what the database holds.
func (d *DB) Totals(ctx context.Context) (t store.Totals, err error) {
	err = d.r.QueryRowContext(ctx, `SELECT (SELECT count(*) FROM import WHERE parent IS NULL),
		(SELECT ifnull(sum(events), 0) FROM host),
		(SELECT count(*) FROM host), (SELECT count(*) FROM finding WHERE verdict = 0), (SELECT count(*) FROM note
			WHERE deleted = 0)`).
		Scan(&t.Imports, &t.Events, &t.Hosts, &t.Findings, &t.Notes)
	return t, err
}

// noSecond stands in the event table for "no time".
const noSecond = sighting.NoSecond

// eventRow is an event's row: its identity, and what lists show of it.
type eventRow struct {
	host, channel, provider     int64
	record, code, second, nanos int64
}

// row makes an event's row, and its host and names where they are new.
func (w *work) row(e *event.Event) (r eventRow, h *host, err error) {
	if h, err = w.hosts.of(e.Computer); err != nil {
		return r, h, err
	}
	id, _ := sighting.Of(e)
	r = eventRow{host: h.id, record: id.Record, code: id.Code, second: id.Second}
	if r.channel, err = w.name("channel", e.Channel); err != nil {
		return r, h, err
	}
	if e.HasTime {
		r.nanos = e.Nanos - r.second*1e9
	}
	r.provider, err = w.name("provider", e.Provider)
	return r, h, err
}

// name returns the id of a channel's or provider's name, storing it if new.
// Ids are remembered for the transaction only: another process may roll back.
func (w *work) name(table, name string) (int64, error) {
	if name == "" {
		return 0, nil
	}
	if id, ok := w.names[table][name]; ok {
		return id, nil
	}
	var id int64
	err := w.get(`INSERT INTO `+table+` (name) VALUES (?) ON CONFLICT (name) DO UPDATE SET name = name RETURNING id`,
		[]any{name}, &id)
	w.names[table][name] = id
	return id, err
}

// storeEvents stores the new events of the batch with their original bytes, and
// where the others were seen again.
func (s *batch) storeEvents() error {
	for i := range s.b.Events {
		isNew, err := s.storeEvent(i, &s.b.Events[i])
		if err != nil {
			return err
		}
		if isNew {
			s.counts.New++
		} else {
			s.counts.Duplicate++
		}
	}
	return s.blocks.finish()
}

// storeEvent stores one event and says whether it is new.
func (s *batch) storeEvent(i int, e *event.Event) (bool, error) {
	r, h, err := s.row(e)
	if err != nil {
		return false, err
	}
	digest, err := s.digest(e)
	if err != nil {
		return false, err
	}
	res, err := s.exec(`INSERT INTO event (id, host_id, channel_id, provider_id, record, code, second, nanos, digest)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		s.blocks.next, r.host, r.channel, r.provider, r.record, r.code, r.second, r.nanos, digest)
	if err != nil {
		return false, err
	}
	if n, err := res.RowsAffected(); err != nil {
		return false, err
	} else if n == 0 {
		return false, s.seenAgain(e, r, digest)
	}
	if s.ids[i], err = s.blocks.keep(e); err != nil {
		return false, err
	}
	if !e.HasTime {
		s.counts.Timeless++
	}
	if e.Computer == "" {
		s.counts.Nameless++
	}
	h.came(e)
	return true, nil
}

// digest is the identity of an event without a record number, else nil.
func (s *batch) digest(e *event.Event) (any, error) {
	if _, numbered := sighting.Of(e); numbered {
		return nil, nil
	}
	digest := sighting.Digest(e)
	var n uint64
	err := s.get(`INSERT INTO ordinal (import_id, digest, n) VALUES (?, ?, 1)
		ON CONFLICT (import_id, digest) DO UPDATE SET n = n + 1 RETURNING n`, []any{s.b.Import, digest[:16]}, &n)
	id := sighting.Nth(digest, n)
	return id[:], err
}

// findEvent is the id of the stored event that has an identity.
func (w *work) findEvent(r eventRow, digest any) (id int64, err error) {
	if digest != nil {
		err = w.get(`SELECT id FROM event WHERE digest = ?`, []any{digest}, &id)
	} else {
		err = w.get(`SELECT id FROM event WHERE host_id = ? AND channel_id = ? AND record = ? AND code = ? AND second = ?
			AND record >= 0`,
			[]any{r.host, r.channel, r.record, r.code, r.second}, &id)
	}
	if errors.Is(err, sql.ErrNoRows) {
		return 0, fmt.Errorf("an event with the identity %+v is there and is not found", r)
	}
	return id, err
}

// updateEvent brings the row and the hosts of an event that is seen differently
// up to date.
func (w *work) updateEvent(id int64, before, after *event.Event) error {
	old, from, err := w.row(before)
	if err != nil {
		return err
	}
	now, to, err := w.row(after)
	if err != nil || old == now && before.Computer == after.Computer {
		return err
	}
	_, err = w.exec(`UPDATE event SET host_id = ?, channel_id = ?, provider_id = ?, record = ?, code = ?, second = ?,
		nanos = ? WHERE id = ?`,
		now.host, now.channel, now.provider, now.record, now.code, now.second, now.nanos, id)
	from.moved(-1, before.HasTime)
	to.moved(1, after.HasTime)
	return err
}

// deleteEvent deletes the row of an event that is seen nowhere any more. It need
// not be decoded for that.
func (w *work) deleteEvent(id int64) error {
	var host, second int64
	if err := w.get(`DELETE FROM event WHERE id = ? RETURNING host_id, second`, []any{id}, &host, &second); err != nil {
		return err
	}
	h, err := w.hosts.byID(host)
	if err == nil {
		h.moved(-1, second != noSecond)
	}
	return err
}

// seenAgain notes that a stored event was seen again. Bytes that it was not seen
// with before may add to what is known of it.
func (s *batch) seenAgain(e *event.Event, r eventRow, digest any) error {
	id, err := s.findEvent(r, digest)
	if err != nil {
		return err
	}
	seen, err := s.events.sightings(id)
	if err != nil {
		return err
	}
	rec := sighting.Known(seen, e.Raw, s.blocks.reading)
	if rec == 0 {
		if s.changed[id] == nil {
			s.changed[id] = seen
		}
		if rec, err = s.blocks.keep(e); err != nil {
			return err
		}
	}
	return s.addSighting(id, intake.Sighting{Import: s.b.Import, Offset: e.Offset, Record: rec})
}
