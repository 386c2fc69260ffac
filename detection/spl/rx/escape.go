package rx

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

var errBackslash = errors.New("ends with a backslash")

func unsupported(c byte) error { return fmt.Errorf("has \\%c, which is not supported", c) }

// vertical are the characters that \v stands for.
const vertical = `\n\x0b\f\r\x{85}\x{2028}\x{2029}`

// outside is what stands for an escape outside a class where Go has another.
var outside = map[byte]string{
	'h': `[\t ]`, 'H': `[^\t ]`, 'v': `[` + vertical + `]`, 'V': `[^` + vertical + `]`,
	'R': `(?:\r\n|\r|\n)`, 'N': `[^\n]`, 'G': `\A`, 'e': `\x1b`,
}

// escape reads a backslash and what belongs to it.
func (t *pcre) escape() error {
	if t.i+1 >= len(t.s) {
		return errBackslash
	}
	c := t.s[t.i+1]
	if c == 'E' { // an end of \Q without one
		return t.put(2, "")
	}
	if t.start(); strings.IndexByte("bBAzZG", c) >= 0 {
		t.fresh = false
	}
	if s, ok := outside[c]; ok {
		return t.put(2, s)
	}
	switch {
	case c >= '1' && c <= '9', c == 'k', c == 'g':
		return t.backslashReference()
	case c == 'Q':
		t.atom = t.quote()
		return nil
	case c == 'Z':
		t.line = true
		return t.put(2, `(?-m:$)`)
	}
	return t.anyEscape(c)
}

// anyEscape reads an escape that is the same in a class and outside.
func (t *pcre) anyEscape(c byte) error {
	switch {
	case c == 'x':
		return t.hex()
	case c == '0':
		return t.octal()
	case c == 'c':
		return t.control()
	case c == 'p' || c == 'P':
		return t.property()
	case c >= 0x80:
		t.i++ // the character stands for itself
		return nil
	case strings.IndexByte("CKXo", c) >= 0:
		return unsupported(c)
	case strings.IndexByte("LlUu", c) >= 0:
		// PCRE refuses these four; they stand in paths whose backslash was
		// not doubled often enough, so they are taken for the path's letter.
		return t.put(2, `\\`+string(c))
	case isLetter(c) && strings.IndexByte("AbBdDsSwWznrtfa", c) < 0:
		return t.put(2, string(c))
	}
	t.copy(2)
	return nil
}

// hex reads \xhh and \x{h…}.
func (t *pcre) hex() error {
	rest := t.s[t.i+2:]
	switch end := strings.IndexByte(rest, '}'); {
	case strings.HasPrefix(rest, "{") && end > 0:
		t.copy(end + 3)
	case len(rest) > 1 && isHex(rest[0]) && isHex(rest[1]):
		t.copy(4)
	default:
		return unsupported('x')
	}
	return nil
}

// octal reads \0 and up to two more digits.
func (t *pcre) octal() error {
	n := 2
	for n < 4 && t.i+n < len(t.s) && '0' <= t.s[t.i+n] && t.s[t.i+n] <= '7' {
		n++
	}
	code, _ := strconv.ParseUint(t.s[t.i+1:t.i+n], 8, 8)
	return t.put(n, fmt.Sprintf(`\x%02x`, code))
}

// control reads \cA, the character whose code differs from A's in bit 6.
func (t *pcre) control() error {
	if t.i+2 >= len(t.s) || t.s[t.i+2] >= 0x80 {
		return unsupported('c')
	}
	c := t.s[t.i+2]
	if 'a' <= c && c <= 'z' {
		c -= 'a' - 'A'
	}
	return t.put(3, fmt.Sprintf(`\x%02x`, c^0x40))
}

// property reads \pL and \p{Lu}.
func (t *pcre) property() error {
	n := 2
	if strings.HasPrefix(t.s[t.i+2:], "{") {
		n = 3 + strings.IndexByte(t.s[t.i+2:], '}')
	}
	t.copy(n)
	return nil
}

// quote reads \Q … \E and returns where its last character starts.
func (t *pcre) quote() (last int) {
	t.i += 2
	text, rest, _ := strings.Cut(t.s[t.i:], `\E`)
	t.i = len(t.s) - len(rest)
	last = t.out.Len()
	for text != "" {
		last = t.out.Len()
		_, n := utf8.DecodeRuneInString(text)
		if text[0] < 0x80 && !isWord(text[0]) {
			t.out.WriteByte('\\')
		}
		t.out.WriteString(text[:n])
		text = text[n:]
	}
	return last
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

func isLetter(c byte) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' }

func isWord(c byte) bool { return isLetter(c) || '0' <= c && c <= '9' || c == '_' }
