package eventjson

import (
	"math/bits"
	"strings"
)

// unread is what scan says of what is no value, or not whole.
const unread = 0

// scan reads the object, or other value, that b begins with into nodes that say
// where in b, or in plain, their keys and values are. It returns where the value
// ends, or unread. Strings may hold any bytes.
func (t *tree) scan(b []byte) (end int) {
	t.nodes, t.plain, t.deepest, t.high, t.names = t.nodes[:0], t.plain[:0], 0, 0, false
	var open [mostDepth + 1]int32 // the containers that the value at hand is in
	depth, at := 0, 0
	n := node{}
	for {
		at = skipSpace(b, at)
		if at == len(b) || len(t.nodes) > mostNodes {
			return unread
		}
		switch c := b[at]; c {
		case '{', '[':
			if depth > mostDepth {
				return unread
			}
			n.kind = c
			open[depth] = int32(len(t.nodes))
			depth++
			t.deepest = max(t.deepest, depth)
			t.nodes = append(t.nodes, n)
			n = node{}
			if at = skipSpace(b, at+1); at < len(b) && b[at] == c+2 { // as it is in ASCII
				break
			}
			if depth > mostDepth {
				return unread
			}
			if c == '{' {
				if at = t.key(b, at, &n); at == unread {
					return unread
				}
			}
			continue
		case '"':
			n.kind = c
			if at = t.text(b, at, &n.from, &n.to, &n.unescaped); at == unread {
				return unread
			}
			t.add(&n)
		default:
			if at = t.literal(b, at, &n); at == unread {
				return unread
			}
			t.add(&n)
		}
		for depth > 0 { // what follows a value
			top := &t.nodes[open[depth-1]]
			if at = skipSpace(b, at); at == len(b) {
				return unread
			}
			if c := b[at]; c == top.kind+2 {
				top.end = int32(len(t.nodes))
				at++
				depth--
				continue
			} else if c != ',' {
				return unread
			}
			at++
			if n = (node{}); top.kind == '{' {
				if at = t.key(b, at, &n); at == unread {
					return unread
				}
			}
			break
		}
		if depth == 0 {
			return at
		}
	}
}

// add appends a node that holds no others.
func (t *tree) add(n *node) {
	n.end = int32(len(t.nodes) + 1)
	t.nodes = append(t.nodes, *n)
}

// key reads a member's name and its colon.
func (t *tree) key(b []byte, at int, n *node) (next int) {
	if at = skipSpace(b, at); at == len(b) || b[at] != '"' {
		return unread
	}
	if at = t.text(b, at, &n.keyFrom, &n.keyTo, &n.keyUnescaped); at == unread {
		return unread
	}
	t.names = t.names || n.keyUnescaped
	if at = skipSpace(b, at); at == len(b) || b[at] != ':' {
		return unread
	}
	return at + 1
}

func skipSpace(b []byte, at int) int {
	for at < len(b) && b[at] <= ' ' {
		at++
	}
	return at
}

// literal reads true, false, null or a number.
func (t *tree) literal(b []byte, at int, n *node) (next int) {
	from := at
	for at < len(b) && !special[b[at]] && b[at] > ' ' {
		at++
	}
	n.from, n.to = int32(from), int32(at)
	switch v := b[from:at]; string(v) {
	case "true", "false":
		return at
	case "null":
		n.to = n.from
		return at
	default:
		if !isNumber(v) {
			return unread
		}
	}
	return at
}

func isNumber(v []byte) bool {
	if len(v) == 0 || v[0] != '-' && v[0]-'0' > 9 {
		return false
	}
	for _, c := range v[1:] {
		if c-'0' > 9 && c != '.' && c != 'e' && c != 'E' && c != '+' && c != '-' {
			return false
		}
	}
	return v[len(v)-1]-'0' <= 9
}

// text reads a string at its opening quote and returns where it has ended.
func (t *tree) text(b []byte, at int, from, to *int32, unescaped *bool) (next int) {
	at++
	*from = int32(at)
	at = t.stop(b, at)
	if at == len(b) {
		return unread
	}
	if b[at] == '"' {
		*to = int32(at)
		return at + 1
	}
	start := len(t.plain)
	t.plain = append(t.plain, b[*from:at]...)
	*from, *unescaped = int32(start), true
	next = t.escaped(b, at)
	*to = int32(len(t.plain))
	return next
}

const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// stop is where the next quote or backslash is, or len(b).
func (t *tree) stop(b []byte, at int) int {
	for ; at+8 <= len(b); at += 8 {
		w := b[at : at+8 : at+8]
		x := uint64(w[0]) | uint64(w[1])<<8 | uint64(w[2])<<16 | uint64(w[3])<<24 |
			uint64(w[4])<<32 | uint64(w[5])<<40 | uint64(w[6])<<48 | uint64(w[7])<<56
		q, e := x^ones*'"', x^ones*'\\'
		if m := ((q-ones)&^q | (e-ones)&^e) & highs; m != 0 { // its lowest bit is of the first that is one
			n := bits.TrailingZeros64(m) >> 3
			t.high |= x & highs & (1<<(8*n) - 1)
			return at + n
		}
		t.high |= x & highs
	}
	for ; at < len(b) && b[at] != '"' && b[at] != '\\'; at++ {
		t.high |= uint64(b[at]) & highs
	}
	return at
}

// unescapes are the bytes that a backslash and one byte stand for; 0 for none.
var unescapes = func() (t [256]byte) {
	for c, v := range map[byte]byte{'"': '"', '\\': '\\', '/': '/', 'n': '\n', 'r': '\r', 't': '\t', 'b': '\b', 'f': '\f'} {
		t[c] = v
	}
	return t
}()

// escaped reads the rest of a string, from a backslash on, into plain.
func (t *tree) escaped(b []byte, at int) (next int) {
	for {
		if at+1 >= len(b) {
			return unread
		}
		if c := unescapes[b[at+1]]; c != 0 {
			t.plain = append(t.plain, c)
			at += 2
		} else if at = t.unicode(b, at); at == unread {
			return unread
		}
		from := at
		if at = t.stop(b, at); at == len(b) {
			return unread
		}
		t.plain = append(t.plain, b[from:at]...)
		if b[at] == '"' {
			return at + 1
		}
	}
}

// trimmed are what NormalizeMessage cuts at a message's end, of one byte.
const trimmed = " \t\r\n\v\f"

// straighten gives the message in nodes[i], which had escapes, the line ends and
// the end that event.NormalizeMessage gives it, where that is quickly done.
func (t *tree) straighten(i int) {
	n := &t.nodes[i]
	if !n.unescaped {
		return
	}
	b := t.plain[n.from:n.to]
	for len(b) > 0 && strings.IndexByte(trimmed, b[len(b)-1]) >= 0 {
		b = b[:len(b)-1]
	}
	k := 0
	for j := 0; j < len(b); j++ {
		c := b[j]
		if c == '\r' {
			for j+1 < len(b) && b[j+1] == '\r' {
				j++
			}
			if j+1 < len(b) && b[j+1] == '\n' {
				j++
			}
			c = '\n'
		}
		b[k] = c
		k++
	}
	n.to = n.from + int32(k)
}
