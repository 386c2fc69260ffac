package eventjson

// state is how far a scan for the end of an object came.
type state int

const (
	within state = iota // more bytes are needed
	whole               // the object ends at at
	torn                // it cannot be valid JSON
)

// mostDepth is how deep an object may be nested.
const mostDepth = 32

// braces finds the end of an object in a window that grows: it goes on from
// where it stopped. It looks only at what tells objects apart when one of them
// is torn: strings may not hold line ends, and a brace opens an object only
// where a value may stand.
type braces struct {
	at     int
	depth  int
	arrays uint64 // bit d-1: the container at depth d is an array
	quoted bool
	last   byte // the last byte outside strings that is not blank
}

// special are the bytes outside strings that matter.
var special = func() (t [256]bool) {
	for _, c := range []byte("\"{}[],:") {
		t[c] = true
	}
	return t
}()

func (b *braces) scan(w []byte) state {
	for b.at < len(w) {
		if b.quoted {
			if s := b.leave(w); s != whole {
				return s
			}
			continue
		}
		c := w[b.at]
		if !special[c] {
			if c > ' ' {
				b.last = c
			}
			b.at++
			continue
		}
		switch c {
		case '"':
			b.quoted = true
		case '{', '[':
			if !b.open(c) {
				return torn
			}
		case '}', ']':
			if b.array() != (c == ']') {
				return torn
			}
			b.depth--
			if b.depth == 0 {
				b.at++
				return whole
			}
		}
		b.last = c
		b.at++
	}
	return within
}

// leave goes behind the string's closing quote: whole then.
func (b *braces) leave(w []byte) state {
	for at := b.at; at < len(w); at++ {
		switch w[at] {
		case '"':
			b.at = at + 1
			b.quoted = false
			return whole
		case '\n':
			b.at = at
			return torn
		case '\\':
			if at+1 == len(w) {
				b.at = at
				return within
			}
			if w[at+1] != '\n' {
				at++
			}
		}
	}
	b.at = len(w)
	return within
}

func (b *braces) array() bool { return b.arrays>>(b.depth-1)&1 == 1 }

// open enters a container, if one may begin here.
func (b *braces) open(c byte) bool {
	if b.depth > 0 && b.last != ':' && (!b.array() || b.last != ',' && b.last != '[') {
		return false
	}
	if b.depth == mostDepth {
		return false
	}
	b.depth++
	b.arrays &^= 1 << (b.depth - 1)
	if c == '[' {
		b.arrays |= 1 << (b.depth - 1)
	}
	return true
}
