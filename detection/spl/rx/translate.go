package rx

import (
	"strings"
)

// pcre turns PCRE syntax into Go's, piece by piece. What Go's cannot say
// becomes a mark.
type pcre struct {
	s     string
	i     int
	out   strings.Builder
	atom  int  // where the last atom starts in out, or -1
	inner int  // how many groups of the pattern stood before it
	fresh bool // the last piece was an atom that a quantifier may follow
	open  []opened
	flags flags // as they are set for what follows
	marks []mark
	depth int // of looking around
	*shared
}

// shared is what a pattern has in common with those that stand in its marks.
type shared struct {
	names []string       // of the groups so far, by number
	named map[string]int // their numbers
	left  int            // how much counted repetitions may count yet
	line  bool
}

// opened is a group that is not closed yet.
type opened struct {
	at    int // where it starts in out
	inner int // how many groups stood before it
	flags flags
}

// groups is how many groups there are so far.
func (x *shared) groups() int { return len(x.names) - 1 }

func (t *pcre) translate() error {
	for t.i < len(t.s) {
		if err := t.piece(); err != nil {
			return err
		}
	}
	return nil
}

func (t *pcre) piece() error {
	switch c := t.s[t.i]; c {
	case '\\':
		return t.escape()
	case '[':
		return t.class()
	case '(':
		return t.group()
	case ')':
		t.close()
	case '*', '+', '?':
		t.copy(1)
		return t.suffix()
	case '{':
		return t.repeat()
	case '|', '^':
		t.fresh = false
		t.copy(1)
	case '$':
		t.fresh = false
		t.line = t.line || !t.flags.has('m')
		t.copy(1)
	default:
		t.start()
		t.copy(1)
		for t.i < len(t.s) && t.s[t.i]&0xC0 == 0x80 { // the rest of a character
			t.copy(1)
		}
	}
	return nil
}

// start notes that an atom begins.
func (t *pcre) start() { t.atom, t.inner, t.fresh = t.out.Len(), t.groups(), true }

func (t *pcre) copy(n int) {
	t.out.WriteString(t.s[t.i : t.i+n])
	t.i += n
}

// put writes what stands for n bytes of the pattern.
func (t *pcre) put(n int, s string) error {
	t.out.WriteString(s)
	t.i += n
	return nil
}

// suffix reads what may follow a quantifier: ?, or the + of a possessive one,
// which is an atomic group around it.
func (t *pcre) suffix() error {
	t.fresh = false
	switch {
	case t.i >= len(t.s):
	case t.s[t.i] == '?':
		t.copy(1)
	case t.s[t.i] == '+' && t.atom >= 0:
		t.i++
		all := t.out.String()
		t.out.Reset()
		t.out.WriteString(all[:t.atom])
		return t.atomic(t.flags.prefix()+all[t.atom:], t.marks, t.inner)
	}
	return nil
}
