package eventjson

import (
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

const mostNodes = 1 << 16

// node is one value of an object. The nodes of a tree stand in the order of
// the text; those within a container follow it, up to its end.
type node struct {
	key, value string // value as text: a number as it is written, null as ""
	kind       byte   // '{', '[', '"', or 0 for all else
	end        int32  // position of the first node behind this one
	// where key and value are in the tree's unescaped text, when they had
	// escapes: [from, to) with to > 0
	keyFrom, keyTo, from, to int32
}

// tree is an object, parsed. Its memory is used again and again.
type tree struct {
	nodes []node
	plain []byte // strings that had escapes
	s     string
	at    int
}

// parse reads the object s. The result is why it cannot be read, or "".
func (t *tree) parse(s string) string {
	clear(t.nodes)
	t.nodes, t.plain, t.s, t.at = t.nodes[:0], t.plain[:0], s, 0
	if cap(t.plain) > 1<<20 {
		t.plain = nil
	}
	ok := t.value(node{}, 0)
	if len(t.nodes) > mostNodes {
		return reasonSize
	}
	if !ok {
		return reasonTorn
	}
	if len(t.plain) > 0 {
		t.settle(string(t.plain))
	}
	return ""
}

// settle gives the nodes their unescaped strings, all parts of one.
func (t *tree) settle(plain string) {
	for i := range t.nodes {
		n := &t.nodes[i]
		if n.keyTo > 0 {
			n.key = plain[n.keyFrom:n.keyTo]
		}
		if n.to > 0 {
			n.value = plain[n.from:n.to]
		}
	}
}

func (t *tree) space() {
	for t.at < len(t.s) && t.s[t.at] <= ' ' {
		t.at++
	}
}

func (t *tree) peek() byte {
	t.space()
	if t.at < len(t.s) {
		return t.s[t.at]
	}
	return 0
}

// value reads one value into the node n, which has its key already.
func (t *tree) value(n node, depth int) bool {
	if len(t.nodes) > mostNodes || depth > mostDepth {
		return false
	}
	c := t.peek()
	switch c {
	case '{', '[':
		n.kind = c
		i := len(t.nodes)
		t.nodes = append(t.nodes, n)
		t.at++
		ok := t.members(c, depth)
		t.nodes[i].end = int32(len(t.nodes))
		return ok
	case '"':
		var ok bool
		n.kind = c
		if n.value, n.from, n.to, ok = t.text(); !ok {
			return false
		}
	default:
		var ok bool
		if n.value, ok = t.literal(); !ok {
			return false
		}
	}
	n.end = int32(len(t.nodes) + 1)
	t.nodes = append(t.nodes, n)
	return true
}

// members reads what is in an object or array, and its end.
func (t *tree) members(open byte, depth int) bool {
	end := open + 2 // as it is in ASCII
	if t.peek() == end {
		t.at++
		return true
	}
	for {
		var n node
		if open == '{' {
			if t.peek() != '"' {
				return false
			}
			var ok bool
			if n.key, n.keyFrom, n.keyTo, ok = t.text(); !ok || t.peek() != ':' {
				return false
			}
			t.at++
		}
		if !t.value(n, depth+1) {
			return false
		}
		switch t.peek() {
		case ',':
			t.at++
		case end:
			t.at++
			return true
		default:
			return false
		}
	}
}

// literal reads true, false, null or a number.
func (t *tree) literal() (string, bool) {
	from := t.at
	for t.at < len(t.s) && !special[t.s[t.at]] && t.s[t.at] > ' ' {
		t.at++
	}
	switch v := t.s[from:t.at]; v {
	case "true", "false":
		return v, true
	case "null":
		return "", true
	default:
		return v, isNumber(v)
	}
}

func isNumber(v string) bool {
	if v == "" || v[0] != '-' && v[0]-'0' > 9 {
		return false
	}
	for i := 1; i < len(v); i++ {
		if c := v[i]; c-'0' > 9 && c != '.' && c != 'e' && c != 'E' && c != '+' && c != '-' {
			return false
		}
	}
	return v[len(v)-1]-'0' <= 9
}

// text reads a string. One with escapes is put into plain, where from and to
// say; it must not be empty then, which no escape makes it.
func (t *tree) text() (s string, from, to int32, ok bool) {
	t.at++
	start := t.at
	for t.at < len(t.s) {
		switch t.s[t.at] {
		case '"':
			s = t.s[start:t.at]
			t.at++
			return s, 0, 0, true
		case '\\':
			from = int32(len(t.plain))
			t.plain = append(t.plain, t.s[start:t.at]...)
			ok = t.escaped()
			return "", from, int32(len(t.plain)), ok
		}
		t.at++
	}
	return "", 0, 0, false
}

// escaped reads the rest of a string, from its first escape on, into plain.
func (t *tree) escaped() bool {
	for {
		i := strings.IndexByte(t.s[t.at:], '\\')
		j := strings.IndexByte(t.s[t.at:t.at+max(i, 0)], '"')
		if i < 0 {
			i = len(t.s) - t.at
			j = strings.IndexByte(t.s[t.at:], '"')
		}
		if j >= 0 {
			t.plain = append(t.plain, t.s[t.at:t.at+j]...)
			t.at += j + 1
			return true
		}
		t.plain = append(t.plain, t.s[t.at:t.at+i]...)
		t.at += i + 1
		if t.at >= len(t.s) || !t.escape(t.s[t.at]) {
			return false
		}
	}
}

// escape reads what follows a backslash.
func (t *tree) escape(c byte) bool {
	t.at++
	switch c {
	case '"', '\\', '/':
	case 'n':
		c = '\n'
	case 'r':
		c = '\r'
	case 't':
		c = '\t'
	case 'b':
		c = '\b'
	case 'f':
		c = '\f'
	case 'u':
		r, ok := t.hex()
		if !ok {
			return false
		}
		if utf16.IsSurrogate(r) {
			r = t.pair(r)
		}
		t.plain = utf8.AppendRune(t.plain, r)
		return true
	default:
		return false
	}
	t.plain = append(t.plain, c)
	return true
}

// pair joins the surrogate r with one that follows; alone it is U+FFFD.
func (t *tree) pair(r rune) rune {
	if !strings.HasPrefix(t.s[t.at:], `\u`) {
		return utf8.RuneError
	}
	at := t.at
	t.at += 2
	if low, ok := t.hex(); ok {
		if r = utf16.DecodeRune(r, low); r != utf8.RuneError {
			return r
		}
	}
	t.at = at
	return utf8.RuneError
}

func (t *tree) hex() (rune, bool) {
	if t.at+4 > len(t.s) {
		return 0, false
	}
	v, err := strconv.ParseUint(t.s[t.at:t.at+4], 16, 32)
	if err != nil {
		return 0, false
	}
	t.at += 4
	return rune(v), true
}
