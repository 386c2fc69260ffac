package db

import (
	"cmp"
	"context"
	"database/sql"
	"reflect"
	"slices"

	"escutcheon/detection"
	"escutcheon/event"
	"escutcheon/eventstore/block"
	"escutcheon/fault"
	"escutcheon/intake"
)

// So many records, of so many bytes, are made ready in one transaction.
const (
	stageMost  = 1 << 14
	stageBytes = 4 << 20
	stageUnits = 256
)

// stretch is a stretch of a unit's records that is made ready together.
type stretch struct {
	unit   *unit
	recs   []staging
	events []event.Event       // as the records are decoded now
	rows   []detection.SeedRow // of the seed's search that they are in
	old    []bool              // a record says what it did before
	match  []bool              // some rule matches it, or it is a change of note
	packed []piece
	size   int // bytes

	several map[int64]severalTimes // see stager
	place   map[int64]int          // of records that stand in several places, in recs
	known   []intake.Sighting      // further places of records; Record is that of before
}

// staging is a record that is made ready: where it stands and what it was.
type staging struct {
	intake.Sighting
	event int64 // whose sighting it is
}

// severalTimes is a record that stands in several places, and how it was read.
type severalTimes struct {
	number                int64
	zoneless, windows1252 bool
	dates                 event.DateOrder
}

func (r severalTimes) count(c *intake.Counts) {
	c.Count(&event.Event{Zoneless: r.zoneless, Windows1252: r.windows1252, Dates: r.dates})
}

// stage makes all records ready.
func (r *replacing) stage(id int64) error {
	if err := r.begin(id); err != nil {
		return err
	}
	for _, u := range r.units {
		if err := r.unit(u); err != nil {
			return err
		}
		if err := r.rejections(u); err != nil {
			return err
		}
	}
	return r.flush()
}

// unit makes the records of one log ready.
func (r *replacing) unit(u *unit) error {
	s := &stager{replacing: r, u: u, recs: newRecords(r.ctx, r.d.out)}
	if err := r.d.snapshot(r.ctx, func(q conn) error { return s.find(q) }); err != nil {
		return err
	}
	s.c = s.stretch()
	if err := s.records(); err != nil {
		return err
	}
	return r.ready(s.c)
}

// stager reads the records of one log in the order of its file. What it found at
// its beginning stays: the old import has its records as long as it is there.
type stager struct {
	*replacing
	u       *unit
	recs    *records
	blocks  []int64
	more    []again
	several map[int64]severalTimes // records that stand in several places: the new ones, once they have a number
	c       *stretch
}

func (s *stager) stretch() *stretch {
	return &stretch{unit: s.u, several: s.several, place: map[int64]int{}}
}

// find finds where the records are: those of an import that only recognised its
// file are the ones of the import that it repeats.
func (s *stager) find(q conn) error {
	var source int64
	err := q.QueryRowContext(s.ctx, `SELECT `+sourceOf, s.u.old.ID).Scan(&source)
	if err != nil {
		return notFound(err, "Import %d, whose place this one was to take, has been deleted.", s.u.old.ID)
	}
	if s.more, err = againOfFile(s.ctx, q, source); err != nil {
		return err
	}
	s.several = make(map[int64]severalTimes, len(s.more))
	for _, a := range s.more {
		s.several[a.record] = severalTimes{}
	}
	return each(s.ctx, q, func(rows *sql.Rows) error {
		var first int64
		err := rows.Scan(&first)
		s.blocks = append(s.blocks, first)
		return err
	}, `SELECT first FROM block WHERE import_id = ? ORDER BY first`, source)
}

// records takes every sighting in the order of the file.
func (s *stager) records() error {
	for _, first := range s.blocks {
		if err := s.block(first); err != nil {
			return err
		}
	}
	for _, a := range s.more {
		if err := s.again(a); err != nil {
			return err
		}
	}
	return nil
}

// block takes the first sightings in a block, and before each the further ones
// that come before it.
func (s *stager) block(first int64) error {
	_, c, err := columnsHolding(s.ctx, s.d.out, first)
	if err != nil {
		return err
	}
	o, err := s.recs.block(first)
	if err != nil {
		return err
	}
	if c == nil || o == nil {
		return fault.New(fault.Conflict, "Import %d, whose place this one was to take, has been deleted.", s.u.old.ID)
	}
	reading, err := s.recs.readingOf(o.reading)
	if err != nil {
		return err
	}
	for n := range o.Len() {
		offset, raw := o.Record(n)
		for len(s.more) > 0 && s.more[0].offset < offset {
			if err := s.again(s.more[0]); err != nil {
				return err
			}
			s.more = s.more[1:]
		}
		record := first + int64(n)
		if c.Event[n] != record { // a variant, which is among the further ones
			continue
		}
		if err := s.take(intake.Sighting{Offset: offset, Record: record, Raw: raw, Reading: reading}, record); err != nil {
			return err
		}
	}
	return nil
}

// again takes a sighting that is no event's first.
func (s *stager) again(a again) error {
	rec, err := s.recs.record(a.record)
	if err != nil {
		return err
	}
	rec.Offset = a.offset
	return s.take(rec, a.event)
}

// take takes a record, or a further place of one that was taken.
func (s *stager) take(rec intake.Sighting, event int64) error {
	c := s.c
	_, several := s.several[rec.Record]
	_, here := c.place[rec.Record]
	if several && (here || s.several[rec.Record].number != 0) {
		rec.Raw = ""
		c.known = append(c.known, rec)
	} else {
		if several {
			c.place[rec.Record] = len(c.recs)
		}
		c.recs, c.size = append(c.recs, staging{rec, event}), c.size+len(rec.Raw)
	}
	if c.size < stageBytes && len(c.recs)+len(c.known) < s.d.stageMost {
		return nil
	}
	s.c = s.stretch()
	if err := s.ready(c); err != nil {
		return err
	}
	return s.flush()
}

// againOfFile are the sightings of an import that are no event's first, in the
// order of the file.
func againOfFile(ctx context.Context, q queryer, id int64) (out []again, err error) {
	err = each(ctx, q, func(r *sql.Rows) error {
		var data []byte
		if err := r.Scan(&data); err != nil {
			return err
		}
		return unpackAgain(data, id, func(s again) { out = append(out, s) })
	}, `SELECT data FROM again WHERE import_id = ? ORDER BY id`, id)
	slices.SortStableFunc(out, func(a, b again) int { return cmp.Compare(a.offset, b.offset) })
	return out, err
}

// ready decodes, matches and packs a stretch on all processors, outside of any
// transaction; flush stores it.
func (r *replacing) ready(c *stretch) error {
	const together = 128
	n := len(c.recs)
	c.events, c.old, c.match = make([]event.Event, n), make([]bool, n), make([]bool, n)
	c.rows = make([]detection.SeedRow, n)
	errs := make([]error, (n+together-1)/together)
	everywhere(len(errs), func(k int) {
		for i := k * together; i < min((k+1)*together, n) && errs[k] == nil; i++ {
			errs[k] = r.decode(c, i)
		}
	})
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	c.pack()
	r.pending, r.held = append(r.pending, c), r.held+c.size
	if r.held >= stageBytes || len(r.pending) >= min(stageUnits, r.d.stageMost) {
		return r.flush()
	}
	return nil
}

// decode decodes a record as before and as from now on.
func (r *replacing) decode(c *stretch, i int) error {
	s := &c.recs[i]
	before, err := r.dec.Merge([]intake.Sighting{s.Sighting})
	if err != nil {
		return err
	}
	now := s.Sighting
	now.Reading = c.unit.read
	e := &c.events[i]
	if *e, err = r.dec.Merge([]intake.Sighting{now}); err != nil {
		return err
	}
	c.old[i] = reflect.DeepEqual(before, *e)
	_, noted := detection.ChangeEventOf(e)
	c.match[i] = noted || len(r.rules.MatchBriefly(nil, i, e, nil)) > 0
	c.rows[i], _ = detection.SeedRowOf(e)
	e.Odd = detection.Odd(e)
	e.Offset, e.Fields, e.Message = s.Offset, nil, ""
	return nil
}

func (c *stretch) pack() {
	size, from := 0, 0
	for i := range c.recs {
		if size += len(c.recs[i].Raw); size >= blockBytes || i == len(c.recs)-1 {
			p := piece{first: int64(from)}
			for k := from; k <= i; k++ {
				p.kept = append(p.kept, int32(k))
			}
			c.packed = append(c.packed, p)
			size, from = 0, i+1
		}
	}
	everywhere(len(c.packed), func(k int) {
		p := &c.packed[k]
		p.packed = block.Pack(len(p.kept), func(i int) (int64, string) {
			s := &c.recs[p.kept[i]]
			return s.Offset, s.Raw
		})
	})
}
