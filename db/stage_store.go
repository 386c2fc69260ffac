package db

import (
	"database/sql"
	"errors"
	"slices"

	"escutcheon/detection"
	"escutcheon/event"
	"escutcheon/eventstore/block"
	"escutcheon/eventstore/blockstore"
)

// flush stores what is pending, out of everybody's sight.
func (r *replacing) flush() error {
	if len(r.pending) == 0 {
		return nil
	}
	err := r.d.writeLax(r.ctx, func(t *tx) error {
		if _, err := r.check(t, r.root.ID); err != nil {
			return err
		}
		w, err := r.d.newWork(t)
		if err != nil {
			return err
		}
		if w.rules != r.rules {
			return errOtherRules
		}
		for _, c := range r.pending {
			if err := r.store(w, c); err != nil {
				return err
			}
		}
		if r.progress != nil {
			r.progress(r.total)
		}
		return nil
	})
	clear(r.pending)
	r.pending, r.held = r.pending[:0], 0
	return err
}

// store stores a stretch.
func (r *replacing) store(w *work, c *stretch) error {
	u := c.unit
	if _, err := w.exec(ofRoot, u.id, r.root.ID); err != nil {
		return err
	}
	var first, readID int64
	if err := w.get(`UPDATE sequence SET last = last + ? WHERE name = 'record' RETURNING last + 1 - ?1`,
		[]any{len(c.recs)}, &first); err != nil {
		return err
	}
	read := u.read
	if err := w.get(`INSERT INTO reading (format, encoding, zone, computer, dates, before) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET zone = zone RETURNING id`, []any{read.Format, read.Encoding, read.Zone, read.Computer,
		read.Dates, read.Before}, &readID); err != nil {
		return err
	}
	columns, err := r.columns(w, c, first)
	if err != nil {
		return err
	}
	for k := range c.packed {
		p := &c.packed[k]
		b := blockInfo{first: first + p.first, count: int64(p.packed.Count), imported: u.id, reading: readID,
			size: int64(p.packed.Size)}
		cols := columns.Take(p.kept)
		b.summary = cols.Summarize(b.first)
		if slices.ContainsFunc(p.kept, func(i int32) bool { return c.events[i].Odd }) {
			if err := w.noteOdd(b.first); err != nil {
				return err
			}
		}
		if err := w.addStaged(b, cols, p.packed, c.seed(p)); err != nil {
			return err
		}
	}
	return r.places(w, c, first)
}

func (w *work) addStaged(b blockInfo, c *block.Columns, p *block.Packed, seed seedOf) error {
	if _, err := w.exec(`INSERT INTO staged_block (`+infoColumns+`) VALUES (?, ?, ?, ?, ?, ?)`, b.first, b.count,
		b.imported, b.reading, b.size, b.summary.Encode()); err != nil {
		return err
	}
	return w.putParts(&b, c, p, seed)
}

// seed are the records of a piece that are in rows of the seed's search.
func (c *stretch) seed(p *piece) seedOf {
	return func(*block.Originals) (list []blockstore.SeedRecord, _ bool, _ error) {
		for k, i := range p.kept {
			if row := c.rows[i]; row != (detection.SeedRow{}) {
				list = append(list, blockstore.SeedRecord{Pos: k, Second: c.events[i].Second(), Row: blockstore.SeedRow(row)})
			}
		}
		return list, true, nil
	}
}

// columns are those of a stretch's records. A record that makes the same event as
// before is a sighting of that one; what another one is of is found at the switch.
func (r *replacing) columns(w *work, c *stretch, first int64) (*block.Columns, error) {
	u, cols := c.unit, &block.Columns{}
	cols.Resize(len(c.recs))
	for i := range c.recs {
		e, was := &c.events[i], c.recs[i].event
		host, err := r.hostOf(w, e.Computer)
		if err != nil {
			return nil, err
		}
		row, err := w.rowOf(e)
		if err != nil {
			return nil, err
		}
		cols.Host[i], cols.Channel[i], cols.Provider[i], cols.Record[i] = host, row.channel, row.provider, row.record
		cols.Code[i], cols.Second[i], cols.Nanos[i] = row.code, row.second, row.nanos
		stays, err := w.isOf(was, identityOf(cols, i))
		if err != nil {
			return nil, err
		}
		number := first + int64(i)
		switch cols.Event[i] = was; {
		case !stays:
			cols.Event[i] = number
			u.left = append(u.left, was)
			r.total.New++
			if c.match[i] {
				u.matched = append(u.matched, number)
			}
		case !c.old[i]:
			u.left, u.shifted = append(u.left, was), append(u.shifted, was)
		}
		u.counts.Count(e)
	}
	u.counts.Read += int64(len(c.recs) + len(c.known))
	r.total.Read += int64(len(c.recs) + len(c.known))
	r.total.Duplicate = r.total.Read - r.total.New
	return cols, nil
}

// isOf says whether a record of an identity is of a stored event. An event without
// a record number is told by bytes, which no answer changes.
func (w *work) isOf(id int64, is identity) (bool, error) {
	b, err := w.holding(id)
	if err != nil || b == nil {
		return false, err
	}
	c, err := w.columnsOf(b)
	if err != nil {
		return false, err
	}
	was := identityOf(c, int(id-b.first))
	return was == is || was.record < 0 && is.record < 0, nil
}

// places stores where a stretch's records stand.
func (r *replacing) places(w *work, c *stretch, first int64) error {
	var list, known []again
	for i := range c.recs {
		n := first + int64(i)
		list = append(list, again{event: n, offset: c.recs[i].Offset, record: n})
	}
	for record, i := range c.place {
		e := &c.events[i]
		c.several[record] = severalTimes{first + int64(i), e.Zoneless, e.Windows1252, e.Dates}
	}
	for _, s := range c.known {
		n := c.several[s.Record]
		n.count(&c.unit.counts)
		known = append(known, again{event: n.number, offset: s.Offset, record: n.number})
	}
	slices.SortFunc(known, byEvent)
	for n, list := range [][]again{list, known} {
		if len(list) == 0 {
			continue
		}
		if _, err := w.exec(`INSERT INTO staged_again (import_id, known, data) VALUES (?, ?, ?)`, c.unit.id, n,
			packAgain(list)); err != nil {
			return err
		}
	}
	return nil
}

// hostOf is the number of a computer, which has it or will have it.
func (r *replacing) hostOf(w *work, computer string) (id int64, err error) {
	if id, ok := r.spellings[computer]; ok || computer == "" {
		return id, nil
	}
	dest := event.NormalizeHost(computer)
	err = w.get(`SELECT id FROM staged_host WHERE dest = ?`, []any{dest}, &id)
	if errors.Is(err, sql.ErrNoRows) {
		err = w.get(`INSERT INTO staged_host (id, dest) VALUES (ifnull((SELECT id FROM host WHERE dest = ?1), `+
			nextHost+`), ?1) RETURNING id`, []any{dest}, &id)
	}
	if err != nil {
		return 0, err
	}
	r.spellings[computer] = id
	if h := r.hosts[id]; h != nil {
		h.mixed = true
	} else {
		r.hosts[id] = &stagedHost{spelling: computer}
	}
	return id, nil
}

// nextHost is a number that no host has.
const nextHost = `1 + max(ifnull((SELECT max(id) FROM host), 0), ifnull((SELECT max(id) FROM staged_host), 0))`

// rejections copies what a log's old import rejected, in steps.
func (r *replacing) rejections(u *unit) error {
	const step = 1 << 10
	for from := int64(0); from < u.old.Rejected; from += step {
		if err := r.d.writeLax(r.ctx, func(t *tx) error {
			if _, err := r.check(t, r.root.ID); err != nil {
				return err
			}
			if _, err := t.exec(ofRoot, u.id, r.root.ID); err != nil {
				return err
			}
			return t.do([]any{u.old.ID, u.id, from, from + step}, `INSERT INTO rejection (import_id, n, offset, length, reason,
				sample) SELECT ?2, n, offset, length, reason, sample FROM rejection WHERE import_id = `+sourceOf+`
				AND n >= ?3 AND n < ?4`, `INSERT INTO rejected_bytes (import_id, n, part, line, data) SELECT ?2, n, part, line,
				data FROM rejected_bytes WHERE import_id = `+sourceOf+` AND n >= ?3 AND n < ?4`)
		}); err != nil {
			return err
		}
	}
	return nil
}

// ofRoot notes whose what is ready is; sourceOf is the import that has the records
// of another one, which may only have recognised its file.
const (
	ofRoot   = `INSERT INTO staged (import_id, root) VALUES (?, ?) ON CONFLICT DO NOTHING`
	sourceOf = `(SELECT ifnull(same_as, id) FROM import WHERE id = ?1)`
)
