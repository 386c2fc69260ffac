package db

import (
	"database/sql"
	"errors"
	"maps"
	"slices"

	"escutcheon/detection/materialize"
	"escutcheon/event"
)

// hosts gathers what a transaction does to hosts.
type hosts struct {
	*tx
	events     materialize.Events
	bySpelling map[string]*host // as logs spell them
	byDest     map[string]*host
	byNumber   map[int64]*host
}

// host is a host as the transaction makes it.
type host struct {
	materialize.Host
	id      int64
	dest    string // normalised
	fresh   int64  // new events of the batch
	touched bool
	again   bool // first, last and spelling are to be found anew
}

func newHosts(t *tx, events materialize.Events) *hosts {
	return &hosts{t, events, map[string]*host{}, map[string]*host{}, map[int64]*host{}}
}

// nobody is the host of events that name none.
func nobody() *host { return &host{} }

// of is the host of a computer, which may be new.
func (s *hosts) of(computer string) (*host, error) {
	if computer == "" {
		return nobody(), nil
	}
	if h, ok := s.bySpelling[computer]; ok {
		return h, nil
	}
	dest := event.NormalizeHost(computer)
	h, ok := s.byDest[dest]
	if !ok {
		h = &host{}
		err := s.read(h, `dest = ?`, dest)
		if errors.Is(err, sql.ErrNoRows) {
			h.dest, h.Spelling = dest, computer
			err = s.get(`INSERT INTO host (dest, spelling) VALUES (?, ?) RETURNING id`, []any{dest, computer}, &h.id)
			h.touched = true
		}
		if err != nil {
			return nil, err
		}
		s.byDest[dest], s.byNumber[h.id] = h, h
	}
	s.bySpelling[computer] = h
	return h, nil
}

// byID is a stored host by its number.
func (s *hosts) byID(id int64) (*host, error) {
	if id == 0 {
		return nobody(), nil
	}
	if h, ok := s.byNumber[id]; ok {
		return h, nil
	}
	h := &host{}
	if err := s.read(h, `id = ?`, id); err != nil {
		return nil, err
	}
	s.byDest[h.dest], s.byNumber[id] = h, h
	return h, nil
}

func (s *hosts) read(h *host, where string, arg any) error {
	var first, last sql.NullInt64
	err := s.get(`SELECT id, dest, spelling, first, last, events FROM host WHERE `+where, []any{arg},
		&h.id, &h.dest, &h.Spelling, &first, &last, &h.Events)
	h.First, h.Last, h.Timed = first.Int64, last.Int64, last.Valid
	return err
}

// came notes a new event of the host.
func (h *host) came(e *event.Event) {
	h.Add(e)
	h.fresh++
	h.touched = true
}

// moved notes that n events became the host's, or (below 0) are not any more.
func (h *host) moved(n int64, timed bool) {
	h.Events += n
	h.touched = true
	h.again = h.again || timed
}

// store stores what the transaction did to hosts; new events are the import's.
func (s *hosts) store(imported int64) error {
	for _, dest := range slices.Sorted(maps.Keys(s.byDest)) {
		if h := s.byDest[dest]; h.touched {
			if err := s.storeHost(h, imported); err != nil {
				return err
			}
		}
	}
	clear(s.byDest)
	clear(s.bySpelling)
	clear(s.byNumber)
	return nil
}

func (s *hosts) storeHost(h *host, imported int64) error {
	if h.again {
		if err := s.lookAgain(h); err != nil {
			return err
		}
	}
	var first, last any
	if h.Timed {
		first, last = h.First, h.Last
	}
	if _, err := s.exec(`UPDATE host SET spelling = ?, first = ?, last = ?, events = ? WHERE id = ?`,
		h.Spelling, first, last, h.Events, h.id); err != nil {
		return err
	}
	if h.fresh > 0 {
		if _, err := s.exec(`INSERT INTO import_host (import_id, host_id, events) VALUES (?, ?, ?)
			ON CONFLICT DO UPDATE SET events = events + excluded.events`, imported, h.id, h.fresh); err != nil {
			return err
		}
	}
	if h.Events > 0 {
		return nil
	}
	return s.drop(h)
}

// lookAgain finds a host's first and last event, and its newest spelling, anew.
func (s *hosts) lookAgain(h *host) error {
	var first, last sql.NullInt64
	if err := s.get(`SELECT min(second), max(second) FROM event WHERE host_id = ? AND second <> ?`,
		[]any{h.id, int64(noSecond)}, &first, &last); err != nil {
		return err
	}
	h.First, h.Last, h.Timed = first.Int64, last.Int64, last.Valid
	if !h.Timed {
		return nil
	}
	ids, err := s.column(`SELECT id FROM event WHERE host_id = ? AND second = ?`, h.id, h.Last)
	if err != nil {
		return err
	}
	newest := make([]*event.Event, len(ids))
	for i, id := range ids {
		if newest[i], err = s.events.Event(id); err != nil {
			return err
		}
	}
	h.Newest(newest)
	return nil
}

// drop removes a host that has no events, unless there are notes about it.
func (s *hosts) drop(h *host) error {
	gone, err := s.column(`SELECT id FROM host WHERE id = ? AND NOT EXISTS (SELECT 1 FROM note
		WHERE note.dest = host.dest)`, h.id)
	if err != nil || len(gone) == 0 {
		return err
	}
	return s.do([]any{h.id}, `DELETE FROM import_host WHERE host_id = ?`, `DELETE FROM host WHERE id = ?`)
}
