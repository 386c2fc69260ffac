package eventjson

import (
	"bytes"
	"math/bits"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

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
	const from, to = `"\/nrtbf`, "\"\\/\n\r\t\b\f"
	for i := range len(from) {
		t[from[i]] = to[i]
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

// unicode reads an escape of a character's number, or of two that are one
// character, at its backslash.
func (t *tree) unicode(b []byte, at int) (next int) {
	r, ok := hex(b, at)
	if !ok {
		return unread
	}
	at += 6
	if utf16.IsSurrogate(r) {
		low, ok := hex(b, at)
		if r = utf16.DecodeRune(r, low); ok && r != utf8.RuneError {
			at += 6
		} else {
			r = utf8.RuneError // alone it is none
		}
	}
	t.plain = utf8.AppendRune(t.plain, r)
	return at
}

// hex reads \u and four digits.
func hex(b []byte, at int) (rune, bool) {
	if !bytes.HasPrefix(b[at:], []byte(`\u`)) || at+6 > len(b) {
		return 0, false
	}
	v, err := strconv.ParseUint(string(b[at+2:at+6]), 16, 32)
	return rune(v), err == nil
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
