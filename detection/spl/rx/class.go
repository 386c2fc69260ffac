package rx

import (
	"errors"
	"strings"
)

var errClassNotClosed = errors.New("has a class that is not closed")

// class copies [ … ], in which Go wants some characters escaped that PCRE
// takes as they are.
func (t *pcre) class() error {
	t.start()
	t.copy(1)
	if t.i < len(t.s) && t.s[t.i] == '^' {
		t.copy(1)
	}
	afterSet := false // such as \w: a hyphen after it makes no range
	for first := true; t.i < len(t.s); first = false {
		set := false
		switch c := t.s[t.i]; {
		case c == ']' && !first:
			t.copy(1)
			return nil
		case strings.HasPrefix(t.s[t.i:], "[:"):
			end := strings.Index(t.s[t.i:], ":]")
			if end < 0 {
				return errClassNotClosed
			}
			t.copy(end + 2)
			set = true
		case c == '\\':
			set = t.i+1 < len(t.s) && strings.IndexByte("wWdDsShv", t.s[t.i+1]) >= 0
			if err := t.classEscape(); err != nil {
				return err
			}
		case c == ']' || c == '[' || c == '-' && afterSet:
			t.out.WriteByte('\\')
			t.copy(1)
		default:
			t.copy(1)
		}
		afterSet = set
	}
	return errClassNotClosed
}

// inClass is what stands for an escape in a class where Go has another.
var inClass = map[byte]string{'h': `\t `, 'v': vertical, 'e': `\x1b`, 'b': `\x08`}

// classEscape reads an escape in a class.
func (t *pcre) classEscape() error {
	if t.i+1 >= len(t.s) {
		return errBackslash
	}
	c := t.s[t.i+1]
	if s, ok := inClass[c]; ok {
		return t.put(2, s)
	}
	switch {
	case c == 'Q':
		t.quote()
		return nil
	case c == 'E': // an end of \Q without one
		return t.put(2, "")
	case strings.IndexByte("HVkg", c) >= 0:
		return unsupported(c)
	case strings.IndexByte("ABGNRZz", c) >= 0: // they are letters here
		return t.put(2, string(c))
	}
	return t.anyEscape(c)
}
