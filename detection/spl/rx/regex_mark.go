package rx

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// lookAround reads (?=…), (?!…), (?<=…) or (?<!…): what stands in it is
// compiled by itself, and an empty group stands for it in the pattern.
func (t *pcre) lookAround(open string) error {
	end := groupEnd(t.s, t.i)
	if end < 0 {
		return errors.New("has a group that is not closed")
	}
	inner := t.s[t.i+len(open) : end]
	if t.depth++; t.depth > 10 {
		return errors.New("looks around too deep")
	}
	m := mark{behind: strings.HasPrefix(open, "(?<"), not: strings.HasSuffix(open, "!")}
	if m.behind {
		inner = t.flags + "(?:" + inner + `)\z`
	} else {
		inner = `\A(?:` + t.flags + inner + ")"
	}
	of, err := compileAt(inner, t.left, t.depth)
	if err != nil {
		return err
	}
	m.of = of
	t.depth--
	t.i = end + 1
	return t.putMark(m)
}

// reference reads \1, \k<name> or (?P=name).
func (t *pcre) reference(group, length int) error {
	if group < 1 || group > t.groups {
		return errors.New("refers back to a group that is not there")
	}
	t.i += length
	return t.putMark(mark{group: group, fold: strings.Contains(t.flags, "i")})
}

func (t *pcre) putMark(m mark) error {
	if len(t.marks) >= 100 {
		return errors.New("looks around too often")
	}
	t.fresh = m.of == nil
	t.atom = t.out.Len()
	fmt.Fprintf(&t.out, "(?P<%s%d>)", markName, len(t.marks))
	t.marks = append(t.marks, m)
	return nil
}

// backslashReference reads \1 … \9, \g1, \g{1}, \k<name> and \k{name}.
func (t *pcre) backslashReference() error {
	rest := t.s[t.i+1:]
	c := rest[0]
	if c >= '1' && c <= '9' {
		return t.reference(int(c-'0'), 2)
	}
	if len(rest) > 2 && strings.IndexByte("{<'", rest[1]) >= 0 {
		end := strings.IndexAny(rest[2:], "}>'")
		if end > 0 {
			name := rest[2 : 2+end]
			n, err := strconv.Atoi(name)
			if err != nil {
				n = t.named[name]
			}
			return t.reference(n, end+4)
		}
	}
	if len(rest) > 1 && c == 'g' && rest[1] >= '1' && rest[1] <= '9' {
		return t.reference(int(rest[1]-'0'), 3)
	}
	return errors.New("refers back to a group in a way that is not supported")
}

// groupEnd is where the group that opens at i closes, or -1.
func groupEnd(s string, i int) int {
	depth, class := 0, -1
	for ; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\':
			i++
		case class >= 0:
			if c == ']' && i > class+1 {
				class = -1
			}
		case c == '[':
			class = i
			if i+1 < len(s) && s[i+1] == '^' {
				class++
			}
		case c == '(':
			depth++
		case c == ')':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return -1
}
