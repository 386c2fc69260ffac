package block

import (
	"encoding/binary"
	"math"
	"slices"

	"escutcheon/event"
)

// Summary says what a block cannot hold. It is of all records but those that are
// of no event any more.
type Summary struct {
	Live                int   // how many events: records that are ones of their own
	Variants            int   // how many records are further sightings of an event
	Timed, Untimed      bool  // some have a time; some have none
	First, Last         int64 // second of the earliest and the latest, when Timed
	Numbered            bool  // some have a record number
	FirstRecord         int64 // the least and the greatest, when Numbered
	LastRecord          int64
	Hosts               IDs // 0 among them when some have none; so for the others
	Channels, Providers IDs
	Codes               IDs // event.None among them when some have none
}

// Summarize makes the summary of all columns of a block's records, numbered from
// first on.
func (c *Columns) Summarize(first int64) (s Summary) {
	for i, e := range c.Event {
		switch {
		case e == first+int64(i):
			s.Live++
		case e == 0:
			continue
		default:
			s.Variants++
		}
		s.time(c.Second[i])
		s.record(c.Record[i])
		s.Hosts.add(c.Host[i])
		s.Channels.add(c.Channel[i])
		s.Providers.add(c.Provider[i])
		s.Codes.add(c.Code[i])
	}
	return s
}

func (s *Summary) time(t int64) {
	switch {
	case t == event.NoSecond:
		s.Untimed = true
	case !s.Timed:
		s.Timed, s.First, s.Last = true, t, t
	default:
		s.First, s.Last = min(s.First, t), max(s.Last, t)
	}
}

func (s *Summary) record(n int64) {
	switch {
	case n == event.None:
	case !s.Numbered:
		s.Numbered, s.FirstRecord, s.LastRecord = true, n, n
	default:
		s.FirstRecord, s.LastRecord = min(s.FirstRecord, n), max(s.LastRecord, n)
	}
}

// Unknown is a summary that leaves nothing out, for one that is damaged.
func Unknown(count int) Summary {
	const far = int64(1) << 56
	s := Summary{Live: count, Variants: count, Timed: true, Untimed: true, First: -far, Last: far, Numbered: true,
		LastRecord: math.MaxInt64}
	for _, ids := range s.sets() {
		ids.mask = slices.Repeat([]uint64{math.MaxUint64}, maskBits/64)
	}
	return s
}

const (
	timed = 1 << iota
	untimed
	numbered
)

// Encode writes a summary.
func (s *Summary) Encode() []byte {
	out, flags := []byte{sealed, 0}, byte(0)
	out = binary.AppendUvarint(binary.AppendUvarint(out, uint64(s.Live)), uint64(s.Variants))
	if s.Timed {
		flags |= timed
		out = binary.AppendVarint(binary.AppendVarint(out, s.First), s.Last-s.First)
	}
	if s.Untimed {
		flags |= untimed
	}
	if s.Numbered {
		flags |= numbered
		out = binary.AppendVarint(binary.AppendVarint(out, s.FirstRecord), s.LastRecord-s.FirstRecord)
	}
	out[1] = flags
	for _, ids := range s.sets() {
		out = ids.append(out)
	}
	return addSum(out)
}

func (s *Summary) sets() []*IDs { return []*IDs{&s.Hosts, &s.Channels, &s.Providers, &s.Codes} }

// DecodeSummary reads a summary; the error is ErrDamaged.
func DecodeSummary(data []byte) (s Summary, err error) {
	data, ok := withoutSum(data)
	if !ok || len(data) < 1 || data[0]&^(timed|untimed|numbered) != 0 {
		return s, ErrDamaged
	}
	r := reader{data[1:], true}
	live, variants := r.uvarint(), r.uvarint()
	if max(live, variants) > MostRecords {
		return s, ErrDamaged
	}
	s.Live, s.Variants = int(live), int(variants)
	if s.Timed, s.Untimed, s.Numbered = data[0]&timed != 0, data[0]&untimed != 0, data[0]&numbered != 0; s.Timed {
		s.First = r.varint()
		s.Last = s.First + r.varint()
	}
	if s.Numbered {
		s.FirstRecord = r.varint()
		s.LastRecord = s.FirstRecord + r.varint()
	}
	for _, ids := range s.sets() {
		ids.read(&r)
	}
	if !r.ok || len(r.b) > 0 {
		return s, ErrDamaged
	}
	return s, nil
}

const (
	mostIDs  = 64   // that a set has one by one
	maskBits = 1024 // of the mask of a set of more
)

// IDs is a set of numbers: the numbers themselves while they are few, then which
// remainders they leave.
type IDs struct {
	few  []int64 // ascending
	mask []uint64
}

func (s *IDs) add(id int64) {
	if s.mask != nil {
		s.mask[uint64(id)%maskBits/64] |= 1 << (uint64(id) % 64)
		return
	}
	i, found := slices.BinarySearch(s.few, id)
	if found {
		return
	}
	if s.few = slices.Insert(s.few, i, id); len(s.few) > mostIDs {
		few := s.few
		s.few, s.mask = nil, make([]uint64, maskBits/64)
		for _, id := range few {
			s.add(id)
		}
	}
}

// MayHold says whether a number may be in the set.
func (s *IDs) MayHold(id int64) bool {
	if s.mask != nil {
		return s.mask[uint64(id)%maskBits/64]>>(uint64(id)%64)&1 != 0
	}
	_, found := slices.BinarySearch(s.few, id)
	return found
}

// Exactly are the numbers in the set, ascending, where they are known.
func (s *IDs) Exactly() (ids []int64, known bool) { return s.few, s.mask == nil }

func (s *IDs) append(out []byte) []byte {
	if s.mask != nil {
		out = binary.AppendUvarint(out, mostIDs+1)
		for _, word := range s.mask {
			out = binary.LittleEndian.AppendUint64(out, word)
		}
		return out
	}
	out = binary.AppendUvarint(out, uint64(len(s.few)))
	last := int64(0)
	for _, id := range s.few {
		out = binary.AppendVarint(out, id-last)
		last = id
	}
	return out
}

func (s *IDs) read(r *reader) {
	n := r.uvarint()
	switch {
	case n > mostIDs+1 || n == mostIDs+1 && len(r.b) < maskBits/8:
		r.ok = false
	case n == mostIDs+1:
		s.mask = make([]uint64, maskBits/64)
		for i := range s.mask {
			s.mask[i] = binary.LittleEndian.Uint64(r.b[8*i:])
		}
		r.b = r.b[maskBits/8:]
	default:
		last := int64(0)
		for range n {
			last += r.varint()
			s.few = append(s.few, last)
		}
		if !slices.IsSorted(s.few) {
			r.ok = false
		}
	}
}
