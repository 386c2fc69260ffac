package rx

import (
	"errors"
	"strings"
)

// group reads the opening of a group, and of one that becomes a mark all of it.
func (t *pcre) group() error {
	rest := t.s[t.i:]
	switch {
	case strings.HasPrefix(rest, "(?#"):
		end := strings.IndexByte(rest, ')')
		if end < 0 {
			return errors.New("has a comment that is not closed")
		}
		t.i += end + 1
		return nil
	case strings.HasPrefix(rest, "(?="), strings.HasPrefix(rest, "(?!"), strings.HasPrefix(rest, "(?>"):
		return t.markGroup(rest[:3])
	case strings.HasPrefix(rest, "(?<="), strings.HasPrefix(rest, "(?<!"):
		return t.markGroup(rest[:4])
	case strings.HasPrefix(rest, "(?P="):
		end := strings.IndexByte(rest, ')')
		if end < 0 {
			return errNotClosed
		}
		return t.reference(t.named[rest[4:end]], end+1)
	case strings.HasPrefix(rest, "(?|"):
		return t.resetGroup()
	case strings.HasPrefix(rest, "(?'"):
		end := strings.IndexByte(rest[3:], '\'')
		if end < 0 {
			return errors.New("has a group whose name is not closed")
		}
		name := rest[3 : 3+end]
		t.push()
		t.name(name)
		return t.put(end+4, "(?P<"+name+">")
	case strings.HasPrefix(rest, "(?"):
		return t.questionGroup(rest)
	}
	t.push()
	t.name("")
	t.copy(1)
	return nil
}

var errNotClosed = errors.New("has a group that is not closed")

// questionGroup reads (?:, (?<name>, (?P<name>, (?i: and (?i).
func (t *pcre) questionGroup(rest string) error {
	n := strings.IndexAny(rest, ":)>")
	if n < 0 {
		return errNotClosed
	}
	switch rest[n] {
	case ')': // flags for what follows, to the end of the group
		t.flags = t.flags.with(rest[2:n])
		t.copy(n + 1)
		t.fresh = false
		return nil
	case '>':
		t.push()
		t.name(strings.TrimLeft(rest[2:n], "P<"))
	default:
		t.push()
		t.flags = t.flags.with(rest[2:n])
	}
	t.copy(n + 1)
	return nil
}

// resetGroup reads (?|, in which the groups of each alternative have the same
// numbers: where there are none it is (?:.
func (t *pcre) resetGroup() error {
	end := groupEnd(t.s, t.i)
	if end < 0 {
		return errNotClosed
	}
	if strings.IndexByte(t.s[t.i+3:end], '(') >= 0 {
		return errors.New("has groups in (?|, which is not supported")
	}
	t.push()
	return t.put(3, "(?:")
}

// push notes that a group opens.
func (t *pcre) push() {
	t.open = append(t.open, opened{t.out.Len(), t.groups(), t.flags})
	t.fresh = false
}

// close reads the end of a group, which is an atom, and after which the flags
// are as they were before it.
func (t *pcre) close() {
	if n := len(t.open); n > 0 {
		o := t.open[n-1]
		t.atom, t.inner, t.flags, t.open = o.at, o.inner, o.flags, t.open[:n-1]
	}
	t.fresh = true
	t.copy(1)
}

// name notes a group, by its name or "".
func (t *pcre) name(s string) {
	t.names = append(t.names, s)
	if s != "" {
		t.named[s] = t.groups()
	}
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
