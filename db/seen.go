package db

import (
	"database/sql"

	"escutcheon/event"
)

// hostSeen gathers what a transaction does to one host.
type hostSeen struct {
	id          int64
	dest        string
	spelling    string
	first, last int64
	timed       bool
	events      int64 // new ones
	moved       int64 // events that came (or, below 0, went) otherwise
	again       bool  // first, last and spelling are to be found anew
}

// nobody stands for the host of events that name none.
var nobody = &hostSeen{}

func (s *storer) host(computer string) (*hostSeen, error) {
	if computer == "" {
		return nobody, nil
	}
	if h, ok := s.hosts[computer]; ok {
		return h, nil
	}
	dest := event.NormalizeHost(computer)
	h, ok := s.byDest[dest]
	if !ok {
		h = &hostSeen{dest: dest, spelling: computer}
		err := s.get(`INSERT INTO host (dest, spelling) VALUES (?, ?) ON CONFLICT (dest) DO UPDATE SET dest = dest RETURNING id`,
			[]any{dest, computer}, &h.id)
		if err != nil {
			return nil, err
		}
		s.byDest[dest] = h
	}
	s.hosts[computer] = h
	return h, nil
}

// hostByID is a host by its number.
func (s *storer) hostByID(id int64) (*hostSeen, error) {
	if id == 0 {
		return nobody, nil
	}
	for _, h := range s.byDest {
		if h.id == id {
			return h, nil
		}
	}
	h := &hostSeen{id: id}
	if err := s.get(`SELECT dest, spelling FROM host WHERE id = ?`, []any{id}, &h.dest, &h.spelling); err != nil {
		return nil, err
	}
	s.byDest[h.dest] = h
	return h, nil
}

// saw notes a new event of the host. The spelling is that of the newest event,
// and of several at one second the first in the order of bytes, so that the
// order of imports does not matter.
func (h *hostSeen) saw(e *event.Event, second int64) {
	if h == nobody {
		return
	}
	h.events++
	if !e.HasTime {
		return
	}
	if !h.timed || second > h.last || second == h.last && e.Computer < h.spelling {
		h.spelling, h.last = e.Computer, second
	}
	if !h.timed || second < h.first {
		h.first = second
	}
	h.timed = true
}

// storeHosts stores what the transaction did to hosts. A host without events
// goes, unless there are notes about it.
func (s *storer) storeHosts() error {
	for _, h := range s.byDest {
		if h.events > 0 {
			if err := s.grow(h); err != nil {
				return err
			}
		}
		if h.moved != 0 {
			if _, err := s.exec(`UPDATE host SET events = events + ? WHERE id = ?`, h.moved, h.id); err != nil {
				return err
			}
		}
		if h.again {
			if err := s.lookAgain(h); err != nil {
				return err
			}
		}
		if err := s.drop(h); err != nil {
			return err
		}
	}
	clear(s.byDest)
	clear(s.hosts)
	return nil
}

// drop removes a host that has no events and no notes.
func (s *storer) drop(h *hostSeen) error {
	gone, err := s.column(`SELECT id FROM host WHERE id = ? AND events = 0 AND NOT EXISTS (SELECT 1 FROM note WHERE note.dest = host.dest)`, h.id)
	if err != nil || len(gone) == 0 {
		return err
	}
	if _, err := s.exec(`DELETE FROM import_host WHERE host_id = ?`, h.id); err != nil {
		return err
	}
	_, err = s.exec(`DELETE FROM host WHERE id = ?`, h.id)
	return err
}

// grow adds the new events of a batch to a host.
func (s *storer) grow(h *hostSeen) error {
	var first, last any
	if h.timed {
		first, last = h.first, h.last
	}
	_, err := s.exec(`UPDATE host SET events = events + ?2,
		spelling = CASE WHEN ?4 IS NULL OR last > ?4 OR last = ?4 AND spelling < ?5 THEN spelling ELSE ?5 END,
		first = min(ifnull(first, ?3), ifnull(?3, first)), last = max(ifnull(last, ?4), ifnull(?4, last)) WHERE id = ?1`,
		h.id, h.events, first, last, h.spelling)
	if err != nil {
		return err
	}
	_, err = s.exec(`INSERT INTO import_host (import_id, host_id, events) VALUES (?, ?, ?)
		ON CONFLICT DO UPDATE SET events = events + excluded.events`, s.b.Import, h.id, h.events)
	return err
}

// lookAgain finds a host's first and last event, and its newest spelling, anew.
func (s *storer) lookAgain(h *hostSeen) error {
	var first, last sql.NullInt64
	if err := s.get(`SELECT min(second), max(second) FROM event WHERE host_id = ? AND second <> ?`, []any{h.id, int64(noSecond)}, &first, &last); err != nil {
		return err
	}
	spelling := ""
	if last.Valid {
		ids, err := s.column(`SELECT id FROM event WHERE host_id = ? AND second = ?`, h.id, last.Int64)
		if err != nil {
			return err
		}
		for _, id := range ids {
			e, err := s.stored(id)
			if err != nil {
				return err
			}
			if spelling == "" || e.Computer < spelling {
				spelling = e.Computer
			}
		}
	}
	_, err := s.exec(`UPDATE host SET first = ?2, last = ?3, spelling = CASE ?4 WHEN '' THEN spelling ELSE ?4 END WHERE id = ?1`, h.id, first, last, spelling)
	return err
}

// column is the numbers that a query of one column gives.
func (s *storer) column(query string, args ...any) (out []int64, err error) {
	st, err := s.stmt(query)
	if err != nil {
		return nil, err
	}
	rows, err := st.QueryContext(s.ctx, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var n int64
		if err := rows.Scan(&n); err != nil {
			return nil, err
		}
		out = append(out, n)
	}
	return out, rows.Err()
}

// stored is an event as its sightings say it now.
func (s *storer) stored(id int64) (*event.Event, error) {
	seen, err := s.recs.sightings(id)
	if err != nil {
		return nil, err
	}
	e, err := s.dec.Merge(seen)
	return &e, err
}
