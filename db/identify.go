package db

import (
	"slices"

	"escutcheon/detection"
	"escutcheon/event"
	"escutcheon/eventstore/block"
	"escutcheon/intake"
	"escutcheon/sighting"
)

// batch is a batch of an import that is being stored.
type batch struct {
	*work
	b       *intake.Batch
	counts  intake.Counts
	reading intake.Reading
	readID  int64

	columns block.Columns // of the batch's events; Event: the number of one that was there before, else 0
	hosts   []*host       // of the batch's events
	digests [][]byte      // of the events without a record number, else nil
	same    []int64       // the record with the same bytes by which a stored event was seen, else 0
	ids     []int64       // of the batch's events; 0 for one that was there before

	kept     []int32           // the batch's events whose bytes are stored, in the order of their numbers
	again    []again           // where events were seen again
	variants map[int64][]int64 // the records of this batch that say more of an event
}

// identity is what makes an event one event, in numbers.
type identity struct{ host, channel, record, code, second int64 }

func identityOf(c *block.Columns, i int) identity {
	return identity{c.Host[i], c.Channel[i], c.Record[i], c.Code[i], c.Second[i]}
}

// beginBatch makes ready for a batch of an import.
func (w *work) beginBatch(i *intake.Import, b *intake.Batch) (*batch, error) {
	n := len(b.Events)
	s := &batch{work: w, b: b, counts: b.Counts, reading: i.Reading(), hosts: make([]*host, n), same: make([]int64, n),
		ids: make([]int64, n), digests: make([][]byte, n), variants: map[int64][]int64{}}
	s.counts.Read, s.counts.Rejected = int64(n), int64(len(b.Rejections))
	s.columns.Resize(n)
	r := s.reading
	err := w.get(`INSERT INTO reading (format, encoding, zone, computer, dates, before) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET zone = zone RETURNING id`, []any{r.Format, r.Encoding, r.Zone, r.Computer, r.Dates,
		r.Before}, &s.readID)
	return s, err
}

// identify says which of the batch's events are stored already, and by which of
// their records they were seen with the same bytes.
func (s *batch) identify() error {
	mine := make(map[identity]int32, len(s.b.Events))
	for i := range s.b.Events {
		if err := s.row(i); err != nil {
			return err
		}
		if s.columns.Record[i] < 0 {
			continue
		}
		if id := identityOf(&s.columns, i); mine[id] == 0 {
			mine[id] = int32(i) + 1
		}
	}
	if err := s.lookUp(mine); err != nil {
		return err
	}
	s.number(mine)
	if err := s.lookUpDigests(); err != nil {
		return err
	}
	return s.compare()
}

// row fills in an event's columns, and makes its host and names where they are
// new.
func (s *batch) row(i int) (err error) {
	e, c := &s.b.Events[i], &s.columns
	if s.hosts[i], err = s.hostOf(e.Computer); err != nil {
		return err
	}
	c.Host[i] = s.hosts[i].id
	r, err := s.rowOf(e)
	c.Channel[i], c.Provider[i], c.Record[i], c.Code[i] = r.channel, r.provider, r.record, r.code
	c.Second[i], c.Nanos[i] = r.second, r.nanos
	return err
}

// eventRow is what the columns say of an event, but for its host.
type eventRow struct{ channel, provider, record, code, second, nanos int64 }

func (w *work) rowOf(e *event.Event) (r eventRow, err error) {
	r = eventRow{record: e.RecordNumber, code: e.EventCode, second: event.NoSecond}
	if e.RecordNumber < 0 {
		r.record = event.None
	}
	if e.HasTime {
		r.second = e.Second()
		r.nanos = e.Nanos - r.second*1e9
	}
	if r.channel, err = w.name("channel", e.Channel); err == nil {
		r.provider, err = w.name("provider", e.Provider)
	}
	return r, err
}

// lookUp finds the stored events among the batch's. Only blocks that may hold
// one of them are looked into.
func (s *batch) lookUp(mine map[identity]int32) error {
	if len(mine) == 0 {
		return nil
	}
	all, err := s.directory()
	if err != nil {
		return err
	}
	for i := range s.columns.Event {
		s.columns.Event[i] = int64(i) // an event of its own, as long as nothing is known of it
	}
	about := s.columns.Summarize(0)
	clear(s.columns.Event)
	for i := 0; i < len(all); i++ {
		if i%reachBlocks == 0 && !s.mem.reach(i/reachBlocks).Meets(&about) {
			i += reachBlocks - 1
			continue
		}
		if !all[i].summary.Overlaps(&about) {
			continue
		}
		c, err := s.columnsOf(&all[i])
		if err != nil {
			return err
		}
		s.lookInto(all[i].first, c, &about, mine)
	}
	return nil
}

func (s *batch) lookInto(first int64, c *block.Columns, about *block.Summary, mine map[identity]int32) {
	for k, id := range c.Event {
		second := c.Second[k]
		if id != first+int64(k) || second != event.NoSecond && (second < about.First || second > about.Last) {
			continue
		}
		if i := mine[identityOf(c, k)]; i > 0 {
			s.columns.Event[i-1] = id
		}
	}
}

// number says of each event of the batch with a record number which of the
// batch's is the same and comes first: below zero, less its place and one.
func (s *batch) number(mine map[identity]int32) {
	c := &s.columns
	for i := range c.Event {
		if c.Record[i] < 0 {
			continue
		}
		if k := int(mine[identityOf(c, i)]) - 1; k < i {
			if c.Event[i] = c.Event[k]; c.Event[k] == 0 {
				c.Event[i] = -int64(k) - 1
			}
		}
	}
}

// compare finds the stored records that have the bytes of events that were there
// before, block by block.
func (s *batch) compare() error {
	var known []int32
	for i, id := range s.columns.Event {
		if id > 0 {
			known = append(known, int32(i))
		}
	}
	if len(known) == 0 {
		return nil
	}
	of := s.columns.Event
	slices.SortStableFunc(known, func(a, b int32) int { return int(of[a] - of[b]) })
	more, err := variantsAmong(s.ctx, s.tx, of[known[0]], of[known[len(known)-1]])
	if err != nil {
		return err
	}
	var seen []intake.Sighting
	for k, i := range known {
		if k == 0 || of[i] != of[known[k-1]] {
			if seen, err = s.events.seen(of[i], more[of[i]]); err != nil {
				return err
			}
		}
		s.same[i] = sighting.Known(seen, s.b.Events[i].Raw, s.reading)
	}
	return nil
}

// matchAgain matches the new events with the rules that are in force by now.
// Their fields may be gone by now: they are decoded again.
func (s *batch) matchAgain() (matches []detection.Match, err error) {
	for i := range s.b.Events {
		if s.ids[i] == 0 {
			continue
		}
		e, err := s.events.dec.Merge([]intake.Sighting{{Record: 1, Raw: s.b.Events[i].Raw, Reading: s.reading}})
		if err != nil {
			return nil, err
		}
		matches = s.rules.MatchBriefly(matches, i, &e, nil)
	}
	return matches, nil
}
