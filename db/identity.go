package db

import (
	"cmp"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"

	"escutcheon/event"
	"escutcheon/intake"
)

// events stores the new events of the batch with their original bytes, and
// where the others were seen again.
func (s *storer) events() error {
	for i := range s.b.Events {
		e := &s.b.Events[i]
		isNew, err := s.event(i, e)
		if err != nil {
			return err
		}
		if isNew {
			s.counts.New++
		} else {
			s.counts.Duplicate++
		}
	}
	if err := s.flush(); err != nil || s.next == s.first {
		return err
	}
	_, err := s.exec(`UPDATE sequence SET last = ? WHERE name = 'record'`, s.next-1)
	return err
}

// keep stores a record's bytes under the next number.
func (s *storer) keep(e *event.Event) (id int64, err error) {
	id = s.next
	s.next++
	s.pending = append(s.pending, record{e.Offset, e.Raw})
	s.recs.fresh[id] = e.Raw
	if s.size += len(e.Raw); s.size >= blockBytes {
		err = s.flush()
	}
	return id, err
}

// flush stores the pending records as a block.
func (s *storer) flush() error {
	if len(s.pending) == 0 {
		return nil
	}
	_, err := s.exec(`INSERT INTO block (first_event, count, import_id, reading_id, data) VALUES (?, ?, ?, ?, ?)`,
		s.next-int64(len(s.pending)), len(s.pending), s.b.Import, s.reading, s.blocks.pack(s.pending))
	s.pending, s.size = s.pending[:0], 0
	return err
}

// row is an event's row.
type row struct {
	host, channel, provider     int64
	record, code, second, nanos int64
}

func (s *storer) row(e *event.Event) (r row, h *hostSeen, err error) {
	if h, err = s.host(e.Computer); err != nil {
		return r, h, err
	}
	r = row{host: h.id, record: e.RecordNumber, code: e.EventCode, second: noSecond}
	if r.channel, err = s.name("channel", e.Channel); err != nil {
		return r, h, err
	}
	r.provider, err = s.name("provider", e.Provider)
	if e.HasTime {
		r.second = e.Second()
		r.nanos = e.Nanos - r.second*1e9
	}
	return r, h, err
}

// event stores one event and says whether it is new.
func (s *storer) event(i int, e *event.Event) (bool, error) {
	r, h, err := s.row(e)
	if err != nil {
		return false, err
	}
	var digest any
	if e.RecordNumber < 0 {
		if digest, err = s.digest(cmp.Or(e.Own, e.Raw)); err != nil {
			return false, err
		}
	}
	res, err := s.exec(`INSERT INTO event (id, host_id, channel_id, provider_id, record, code, second, nanos, digest)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`, s.next, r.host, r.channel, r.provider, r.record, r.code, r.second, r.nanos, digest)
	if err != nil {
		return false, err
	}
	if n, err := res.RowsAffected(); err != nil {
		return false, err
	} else if n == 0 {
		return false, s.again(e, r, digest)
	}
	if s.ids[i], err = s.keep(e); err != nil {
		return false, err
	}
	if !e.HasTime {
		s.counts.Timeless++
	}
	if e.Computer == "" {
		s.counts.Nameless++
	}
	h.saw(e, r.second)
	return true, nil
}

// again notes that a stored event was seen again. Bytes that it was not seen
// with before may add to what is known of it.
func (s *storer) again(e *event.Event, r row, digest any) error {
	id, err := s.find(r, digest)
	if err != nil {
		return err
	}
	seen, err := s.recs.sightings(id)
	if err != nil {
		return err
	}
	var rec int64
	for _, o := range seen {
		if o.Raw == e.Raw && o.Reading == s.recs.reading {
			rec = o.Record
			break
		}
	}
	if rec == 0 {
		if s.changed[id] == nil {
			c := &change{}
			if id < s.first { // not of this batch
				c.seen = seen
			}
			s.changed[id] = c
		}
		if rec, err = s.keep(e); err != nil {
			return err
		}
	}
	_, err = s.exec(`INSERT INTO sighting (event_id, import_id, offset, record_id) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		id, s.b.Import, e.Offset, rec)
	return err
}

// find is the id of the stored event that has an identity.
func (s *storer) find(r row, digest any) (id int64, err error) {
	if digest != nil {
		err = s.get(`SELECT id FROM event WHERE digest = ?`, []any{digest}, &id)
	} else {
		err = s.get(`SELECT id FROM event WHERE host_id = ? AND channel_id = ? AND record = ? AND code = ? AND second = ? AND record >= 0`,
			[]any{r.host, r.channel, r.record, r.code, r.second}, &id)
	}
	if errors.Is(err, sql.ErrNoRows) {
		return 0, fmt.Errorf("an event with the identity %+v is there and is not found", r)
	}
	return id, err
}

// digest is the identity of a record without a number: a hash of its bytes
// and how many equal ones came before it in its file.
func (s *storer) digest(raw string) ([]byte, error) {
	sum := sha256.Sum256([]byte(raw))
	var n uint64
	err := s.get(`INSERT INTO ordinal (import_id, digest, n) VALUES (?, ?, 1)
		ON CONFLICT (import_id, digest) DO UPDATE SET n = n + 1 RETURNING n`, []any{s.b.Import, sum[:16]}, &n)
	if err != nil {
		return nil, err
	}
	sum = sha256.Sum256(binary.BigEndian.AppendUint64(sum[:], n))
	return sum[:16], nil
}

// name returns the id of a channel's or provider's name, storing it if new.
// Ids are remembered for the transaction only: another process may roll back.
func (s *storer) name(table, name string) (int64, error) {
	if name == "" {
		return 0, nil
	}
	if id, ok := s.names[table][name]; ok {
		return id, nil
	}
	var id int64
	err := s.get(`INSERT INTO `+table+` (name) VALUES (?) ON CONFLICT (name) DO UPDATE SET name = name RETURNING id`, []any{name}, &id)
	s.names[table][name] = id
	return id, err
}

// change is an event that is seen differently than before the transaction.
type change struct {
	seen []intake.Sighting // its sightings before; none when it is new
}
