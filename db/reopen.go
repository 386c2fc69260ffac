package db

import (
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"

	"escutcheon/store"
	"escutcheon/triage"
)

// A closed finding is opened by an event that joins it and that nobody knew when
// it was closed. An event's number says since when it is known, unless it was
// deleted and came again (known_event has the number that counts then, by the hash
// of what makes it one event) or its import took the place of one that had it
// (import.known).

// joins are the events that findings get in a transaction and that may open them.
type joins struct {
	since  int64              // the record number by which the first was closed
	asked  bool               // since is known
	events map[string][]int64 // by finding
}

// join notes events that a finding gets.
func (l *ledger) join(key string, events ...int64) error {
	if !l.joins.asked {
		since, err := closedSince(l.tx)
		if err != nil {
			return err
		}
		l.joins = joins{since: since, asked: true, events: map[string][]int64{}}
	}
	for _, id := range events {
		if id > l.joins.since {
			l.joins.events[key] = append(l.joins.events[key], id)
		}
	}
	return nil
}

// closedSince is the record number by which the first finding was closed that is;
// math.MaxInt64 where none is.
func closedSince(t *tx) (since int64, err error) {
	err = t.get(`SELECT ifnull(min(closed), ?) FROM triage WHERE closed IS NOT NULL`, []any{int64(math.MaxInt64)}, &since)
	return since, err
}

// joinPooled notes the events of a made row that are another's too.
func (l *ledger) joinPooled(key string, finding int64) error {
	if err := l.join(key); err != nil || l.joins.since == math.MaxInt64 {
		return err
	}
	events, err := l.column(`SELECT event_id FROM finding_event WHERE finding_id = ? AND event_id > ?`, finding,
		l.joins.since)
	if err != nil {
		return err
	}
	return l.join(key, events...)
}

// flushJoins opens the closed findings that got an event which was unknown.
func (l *ledger) flushJoins() error {
	if len(l.joins.events) == 0 {
		return nil
	}
	keys := make([]string, 0, len(l.joins.events))
	for key := range l.joins.events {
		keys = append(keys, key)
	}
	type closed struct {
		key string
		by  int64
	}
	var list []closed
	if err := l.each(func(r *sql.Rows) error {
		var c closed
		err := r.Scan(&c.key, &c.by)
		list = append(list, c)
		return err
	}, `SELECT name, closed FROM triage WHERE kind = 'finding' AND closed IS NOT NULL
		AND name IN (SELECT value FROM json_each(?)) ORDER BY name`, jsonList(keys)); err != nil {
		return err
	}
	for _, c := range list {
		if err := l.judge(c.key, c.by); err != nil {
			return err
		}
	}
	clear(l.joins.events)
	return nil
}

// judge opens a finding that was closed by a record if any event that it got was
// unknown then.
func (l *ledger) judge(key string, closed int64) error {
	for _, id := range l.joins.events[key] {
		since := id
		if id > closed && l.work != nil {
			var err error
			if since, err = l.work.knownSince(id); err != nil {
				return err
			}
		}
		if since > closed {
			return l.reopen(key, id)
		}
		if since < id && id > closed { // for good
			if err := l.work.noteKnown(id); err != nil {
				return err
			}
		}
	}
	return nil
}

// reopen makes a closed finding new, for an event.
func (l *ledger) reopen(key string, event int64) error {
	was, err := triageOf(l.ctx, l.tx, store.OfFinding, key)
	if err != nil {
		return err
	}
	now := int64(0)
	if l.work != nil {
		now = l.work.nanos
	}
	if _, err := l.exec(`UPDATE triage SET status = ?, disposition = ?, urgency = ?, owner = ?, closed = NULL,
		reopened = 1, revision = ?, author = '', at = ? WHERE kind = 'finding' AND name = ?`, int64(triage.New),
		int64(was.Disposition), int64(was.Urgency), was.Owner, was.Revision+1, now, key); err != nil {
		return err
	}
	if err := sealTriage(l.tx, store.OfFinding, []string{key}); err != nil {
		return err
	}
	step := []any{int64(0), store.OfFinding, key, was.Revision + 1, "", now, "status", was.Status.String(),
		triage.New.String(), fmt.Sprintf("event %d joined", event), ""}
	if _, err := l.exec(`INSERT INTO triage_history (bulk, kind, name, revision, author, at, field, old, new, why,
		address, sum) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, append(step, checksum(step...))...); err != nil {
		return err
	}
	if err := l.auditOwn(auditRow{Action: "reopened", Object: "finding " + key, Field: "status", Old: was.Status.String(),
		New: triage.New.String()}); err != nil {
		return err
	}
	_, err = l.exec(`UPDATE finding SET status = 0 WHERE key = ?`, key)
	return errors.Join(err, forgetKnown(l.tx))
}

// knownSince is the number of the record since which a stored event is known.
func (w *work) knownSince(event int64) (since int64, err error) {
	since = event
	older := func(query string, arg any) {
		var record sql.NullInt64
		if err == nil {
			err = w.get(query, []any{arg}, &record)
		}
		if errors.Is(err, sql.ErrNoRows) {
			err = nil
		}
		if record.Valid {
			since = min(since, record.Int64)
		}
	}
	b, err := w.holding(event)
	if err != nil || b == nil {
		return since, err
	}
	older(`SELECT ifnull(i.known, p.known) FROM import i LEFT JOIN import p ON p.id = i.parent WHERE i.id = ?`, b.imported)
	hash, wrong := w.identityHash(event)
	if hash != nil {
		older(`SELECT record FROM known_event WHERE hash = ?`, hash)
	}
	return since, errors.Join(err, wrong)
}

// noteKnown keeps since when a stored event is known that is about to go, or about
// to be known by its number alone, if any finding is closed.
func (w *work) noteKnown(event int64) error {
	if w.anyClosed == 0 {
		w.anyClosed = -1
		first, err := closedSince(w.tx)
		if err != nil {
			return err
		}
		if first < math.MaxInt64 {
			w.anyClosed = 1
		}
	}
	if w.anyClosed < 0 {
		return nil
	}
	hash, err := w.identityHash(event)
	if err != nil || hash == nil {
		return err
	}
	since, err := w.knownSince(event)
	if err != nil {
		return err
	}
	_, err = w.exec(`INSERT INTO known_event (hash, record) VALUES (?, ?) ON CONFLICT DO NOTHING`, hash, since)
	return err
}

// identityHash is the hash of what makes a stored event one event, in any
// database; nil where that is not known.
func (w *work) identityHash(event int64) ([]byte, error) {
	b, err := w.holding(event)
	if err != nil || b == nil {
		return nil, err
	}
	c, err := w.columnsOf(b)
	if err != nil {
		return nil, err
	}
	id := identityOf(c, int(event-b.first))
	if id.record < 0 {
		var digest []byte
		err := w.get(`SELECT digest FROM digest WHERE event_id = ?`, []any{event}, &digest)
		if errors.Is(err, sql.ErrNoRows) {
			return nil, nil
		}
		return digest, err
	}
	h, err := w.hostByID(id.host)
	if err != nil {
		return nil, err
	}
	channel := ""
	if id.channel != 0 {
		if err := w.get(`SELECT name FROM channel WHERE id = ?`, []any{id.channel}, &channel); err != nil {
			return nil, err
		}
	}
	text := slices.Concat([]byte(h.dest), []byte{0}, []byte(channel), []byte{0})
	for _, n := range []int64{id.record, id.code, id.second} {
		text = binary.BigEndian.AppendUint64(text, uint64(n))
	}
	sum := sha256.Sum256(text)
	return sum[:16], nil
}
