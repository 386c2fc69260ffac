package block

import "slices"

// Overlaps says whether an event of one block may be the same as one of another:
// it may have the same host, channel, code, second and record number.
func (s *Summary) Overlaps(o *Summary) bool {
	if s.Live == 0 || o.Live == 0 {
		return false
	}
	timed := s.Timed && o.Timed && s.First <= o.Last && o.First <= s.Last
	if !timed && !(s.Untimed && o.Untimed) {
		return false
	}
	if s.Numbered && o.Numbered && (s.FirstRecord > o.LastRecord || o.FirstRecord > s.LastRecord) {
		return false
	}
	return s.Hosts.overlap(&o.Hosts) && s.Channels.overlap(&o.Channels) && s.Codes.overlap(&o.Codes)
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
