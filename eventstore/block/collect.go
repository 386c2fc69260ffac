package block

import (
	"cmp"
	"slices"
)

// Row is one record of a block.
type Row struct {
	At     int32 // its place
	Offset int64
	Raw    []byte
}

// Collect are the originals of a block of count records of which some came, in any order
// and perhaps twice. The others are empty.
func Collect(count int, rows []Row) *Originals {
	slices.SortStableFunc(rows, func(a, b Row) int { return cmp.Compare(a.At, b.At) })
	rows = slices.CompactFunc(rows, func(a, b Row) bool { return a.At == b.At })
	size := 0
	for i := range rows {
		size += len(rows[i].Raw)
	}
	o := &Originals{bytes: make([]byte, 0, size), offsets: make([]int64, count), ends: make([]int, count)}
	for i := range o.ends {
		if len(rows) > 0 && int(rows[0].At) == i {
			o.offsets[i], o.bytes = rows[0].Offset, append(o.bytes, rows[0].Raw...)
			rows = rows[1:]
		}
		o.ends[i] = len(o.bytes)
	}
	return o
}
