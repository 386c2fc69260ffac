package db

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"escutcheon/detection"
	"escutcheon/event"
	"escutcheon/intake"
)

// settle brings all that rests on the changed events up to date: their rows,
// hosts, findings and risk.
func (s *storer) settle() error {
	for _, id := range slices.Sorted(maps.Keys(s.changed)) {
		if err := s.settleEvent(id, s.changed[id]); err != nil {
			return fmt.Errorf("event %d: %w", id, err)
		}
	}
	clear(s.changed)
	if err := s.storeStale(); err != nil {
		return err
	}
	if err := s.storeDeltas(); err != nil {
		return err
	}
	if err := s.storeMade(); err != nil {
		return err
	}
	return s.storeHosts()
}

// settleEvent compares what an event was with what it is.
func (s *storer) settleEvent(id int64, c *change) error {
	before, err := s.merge(c.seen)
	if err != nil {
		return err
	}
	seen, err := s.recs.sightings(id)
	if err != nil {
		return err
	}
	after, err := s.merge(seen)
	if err != nil {
		return err
	}
	if before == nil { // new in this batch, and stored as its first sighting has it
		first, err := s.recs.first(id)
		if err != nil {
			return err
		}
		if before, err = s.merge([]intake.Sighting{*first}); err != nil {
			return err
		}
	}
	if err := s.store(id, before, after); err != nil {
		return err
	}
	return s.rematch(id, before, after)
}

// merge is the event that sightings make; nil when there are none.
func (s *storer) merge(seen []intake.Sighting) (*event.Event, error) {
	if len(seen) == 0 {
		return nil, nil
	}
	e, err := s.dec.Merge(seen)
	return &e, err
}

// store brings an event's row and its hosts up to date; after is nil when the
// event goes.
func (s *storer) store(id int64, before, after *event.Event) error {
	old, from, err := s.row(before)
	if err != nil {
		return err
	}
	if after == nil {
		if _, err := s.exec(`DELETE FROM event WHERE id = ?`, id); err != nil {
			return err
		}
		from.left(before)
		return nil
	}
	now, to, err := s.row(after)
	if err != nil || old == now && before.Computer == after.Computer {
		return err
	}
	_, err = s.exec(`UPDATE event SET host_id = ?, channel_id = ?, provider_id = ?, record = ?, code = ?, second = ?, nanos = ? WHERE id = ?`,
		now.host, now.channel, now.provider, now.record, now.code, now.second, now.nanos, id)
	from.left(before)
	to.came(after)
	return err
}

func (h *hostSeen) left(e *event.Event) {
	if h != nobody {
		h.moved--
		h.again = h.again || e.HasTime
	}
}

func (h *hostSeen) came(e *event.Event) {
	if h != nobody {
		h.moved++
		h.again = h.again || e.HasTime
	}
}

// rematch takes an event out of the rows it was in and puts it into those it
// is in now.
func (s *storer) rematch(id int64, before, after *event.Event) error {
	var was, is []detection.Match
	if before != nil {
		was = s.ran(id, s.rules.Match(nil, 0, before))
	}
	if after != nil {
		is = s.ran(id, s.rules.Match(nil, 0, after))
	}
	for _, m := range was {
		if i := slices.IndexFunc(is, func(n detection.Match) bool { return sameMatch(m, n) && sameShare(m, n, before, after) }); i >= 0 {
			is = slices.Delete(is, i, i+1)
			continue
		}
		if err := s.remove(m, id, before); err != nil {
			return err
		}
	}
	for _, m := range is {
		if err := s.add(m, id, after); err != nil {
			return err
		}
	}
	return nil
}

// sameMatch says whether two matches put an event into the same row.
func sameMatch(a, b detection.Match) bool {
	return a.Rule == b.Rule && a.Change == b.Change && slices.Equal(a.Part.Key, b.Part.Key) && slices.Equal(a.Part.Missing, b.Part.Missing)
}

// sameShare says whether two readings of an event add the same to a row.
func sameShare(m, n detection.Match, a, b *event.Event) bool {
	if a.HasTime != b.HasTime || a.Computer != b.Computer || a.Second() != b.Second() {
		return false
	}
	if len(m.Part.Missing) > 0 {
		return true
	}
	return bytes.Equal(shareOf(m), shareOf(n))
}

func shareOf(m detection.Match) []byte {
	st := m.Rule.Plan.New()
	st.Add(&m.Part)
	b, err := json.Marshal(st)
	if err != nil {
		panic(err) // a state always marshals
	}
	return b
}

// remove takes an event out of a row, whose window is made anew afterwards.
func (s *storer) remove(m detection.Match, id int64, e *event.Event) error {
	if len(m.Part.Missing) > 0 {
		_, err := s.exec(`DELETE FROM unattributed WHERE rule_id = ? AND event_id = ?`, m.Rule.ID, id)
		return err
	}
	key := detection.FindingID(m.Rule.ID, m.Part.Key)
	var finding int64
	if d := s.deltas[key]; d != nil && d.drop(id) { // added in this transaction
		return nil
	}
	if err := s.get(`SELECT id FROM finding WHERE key = ?`, []any{key}, &finding); err != nil {
		return fmt.Errorf("finding %s: %w", key, err)
	}
	start := detection.WindowOf(e.Second()).Start
	_, err := s.exec(`DELETE FROM finding_event WHERE finding_id = ? AND start = ? AND event_id = ?`, finding, start, id)
	if s.stale[finding] == nil {
		s.stale[finding] = map[int64]bool{}
	}
	s.stale[finding][start] = true
	return err
}

// storeStale makes the windows anew that lost events, and the findings they
// are of.
func (s *storer) storeStale() error {
	for _, id := range slices.Sorted(maps.Keys(s.stale)) {
		if err := s.refresh(id, s.stale[id]); err != nil {
			return fmt.Errorf("finding %d: %w", id, err)
		}
	}
	clear(s.stale)
	return nil
}

// refresh makes some windows of a finding anew from their events, and the
// finding from all its windows.
func (s *storer) refresh(id int64, starts map[int64]bool) error {
	f, err := s.findingByID(id)
	if err != nil {
		return err
	}
	for _, start := range slices.Sorted(maps.Keys(starts)) {
		w := newPart(f.rule)
		ids, err := s.column(`SELECT event_id FROM finding_event WHERE finding_id = ? AND start = ?`, id, start)
		if err != nil {
			return err
		}
		for _, n := range ids {
			e, err := s.stored(n)
			if err != nil {
				return err
			}
			for _, m := range s.rules.Match(nil, 0, e) {
				if m.Rule == f.rule && slices.Equal(m.Part.Key, f.by) {
					w.add(added{n, e.Second(), m.Part, m.Change})
				}
			}
		}
		if err := s.storeWindow(id, f, start, w); err != nil {
			return err
		}
	}
	return s.total(id, f)
}

// window is one window of a finding.
func (s *storer) window(r *detection.Rule, id, start int64) (*part, error) {
	w := newPart(r)
	var state string
	err := s.get(`SELECT state, count, first, last, change FROM finding_window WHERE finding_id = ? AND start = ?`, []any{id, start},
		&state, &w.count, &w.first, &w.last, &w.change)
	if err == nil {
		w.state, err = r.Plan.Load([]byte(state))
	}
	return w, err
}

// total makes a finding anew from its windows; one without windows goes.
func (s *storer) total(id int64, f *delta) error {
	all := newPart(f.rule)
	st, err := s.stmt(`SELECT state, count, first, last, change FROM finding_window WHERE finding_id = ?`)
	if err != nil {
		return err
	}
	rows, err := st.QueryContext(s.ctx, id)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var state string
		w := newPart(f.rule)
		if err := rows.Scan(&state, &w.count, &w.first, &w.last, &w.change); err != nil {
			return err
		}
		if w.state, err = f.rule.Plan.Load([]byte(state)); err != nil {
			return err
		}
		if err := all.merge(w); err != nil {
			return err
		}
	}
	if err := cmp.Or(rows.Err(), rows.Close()); err != nil {
		return err
	}
	if all.count == 0 {
		if !f.rule.Plan.Local() {
			s.remake(f.rule)
		}
		_, err := s.exec(`DELETE FROM finding WHERE id = ?`, id)
		return err
	}
	_, err = s.storeFinding(f, all)
	return err
}
