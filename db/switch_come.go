package db

import (
	"database/sql"
	"errors"
	"slices"

	"escutcheon/eventstore/block"
	"escutcheon/intake"
)

// come makes what is ready of a log everybody's. It returns the events that are
// seen in a way that may say something new of them.
func (s *switching) come(u *unit) (seen []int64, err error) {
	if err := s.member(u); err != nil {
		return nil, err
	}
	counts := u.counts
	var list []blockInfo
	if err := s.each(func(r *sql.Rows) error {
		b, err := scanInfo(r)
		list = append(list, b)
		return err
	}, `SELECT `+infoColumns+` FROM staged_block WHERE import_id = ? ORDER BY first`, u.id); err != nil {
		return nil, err
	}
	a := &arrival{switching: s, u: u, counts: &counts, of: map[int64]int64{}}
	for group := range slices.Chunk(list, reachBlocks) {
		if err := a.group(group); err != nil {
			return nil, err
		}
		if err := s.mayGoOn(); err != nil {
			return nil, err
		}
	}
	if err := a.places(); err != nil {
		return nil, err
	}
	counts.Duplicate = counts.Read - counts.New
	if err := s.storeHosts(u.id, false); err != nil {
		return nil, err
	}
	if err := s.match(u, a); err != nil {
		return nil, err
	}
	return a.seen, s.record(u, counts)
}

// arrival is what is ready of one log while it comes.
type arrival struct {
	*switching
	u      *unit
	counts *intake.Counts
	of     map[int64]int64 // the event of a record that is neither its own nor what it was
	seen   []int64         // those events
}

// group has some blocks come: it finds out which of their events are new.
func (a *arrival) group(list []blockInfo) error {
	m := moved{b: &batch{work: a.work}}
	columns := make([]*block.Columns, len(list))
	for k := range list {
		c, err := a.stagedColumns(&list[k])
		if err != nil {
			return err
		}
		columns[k] = c
		for i, id := range c.Event {
			if id == list[k].first+int64(i) {
				m.spots = append(m.spots, spot{k, i})
			}
		}
	}
	if err := m.identify(columns); err != nil {
		return err
	}
	changed := make([]bool, len(list))
	for n, p := range m.spots {
		number := list[p.block].first + int64(p.row)
		switch id := m.b.columns.Event[n]; {
		case id < 0:
			k := m.spots[-id-1]
			changed[p.block], columns[p.block].Event[p.row] = true, columns[k.block].Event[k.row]
		case id > 0:
			changed[p.block], columns[p.block].Event[p.row] = true, id
		default:
			if err := a.new(columns[p.block], p.row); err != nil {
				return err
			}
			continue
		}
		id := columns[p.block].Event[p.row]
		a.of[number], a.seen = id, append(a.seen, id)
	}
	for k := range list {
		if err := a.enter(list[k], columns[k], changed[k]); err != nil {
			return err
		}
	}
	return nil
}

// spot is a row of one of several blocks.
type spot struct{ block, row int }

// moved are the records of some blocks that say something else than before.
type moved struct {
	spots []spot
	b     *batch
}

// identify finds the stored events that they are of, as a batch's are found.
func (m *moved) identify(columns []*block.Columns) error {
	to := &m.b.columns
	to.Resize(len(m.spots))
	mine := make(map[identity]int32, len(m.spots))
	for n, p := range m.spots {
		c, i := columns[p.block], p.row
		to.Second[n], to.Nanos[n], to.Host[n], to.Channel[n] = c.Second[i], c.Nanos[i], c.Host[i], c.Channel[i]
		to.Provider[n], to.Code[n], to.Record[n] = c.Provider[i], c.Code[i], c.Record[i]
		if id := identityOf(to, n); id.record >= 0 && mine[id] == 0 {
			mine[id] = int32(n) + 1
		}
	}
	err := m.b.lookUp(mine)
	m.b.number(mine)
	return err
}

func (a *arrival) stagedColumns(b *blockInfo) (*block.Columns, error) {
	c := &block.Columns{}
	if err := a.contents().columns(a.ctx, a.tx, b.first, int(b.count), block.All, c); err != nil {
		return nil, damaged(b.first, err)
	}
	return c, nil
}

// new counts an event that is new.
func (a *arrival) new(c *block.Columns, row int) error {
	a.counts.New++
	timed := c.Second[row] != noSecond
	if !timed {
		a.counts.Timeless++
	}
	if c.Host[row] == 0 {
		a.counts.Nameless++
		return nil
	}
	h, err := a.hostByID(c.Host[row])
	if errors.Is(err, sql.ErrNoRows) {
		h, err = a.work.hostOf(a.hosts[c.Host[row]].spelling)
	}
	if err != nil {
		return err
	}
	if named := a.hosts[h.id]; named.mixed || named.spelling != h.Spelling {
		h.mixed = true
	}
	h.fresh++
	a.mem.hosts.moved(h, 1, timed)
	return nil
}

// enter makes a staged block one of all.
func (a *arrival) enter(b blockInfo, c *block.Columns, changed bool) error {
	if changed {
		b.summary = c.Summarize(b.first)
		if err := a.contents().change(a.tx, b.first, c, a.seedIn(&b, c)); err != nil {
			return err
		}
	}
	if err := a.touch(); err != nil {
		return err
	}
	a.mem.enter(b)
	if _, err := a.exec(`DELETE FROM staged_block WHERE first = ?`, b.first); err != nil {
		return err
	}
	_, err := a.exec(`INSERT INTO block (`+infoColumns+`) VALUES (?, ?, ?, ?, ?, ?)`, b.first, b.count, b.imported,
		b.reading, b.size, b.summary.Encode())
	return err
}

// places stores where records stand that are no event's first.
func (a *arrival) places() error {
	for last := int64(0); ; {
		var data []byte
		var known bool
		err := a.get(`SELECT id, known, data FROM staged_again WHERE import_id = ? AND id > ? ORDER BY id LIMIT 1`,
			[]any{a.u.id, last}, &last, &known, &data)
		if errors.Is(err, sql.ErrNoRows) {
			_, err = a.exec(`DELETE FROM staged_again WHERE import_id = ?`, a.u.id)
			return err
		}
		if err != nil {
			return err
		}
		var list []again
		if err := unpackAgain(data, a.u.id, func(s again) { list = append(list, s) }); err != nil {
			return err
		}
		if err := a.placesOf(list, known); err != nil {
			return err
		}
	}
}

func (a *arrival) placesOf(list []again, known bool) error {
	kept := list[:0]
	var b *blockInfo
	var c *block.Columns
	for _, s := range list {
		if b == nil || s.record < b.first || s.record >= b.first+b.count {
			var err error
			if b, err = a.holding(s.record); err != nil {
				return err
			}
			if c, err = a.columnsOf(b); err != nil {
				return err
			}
		}
		s.event = c.Event[s.record-b.first]
		if known || s.event != s.record { // else it stands in its block
			kept = append(kept, s)
		}
	}
	return a.addAgain(a.u.id, kept)
}
