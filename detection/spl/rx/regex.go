// Package rx reads and runs the regular expressions of searches, which are
// PCRE's: with Go's engine where that can do what a pattern asks for, else with
// one of its own that goes back and tries again within a budget. It has rex's
// sed mode too. It knows values' limits and nothing else of a search.
package rx

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"escutcheon/detection/spl/value"
)

// maxRepeat is the most that one counted repetition of Go's expressions has.
const maxRepeat = 1000

// maxPattern bounds a regular expression, in bytes.
const maxPattern = 1 << 15

// Compile reads a PCRE that stands in a search. Go's engine, which takes
// linear time whatever the text is, runs it where it can; looking around and
// referring back is done by one that may go back, within bounds.
func Compile(pattern string) (*Regexp, error) {
	if len(pattern) > maxPattern {
		return nil, fmt.Errorf("is longer than %d bytes", maxPattern)
	}
	return compileAt(pattern, maxCounted, 0)
}

// CompileForeign reads a PCRE that an event holds: a small one, for it is
// compiled anew each time and whoever wrote it may wish the search ill.
func CompileForeign(pattern string) *Regexp {
	if len(pattern) > 200 {
		return nil
	}
	re, err := compileAt(pattern, 100, 0)
	if err != nil || re.slow != nil {
		return nil
	}
	return re
}

// maxCounted bounds the sum of the counts of all counted repetitions.
const maxCounted = 30_000

// compileAt compiles what may stand in a look around, so many deep.
func compileAt(pattern string, counted, depth int) (*Regexp, error) {
	t := &pcre{s: pattern, atom: -1, left: counted, depth: depth, named: map[string]int{}}
	for t.i < len(t.s) {
		if err := t.piece(); err != nil {
			return nil, err
		}
	}
	out := &Regexp{}
	var err error
	if t.marks != nil {
		out.slow, err = newBacktrack(t.out.String(), t.marks)
	} else {
		out.fast, err = regexp.Compile(t.out.String())
	}
	if err != nil {
		why, _ := strings.CutPrefix(err.Error(), "error parsing regexp: ")
		return nil, fmt.Errorf("cannot be read: %s", why)
	}
	return out, nil
}

// pcre turns PCRE syntax into Go's, piece by piece.
type pcre struct {
	s     string
	i     int
	out   strings.Builder
	atom  int // where the last atom starts in out, or -1
	open  []int
	fresh bool // the last piece was an atom that a quantifier may follow
	left  int  // how much counted repetitions may count yet

	marks  []mark
	depth  int            // of looking around
	flags  string         // as (?i) has set them for what follows
	groups int            // the groups so far
	named  map[string]int // their numbers
}

func (t *pcre) piece() error {
	switch c := t.s[t.i]; c {
	case '\\':
		return t.escape(false)
	case '[':
		return t.class()
	case '(':
		return t.group()
	case ')':
		if n := len(t.open); n > 0 {
			t.atom, t.open = t.open[n-1], t.open[:n-1]
		}
		t.fresh = true
		t.copy(1)
	case '*', '+', '?':
		t.copy(1)
		t.suffix()
	case '{':
		return t.repeat()
	case '|', '^':
		t.fresh = false
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
func (t *pcre) start() { t.atom, t.fresh = t.out.Len(), true }

func (t *pcre) copy(n int) {
	t.out.WriteString(t.s[t.i : t.i+n])
	t.i += n
}

// suffix reads what may follow a quantifier: ? is kept, the + of a possessive
// one dropped, which changes no match that is tried on whole texts but makes
// it slower in PCRE only.
func (t *pcre) suffix() {
	t.fresh = false
	if t.i >= len(t.s) {
		return
	}
	switch t.s[t.i] {
	case '?':
		t.copy(1)
	case '+':
		t.i++
	}
}

// group reads the opening of a group.
func (t *pcre) group() error {
	at := t.out.Len()
	rest := t.s[t.i:]
	switch {
	case strings.HasPrefix(rest, "(?#"):
		end := strings.IndexByte(rest, ')')
		if end < 0 {
			return errors.New("has a comment that is not closed")
		}
		t.i += end + 1
		return nil
	case strings.HasPrefix(rest, "(?="), strings.HasPrefix(rest, "(?!"):
		return t.lookAround(rest[:3])
	case strings.HasPrefix(rest, "(?<="), strings.HasPrefix(rest, "(?<!"):
		return t.lookAround(rest[:4])
	case strings.HasPrefix(rest, "(?P="):
		end := strings.IndexByte(rest, ')')
		if end < 0 {
			return errors.New("has a group that is not closed")
		}
		return t.reference(t.named[rest[4:end]], end+1)
	case strings.HasPrefix(rest, "(?>"), strings.HasPrefix(rest, "(?|"):
		t.out.WriteString("(?:")
		t.i += 3
	case strings.HasPrefix(rest, "(?'"):
		end := strings.IndexByte(rest[3:], '\'')
		if end < 0 {
			return errors.New("has a group whose name is not closed")
		}
		t.out.WriteString("(?P<" + rest[3:3+end] + ">")
		t.name(rest[3 : 3+end])
		t.i += end + 4
	case strings.HasPrefix(rest, "(?"):
		n := strings.IndexAny(rest, ":)>")
		if n < 0 {
			return errors.New("has a group that is not closed")
		}
		if rest[n] == ')' { // flags for what follows
			t.flags += rest[:n+1]
			t.copy(n + 1)
			t.fresh = false
			return nil
		}
		if rest[n] == '>' {
			t.name(strings.TrimLeft(rest[2:n], "P<"))
		}
		t.copy(n + 1)
	default:
		t.groups++
		t.copy(1)
	}
	t.open = append(t.open, at)
	t.fresh = false
	return nil
}

// name notes a group with a name.
func (t *pcre) name(s string) {
	t.groups++
	t.named[s] = t.groups
}

// repeat reads {n,m}; a brace that is no repetition stands for itself.
func (t *pcre) repeat() error {
	end := strings.IndexByte(t.s[t.i:], '}')
	lo, hi, ok := 0, -1, false
	if end > 0 {
		lo, hi, ok = bounds(t.s[t.i+1 : t.i+end])
	}
	if !ok || !t.fresh {
		t.start()
		t.out.WriteString(`\{`)
		t.i++
		return nil
	}
	t.i += end + 1
	if t.left -= max(lo, hi); t.left < 0 || lo > maxCounted || hi > 1<<30 {
		return errors.New("repeats too often")
	}
	if lo <= maxRepeat && hi <= maxRepeat {
		t.out.WriteString(t.s[t.i-end-1 : t.i])
		t.suffix()
		return nil
	}
	return t.long(lo, hi)
}

// long writes a repetition that is longer than Go allows as several in a row.
func (t *pcre) long(lo, hi int) error {
	all := t.out.String()
	atom := all[t.atom:]
	if strings.Contains(atom, "(") || strings.Contains(atom, "{") || len(atom) > 100 {
		return fmt.Errorf("repeats a group more than %d times", maxRepeat)
	}
	t.out.Reset()
	t.out.WriteString(all[:t.atom] + "(?:")
	more := hi - lo
	for ; lo > maxRepeat; lo -= maxRepeat {
		fmt.Fprintf(&t.out, "%s{%d}", atom, maxRepeat)
	}
	if hi < 0 {
		fmt.Fprintf(&t.out, "%s{%d,})", atom, lo)
	} else {
		fmt.Fprintf(&t.out, "%s{%d}", atom, lo)
		for ; more > maxRepeat; more -= maxRepeat {
			fmt.Fprintf(&t.out, "%s{0,%d}", atom, maxRepeat)
		}
		fmt.Fprintf(&t.out, "%s{0,%d})", atom, more)
	}
	t.suffix()
	return nil
}

// bounds reads n, n, or n,m; hi is -1 when there is none.
func bounds(s string) (lo, hi int, ok bool) {
	a, b, comma := strings.Cut(s, ",")
	lo, err := strconv.Atoi(a)
	if err != nil || lo < 0 || value.Digits(a) != len(a) {
		return 0, 0, false
	}
	switch {
	case !comma:
		return lo, lo, true
	case b == "":
		return lo, -1, true
	}
	hi, err = strconv.Atoi(b)
	return lo, hi, err == nil && value.Digits(b) == len(b)
}
