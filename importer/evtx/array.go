package evtx

import (
	"bytes"
	"iter"
)

// items gives the items of an array: strings end in a zero character, values
// of a fixed width follow each other, others come as one.
func (v Value) items() iter.Seq[Value] {
	return func(yield func(Value) bool) {
		typ, b := v.typ&^Array, v.raw
		for len(b) > 0 {
			n, step := itemLength(typ, b)
			if !yield(Value{raw: b[:n], typ: typ}) {
				return
			}
			b = b[min(step, len(b)):]
		}
	}
}

// itemLength is the length of the array's first item and where the next starts.
func itemLength(typ Type, b []byte) (n, step int) {
	switch {
	case typ == String:
		for n+1 < len(b) && (b[n] != 0 || b[n+1] != 0) {
			n += 2
		}
		return n, n + 2
	case typ == ANSIString:
		if n = bytes.IndexByte(b, 0); n >= 0 {
			return n, n + 1
		}
	case typ == SID:
		if n = 8; len(b) >= 2 {
			n += 4 * int(b[1])
		}
		return min(n, len(b)), n
	case typ == SizeT:
		return min(8, len(b)), 8
	case typ.width() > 0:
		return min(typ.width(), len(b)), typ.width()
	}
	return len(b), len(b)
}
