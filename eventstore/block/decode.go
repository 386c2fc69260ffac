package block

import "encoding/binary"

// decode fills values from a column; false when it is none of so many.
func decode(b []byte, values []int64) bool {
	if len(b) == 0 {
		return false
	}
	r := reader{b[1:], true}
	switch b[0] {
	case constant:
		v := r.varint()
		for i := range values {
			values[i] = v
		}
	case runs:
		r.runs(values)
	case listed:
		r.listed(values)
	case packed:
		r.packed(values)
	case deltas:
		r.packed(values)
		last := int64(0)
		for i, d := range values {
			last += d
			values[i] = last
		}
	default:
		return false
	}
	return r.ok
}

// reader reads numbers from bytes until one of them is not there.
type reader struct {
	b  []byte
	ok bool
}

func (r *reader) varint() int64 {
	v, n := binary.Varint(r.b)
	return int64(r.take(uint64(v), n))
}

func (r *reader) uvarint() uint64 { return r.take(binary.Uvarint(r.b)) }

func (r *reader) take(v uint64, n int) uint64 {
	if n <= 0 {
		r.ok, r.b = false, nil
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (r *reader) runs(values []int64) {
	v := int64(0)
	for r.ok && len(values) > 0 {
		v += r.varint()
		n := r.uvarint()
		if n == 0 || n > uint64(len(values)) {
			r.ok = false
			return
		}
		for i := range values[:n] {
			values[i] = v
		}
		values = values[n:]
	}
}

func (r *reader) listed(values []int64) {
	n := r.uvarint()
	if n == 0 || n > mostListed || n > uint64(len(r.b)) {
		r.ok = false
		return
	}
	var room [256]int64
	list := room[:]
	width := 0
	for ; 1<<width < n; width++ {
		continue
	}
	if n > uint64(len(room)) {
		list = make([]int64, 1<<width)
	}
	last := int64(0)
	for i := range int(n) {
		last += r.varint()
		list[i] = last
	}
	r.bits(values, width)
	if !r.ok {
		return
	}
	for i, v := range values {
		if uint64(v) >= n {
			r.ok = false
			return
		}
		values[i] = list[v]
	}
}

func (r *reader) packed(values []int64) {
	base := r.varint()
	if len(r.b) == 0 || r.b[0] > 64 {
		r.ok = false
		return
	}
	width := int(r.b[0])
	r.b = r.b[1:]
	n := r.uvarint()
	if n > uint64(len(values)) {
		r.ok = false
		return
	}
	far := *r // the outliers: passed over, and put in at the end
	for range n {
		r.uvarint()
		r.varint()
	}
	r.bits(values, width)
	if !r.ok {
		return
	}
	if base != 0 {
		for i := range values {
			values[i] += base
		}
	}
	for at := uint64(0); n > 0; n-- {
		if at += far.uvarint(); at >= uint64(len(values)) {
			r.ok = false
			return
		}
		values[at] = far.varint()
	}
}

// bits reads values of so many bits each.
func (r *reader) bits(values []int64, width int) {
	if size := (len(values)*width + 7) / 8; !r.ok || len(r.b) < size {
		r.ok = false
		return
	}
	if width == 64 {
		for i := range values {
			values[i] = int64(binary.LittleEndian.Uint64(r.b[8*i:]))
		}
		return
	}
	if width > widest {
		r.ok = false
		return
	}
	mask, at, i := uint64(1)<<width-1, 0, 0
	for ; i < len(values) && at/8+8 <= len(r.b); i++ {
		values[i] = int64(binary.LittleEndian.Uint64(r.b[at/8:]) >> (at % 8) & mask)
		at += width
	}
	for ; i < len(values); i++ {
		values[i] = int64(load(r.b, at/8) >> (at % 8) & mask)
		at += width
	}
}
