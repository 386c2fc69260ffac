package block

import "slices"

// Overlaps says whether an event of one block may be the same as one of another:
// it may have the same host, channel, code, second and record number.
func (s *Summary) Overlaps(o *Summary) bool {
	return s.near(o) && s.Hosts.overlap(&o.Hosts) && s.Channels.overlap(&o.Channels) && s.Codes.overlap(&o.Codes)
}

// near says whether events of both may have the same second and record number.
func (s *Summary) near(o *Summary) bool {
	if s.Live == 0 || o.Live == 0 {
		return false
	}
	timed := s.Timed && o.Timed && s.First <= o.Last && o.First <= s.Last
	if !timed && !(s.Untimed && o.Untimed) {
		return false
	}
	return !s.Numbered || !o.Numbered || s.FirstRecord <= o.LastRecord && o.FirstRecord <= s.LastRecord
}

// Reach is how far the events of several blocks reach in time and in record
// numbers.
type Reach struct {
	of   Summary
	bare bool // one of them has no record numbers
}

// Add makes it reach as far as one more block.
func (r *Reach) Add(s *Summary) {
	if s.Live == 0 {
		return
	}
	r.of.Live += s.Live
	r.of.Untimed = r.of.Untimed || s.Untimed
	if s.Timed {
		r.of.time(s.First)
		r.of.time(s.Last)
	}
	if s.Numbered {
		r.of.record(s.FirstRecord)
		r.of.record(s.LastRecord)
	}
	r.bare = r.bare || !s.Numbered
}

// Meets says whether one of the blocks may overlap another one.
func (r *Reach) Meets(s *Summary) bool {
	of := r.of
	of.Numbered = of.Numbered && !r.bare
	return of.near(s)
}

// overlap says whether two sets may have a number in common.
func (s *IDs) overlap(o *IDs) bool {
	if s.mask == nil {
		return slices.ContainsFunc(s.few, o.MayHold)
	}
	if o.mask == nil {
		return slices.ContainsFunc(o.few, s.MayHold)
	}
	for i := range s.mask {
		if s.mask[i]&o.mask[i] != 0 {
			return true
		}
	}
	return false
}

// Resize makes room for n records, of which nothing is known.
func (c *Columns) Resize(n int) {
	for _, column := range c.list() {
		*column = slices.Grow((*column)[:0], n)[:n]
		clear(*column)
	}
}

// Take are the columns of some of the records.
func (c *Columns) Take(rows []int32) *Columns {
	var out Columns
	from, to := c.list(), out.list()
	for k := range from {
		*to[k] = make([]int64, len(rows))
		for i, row := range rows {
			(*to[k])[i] = (*from[k])[row]
		}
	}
	return &out
}

// Clone are the same columns in memory of their own.
func (c *Columns) Clone() *Columns {
	var out Columns
	from, to := c.list(), out.list()
	for k := range from {
		*to[k] = slices.Clone(*from[k])
	}
	return &out
}
