package db

import (
	"cmp"
	"database/sql"
	"errors"
	"slices"

	"escutcheon/detection/materialize"
	"escutcheon/event"
	"escutcheon/eventstore/block"
)

// hosts gathers what a transaction does to hosts. What it holds of them stays
// right from one transaction to the next (see memory).
type hosts struct {
	bySpelling map[string]*host // as logs spell them
	byDest     map[string]*host
	byNumber   map[int64]*host
	touched    []*host
}

// host is a host as the transaction makes it.
type host struct {
	materialize.Host
	id      int64
	dest    string // normalised
	mixed   bool   // its events spell it in more than one way
	stale   bool   // first, last and spelling are to be found anew
	lost    bool   // the transaction took events from it
	fresh   int64  // new events of the batch
	touched bool

	imported int64 // the import that last brought new events of it: import_host has a row of both
}

// mostHosts is how many hosts are remembered.
const mostHosts = 100_000

func newHosts() *hosts {
	return &hosts{bySpelling: map[string]*host{}, byDest: map[string]*host{}, byNumber: map[int64]*host{}}
}

// nobody is the host of events that name none.
func nobody() *host { return &host{} }

// hostOf is the host of a computer, which may be new.
func (w *work) hostOf(computer string) (*host, error) {
	s := w.mem.hosts
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
		err := w.readHost(h, `dest = ?`, dest)
		if errors.Is(err, sql.ErrNoRows) {
			h.dest, h.Spelling = dest, computer
			if err = w.touch(); err == nil {
				err = w.get(`INSERT INTO host (id, dest, spelling, mixed) VALUES (ifnull((SELECT id FROM staged_host
					WHERE dest = ?1), `+nextHost+`), ?1, ?2, 0) RETURNING id`, []any{dest, computer}, &h.id)
			}
			s.touch(h)
		}
		if err != nil {
			return nil, err
		}
		s.byDest[dest], s.byNumber[h.id] = h, h
	}
	s.bySpelling[computer] = h
	return h, nil
}

// hostByID is a stored host by its number.
func (w *work) hostByID(id int64) (*host, error) {
	s := w.mem.hosts
	if id == 0 {
		return nobody(), nil
	}
	if h, ok := s.byNumber[id]; ok {
		return h, nil
	}
	h := &host{}
	if err := w.readHost(h, `id = ?`, id); err != nil {
		return nil, err
	}
	s.byDest[h.dest], s.byNumber[id] = h, h
	return h, nil
}

func (w *work) readHost(h *host, where string, arg any) error {
	var first, last sql.NullInt64
	err := w.get(`SELECT id, dest, spelling, first, last, events, mixed, stale FROM host WHERE `+where, []any{arg},
		&h.id, &h.dest, &h.Spelling, &first, &last, &h.Events, &h.mixed, &h.stale)
	h.First, h.Last, h.Timed = first.Int64, last.Int64, last.Valid
	return err
}

func (s *hosts) touch(h *host) {
	if !h.touched {
		h.touched = true
		s.touched = append(s.touched, h)
	}
}

// came notes a new event of the host.
func (s *hosts) came(h *host, e *event.Event) {
	h.spelled(e.Computer)
	h.Add(e)
	h.fresh++
	s.touch(h)
}

func (h *host) spelled(computer string) { h.mixed = h.mixed || computer != h.Spelling }

// moved notes that n events became the host's, or (below 0) are not any more.
func (s *hosts) moved(h *host, n int64, timed bool) {
	h.Events += n
	h.lost = h.lost || timed
	s.touch(h)
}

// storeHosts stores what the transaction did to hosts; new events are the
// import's. With now, those that lost events are looked at again at once, else
// they stay stale.
func (w *work) storeHosts(imported int64, now bool) error {
	s := w.mem.hosts
	touched := slices.DeleteFunc(s.touched, func(h *host) bool { return h.id == 0 })
	s.touched = nil
	if len(touched) == 0 {
		return nil
	}
	if err := w.touch(); err != nil {
		return err
	}
	slices.SortFunc(touched, func(a, b *host) int { return cmp.Compare(a.id, b.id) })
	if err := w.lookAfter(touched, now); err != nil {
		return err
	}
	if err := w.putHosts(touched, imported); err != nil {
		return err
	}
	for _, h := range touched {
		h.touched, h.fresh = false, 0
		if h.Events == 0 {
			if err := w.dropHost(h); err != nil {
				return err
			}
		}
	}
	if len(s.byDest) > mostHosts || len(s.bySpelling) > mostHosts {
		w.mem.hosts = newHosts()
	}
	return nil
}

// lookAfter looks at the hosts again that lost events, or (unless now) notes that
// somebody has to.
func (w *work) lookAfter(touched []*host, now bool) error {
	lost := slices.DeleteFunc(slices.Clone(touched), func(h *host) bool { return !h.lost })
	for _, h := range lost {
		h.lost, h.stale = false, true
	}
	if !now || len(lost) == 0 {
		return nil
	}
	return w.lookAgain(lost)
}

// settleStale looks at all hosts again of which somebody has to.
func (w *work) settleStale() error {
	ids, err := w.column(`SELECT id FROM host WHERE stale <> 0`)
	if err != nil || len(ids) == 0 {
		return err
	}
	list := make([]*host, len(ids))
	for i, id := range ids {
		if list[i], err = w.hostByID(id); err != nil {
			return err
		}
	}
	if err := w.touch(); err != nil {
		return err
	}
	if err := w.lookAgain(list); err != nil {
		return err
	}
	return w.putHosts(list, 0)
}

// putHosts stores hosts, and how many new events an import brought of each: a row
// a statement, as SQLite keeps a copy of each page for one that changes several.
func (w *work) putHosts(list []*host, imported int64) error {
	for _, h := range list {
		var first, last any
		if h.Timed {
			first, last = h.First, h.Last
		}
		if _, err := w.exec(`UPDATE host SET spelling = ?, first = ?, last = ?, events = ?, mixed = ?, stale = ?
			WHERE id = ?`, h.Spelling, first, last, h.Events, h.mixed, h.stale, h.id); err != nil {
			return err
		}
	}
	for _, h := range list {
		if h.fresh == 0 {
			continue
		}
		count := `UPDATE import_host SET events = events + ?3 WHERE import_id = ?1 AND host_id = ?2`
		if h.imported != imported {
			count = `INSERT INTO import_host (import_id, host_id, events) VALUES (?1, ?2, ?3)
				ON CONFLICT DO UPDATE SET events = events + excluded.events`
			h.imported = imported
		}
		if _, err := w.exec(count, imported, h.id, h.fresh); err != nil {
			return err
		}
	}
	return nil
}

// lookAgain finds the first and last events of hosts, and their newest
// spellings, anew.
func (w *work) lookAgain(list []*host) error {
	of := make(map[int64]*newestOf, len(list))
	for _, h := range list {
		of[h.id] = &newestOf{host: h}
		h.First, h.Last, h.Timed, h.stale = 0, 0, false, false
	}
	all, err := w.directory()
	if err != nil {
		return err
	}
	var c block.Columns
	for i := range all {
		b := &all[i]
		if !slices.ContainsFunc(list, func(h *host) bool { return b.summary.Hosts.MayHold(h.id) }) {
			continue
		}
		if err := w.hostColumns(b, &c); err != nil {
			return err
		}
		for k, id := range c.Event {
			if n := of[c.Host[k]]; n != nil && id == b.first+int64(k) && c.Second[k] != event.NoSecond {
				n.note(id, c.Second[k])
			}
		}
	}
	for _, h := range list {
		if err := w.spellAgain(of[h.id]); err != nil {
			return err
		}
	}
	return nil
}

// hostColumns reads what a block says of when the events of its hosts were.
func (w *work) hostColumns(b *blockInfo, into *block.Columns) error {
	if c := w.dirty[b.first]; c != nil {
		*into = *c
		return nil
	}
	*into = block.Columns{}
	err := w.contents().columns(w.ctx, w.tx, b.first, int(b.count),
		block.SecondColumn|block.HostColumn|block.EventColumn, into)
	if err != nil {
		return damaged(b.first, err)
	}
	return nil
}

// newestOf are the newest events of a host.
type newestOf struct {
	host   *host
	events []int64
}

func (n *newestOf) note(id, second int64) {
	h := n.host
	switch {
	case !h.Timed || second > h.Last:
		n.events = append(n.events[:0], id)
	case second == h.Last:
		n.events = append(n.events, id)
	}
	if !h.Timed {
		h.Timed, h.First, h.Last = true, second, second
	}
	h.First, h.Last = min(h.First, second), max(h.Last, second)
}

// spellAgain gives a host the spelling of its newest events.
func (w *work) spellAgain(n *newestOf) error {
	if !n.host.mixed || !n.host.Timed {
		return nil
	}
	newest := make([]*event.Event, len(n.events))
	for i, id := range n.events {
		var err error
		if newest[i], err = w.events.Event(id); err != nil {
			return err
		}
	}
	n.host.Newest(newest)
	return nil
}

// dropHost removes a host that has no events, unless there are notes or files of it.
func (w *work) dropHost(h *host) error {
	gone, err := w.column(`SELECT id FROM host WHERE id = ? AND NOT EXISTS (SELECT 1 FROM note
		WHERE note.dest = host.dest) AND NOT EXISTS (SELECT 1 FROM artifact WHERE artifact.dest = host.dest)`, h.id)
	if err != nil || len(gone) == 0 {
		return err
	}
	w.mem.hosts.forget(h)
	return w.do([]any{h.id}, `DELETE FROM import_host WHERE host_id = ?`, `DELETE FROM host WHERE id = ?`)
}

func (s *hosts) forget(h *host) {
	delete(s.byDest, h.dest)
	delete(s.byNumber, h.id)
	for spelling, o := range s.bySpelling {
		if o == h {
			delete(s.bySpelling, spelling)
		}
	}
}
