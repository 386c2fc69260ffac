package rx

import (
	"errors"
	"fmt"
	"strings"
)

// class copies [ … ], in which Go wants some characters escaped that PCRE
// takes as they are.
func (t *pcre) class() error {
	t.start()
	t.copy(1)
	if t.i < len(t.s) && t.s[t.i] == '^' {
		t.copy(1)
	}
	for first := true; t.i < len(t.s); first = false {
		switch c := t.s[t.i]; {
		case c == ']' && !first:
			t.copy(1)
			return nil
		case c == ']' || c == '[' && !strings.HasPrefix(t.s[t.i:], "[:"):
			t.out.WriteByte('\\')
			t.copy(1)
		case c == '[':
			end := strings.Index(t.s[t.i:], ":]")
			if end < 0 {
				return errors.New("has a class that is not closed")
			}
			t.copy(end + 2)
		case c == '\\':
			if err := t.escape(true); err != nil {
				return err
			}
		case c == '-' && t.afterSet():
			t.out.WriteString(`\-`) // [\w-.] is no range
			t.i++
		default:
			t.copy(1)
		}
	}
	return errors.New("has a class that is not closed")
}

// afterSet says whether what stands before the cursor is a set such as \w.
func (t *pcre) afterSet() bool {
	if t.i < 2 || t.s[t.i-2] != '\\' {
		return false
	}
	return strings.IndexByte("wWdDsSh", t.s[t.i-1]) >= 0
}

// escape copies a backslash and what belongs to it.
func (t *pcre) escape(inClass bool) error {
	if t.i+1 >= len(t.s) {
		return errors.New("ends with a backslash")
	}
	c := t.s[t.i+1]
	if !inClass {
		if strings.IndexByte("bBAzZG", c) >= 0 {
			t.fresh = false
		} else {
			t.start()
		}
	}
	put := func(s string) error {
		t.out.WriteString(s)
		t.i += 2
		return nil
	}
	switch {
	case c >= '1' && c <= '9' && !inClass, c == 'k', c == 'g':
		return t.backslashReference()
	case c == 'h' && inClass:
		return put(`\t `)
	case c == 'h':
		return put(`[\t ]`)
	case c == 'R':
		return put(`(?:\r\n|\r|\n)`)
	case c == 'N':
		return put(`[^\n]`)
	case c == 'Z':
		return put(`(?:\n?\z)`)
	case c == 'G':
		return put(`\A`)
	case c == 'e':
		return put(`\x1b`)
	case c == '0':
		return put(`\x00`)
	case c == 'x' && strings.HasPrefix(t.s[t.i+2:], "{") && strings.Contains(t.s[t.i:], "}"): // no quantifier
		t.copy(strings.IndexByte(t.s[t.i:], '}') + 1)
		return nil
	case c == 'x' && t.i+3 < len(t.s) && isHex(t.s[t.i+2]) && isHex(t.s[t.i+3]):
		t.copy(2)
		return nil
	case c == 'Q':
		return t.quote()
	case c >= 0x80:
		t.i++ // the character stands for itself
		return nil
	case isLetter(c) && strings.IndexByte("AbBdDsSwWzZnrtfavpPxC", c) < 0:
		if strings.IndexByte("LlUu", c) >= 0 {
			// PCRE refuses these four; they stand in paths whose backslash was
			// not doubled often enough, so they are taken for the path's letter.
			return put(`\\` + string(c))
		}
		return put(string(c))
	case c == 'p' || c == 'P':
		t.copy(2)
		return nil
	case c == 'x' || c == 'C':
		return fmt.Errorf("has \\%c, which is not supported", c)
	case c == '<' || c == '>':
		return put(string(c))
	}
	t.copy(2)
	return nil
}

// quote reads \Q … \E.
func (t *pcre) quote() error {
	t.i += 2
	text, rest, _ := strings.Cut(t.s[t.i:], `\E`)
	t.i = len(t.s) - len(rest)
	for i := 0; i < len(text); i++ {
		if c := text[i]; c < 0x80 && !isWord(c) {
			t.out.WriteByte('\\')
		}
		t.start()
		t.out.WriteByte(text[i])
	}
	return nil
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

func isLetter(c byte) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' }

func isWord(c byte) bool { return isLetter(c) || '0' <= c && c <= '9' || c == '_' }
