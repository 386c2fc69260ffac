package db

import (
	"slices"

	"escutcheon/detection"
	"escutcheon/eventstore/block"
	"escutcheon/intake"
	"escutcheon/sighting"
)

// blockBytes is about how many original bytes go into one block: large enough
// to compress well and to make its columns worth while, small enough that
// opening one event costs little.
const blockBytes = 1 << 20

// store gives the new events their numbers and keeps their bytes, and those of
// events that are seen with other bytes than before.
func (s *batch) store() error {
	if err := s.get(`SELECT last + 1 FROM sequence WHERE name = 'record'`, nil, &s.first); err != nil {
		return err
	}
	s.events.fresh = freshRecords{first: s.first, imported: s.b.Import, reading: s.reading, at: s.nth}
	for i := range s.b.Events {
		if err := s.storeEvent(i); err != nil {
			return err
		}
	}
	if len(s.kept) == 0 {
		return nil
	}
	if err := s.storeDigests(); err != nil {
		return err
	}
	if err := s.storeBlocks(); err != nil {
		return err
	}
	_, err := s.exec(`UPDATE sequence SET last = ? WHERE name = 'record'`, s.first+int64(len(s.kept))-1)
	return err
}

// nth is the n-th record that the batch stores.
func (s *batch) nth(n int64) (offset int64, raw string) {
	e := &s.b.Events[s.kept[n]]
	return e.Offset, e.Raw
}

// storeEvent gives one event its number, or notes where it was seen again.
func (s *batch) storeEvent(i int) error {
	e, of := &s.b.Events[i], s.columns.Event
	if of[i] < 0 { // equal to one before it in the batch
		of[i] = of[-of[i]-1]
	}
	if of[i] > 0 {
		s.counts.Duplicate++
		return s.seenAgain(i, of[i])
	}
	of[i] = s.keep(i)
	s.ids[i] = of[i]
	s.counts.New++
	if !e.HasTime {
		s.counts.Timeless++
	}
	if e.Computer == "" {
		s.counts.Nameless++
	}
	s.mem.hosts.came(s.hosts[i], e)
	return s.noteChange(of[i], s.hosts[i].id, e)
}

// keep takes an event's bytes under the next number.
func (s *batch) keep(i int) (number int64) {
	number = s.first + int64(len(s.kept))
	s.kept = append(s.kept, int32(i))
	s.events.fresh.n++
	return number
}

// seenAgain notes that an event was seen again. Bytes that it was not seen with
// before may add to what is known of it.
func (s *batch) seenAgain(i int, id int64) error {
	e := &s.b.Events[i]
	record := s.same[i]
	if record == 0 && len(s.variants[id]) >= intake.MostVariants {
		record = s.keep(i) // it adds nothing
	} else if record == 0 {
		seen, err := s.broughtNow(id)
		if err != nil {
			return err
		}
		if record = sighting.Known(seen, e.Raw, s.reading); record == 0 {
			record = s.keep(i)
			s.variants[id] = append(s.variants[id], record)
		}
	}
	s.again = append(s.again, again{event: id, imported: s.b.Import, offset: e.Offset, record: record})
	return nil
}

// broughtNow are the records of the batch by which an event is seen.
func (s *batch) broughtNow(id int64) (seen []intake.Sighting, err error) {
	records := s.variants[id]
	if s.events.fresh.holds(id) {
		records = append([]int64{id}, records...)
	}
	for _, r := range records {
		one, err := s.events.record(r)
		if err != nil {
			return nil, err
		}
		seen = append(seen, one)
	}
	return seen, nil
}

// piece is a stretch of the batch's events that goes into one block.
type piece struct {
	kept   []int32
	first  int64 // number of its first record
	packed *block.Packed
}

// storeBlocks stores the records that are kept.
func (s *batch) storeBlocks() error {
	pieces := s.pieces()
	s.pack(pieces)
	for i := range pieces {
		p := &pieces[i]
		c := s.columns.Take(p.kept)
		if slices.ContainsFunc(p.kept, func(i int32) bool { return detection.Odd(&s.b.Events[i]) }) {
			if err := s.noteOdd(p.first); err != nil {
				return err
			}
		}
		err := s.addBlock(blockInfo{first: p.first, imported: s.b.Import, reading: s.readID}, c, p.packed)
		if err != nil {
			return err
		}
		p.packed = nil
	}
	return nil
}

// pieces cuts what is kept: runs of the batch that are packed already and are
// kept whole, and what lies between them by size.
func (s *batch) pieces() (out []piece) {
	cut, to, end := 0, 0, 0 // cut and to are of what is kept, end is of the batch's events
	for _, p := range s.b.Packed {
		from := to
		for end += p.Events; to < len(s.kept) && int(s.kept[to]) < end; to++ {
		}
		if p.Block == nil || to-from < p.Events {
			continue
		}
		out = append(s.bySize(out, cut, from), s.piece(from, to, p.Block))
		cut = to
	}
	return s.bySize(out, cut, len(s.kept))
}

func (s *batch) piece(from, to int, packed *block.Packed) piece {
	return piece{kept: s.kept[from:to], first: s.first + int64(from), packed: packed}
}

// bySize cuts a stretch of what is kept where a block has enough bytes.
func (s *batch) bySize(out []piece, from, to int) []piece {
	size := 0
	for k := from; k < to; k++ {
		if size += len(s.b.Events[s.kept[k]].Raw); size >= blockBytes || k == to-1 {
			out = append(out, s.piece(from, k+1, nil))
			from, size = k+1, 0
		}
	}
	return out
}

// pack packs the pieces that are not yet, on all processors.
func (s *batch) pack(pieces []piece) {
	everywhere(len(pieces), func(k int) {
		p := &pieces[k]
		if p.packed != nil {
			return
		}
		p.packed = block.Pack(len(p.kept), func(i int) (int64, string) {
			e := &s.b.Events[p.kept[i]]
			return e.Offset, e.Raw
		})
	})
}

// settleVariants brings up to date what rests on events that are seen with bytes
// that say more.
func (s *batch) settleVariants() error {
	if len(s.variants) == 0 {
		return nil
	}
	ids := make([]int64, 0, len(s.variants))
	for id := range s.variants {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return s.settleSeen(ids, variantsAmong, func(id int64, before []intake.Sighting) ([]intake.Sighting, error) {
		if recordsOf(before) >= intake.MostVariants {
			return before, nil
		}
		after := slices.Clone(before)
		for _, r := range s.variants[id] {
			one, err := s.events.record(r)
			if err != nil {
				return nil, err
			}
			after = append(after, one)
		}
		return after, nil
	})
}

// recordsOf is how many different records sightings are by.
func recordsOf(seen []intake.Sighting) int {
	records := make(map[int64]bool, len(seen))
	for _, s := range seen {
		records[s.Record] = true
	}
	return len(records)
}
