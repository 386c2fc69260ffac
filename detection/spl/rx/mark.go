package rx

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"strconv"
	"strings"

	"escutcheon/detection/spl/value"
)

// mark is what Go's engine cannot do: a look around, an atomic group, a
// reference back or an end before the last line end. An empty group with a name stands for it in what is compiled.
type mark struct {
	slow   *program       // what is looked for; or
	fast   *regexp.Regexp // the same where Go's engine can do that and its surroundings do not matter
	behind bool
	not    bool
	atomic bool // goes on where that ends
	states int  // about how many fast has
	inner  int  // how many of the pattern's groups are in it
	first  int  // the number of the group before the first of them
	group  int  // the group that is referred to, when there is nothing to look for
	fold   bool
	line   bool // the end of the text, or before its last line end
}

// markName starts the names of the groups that stand for marks.
const markName = "zmark"

const (
	// maxMarks bounds the marks of one pattern, or of one in a mark.
	maxMarks = 100
	// maxMarkDepth bounds how deep marks stand in marks.
	maxMarkDepth = 10
	// maxBehind is how far a look behind looks, in bytes.
	maxBehind = 1000
)

// markGroup reads (?=…), (?!…), (?<=…), (?<!…) or (?>…).
func (t *pcre) markGroup(open string) error {
	end := groupEnd(t.s, t.i)
	if end < 0 {
		return errNotClosed
	}
	in := &pcre{s: t.s[t.i+len(open) : end], atom: -1, flags: t.flags, depth: t.depth + 1, shared: t.shared}
	if in.depth > maxMarkDepth {
		return errors.New("looks around too deep")
	}
	before := t.groups()
	in.out.WriteString(t.flags.prefix())
	if err := in.translate(); err != nil {
		return err
	}
	t.i = end + 1
	if open == "(?>" {
		return t.atomic(in.out.String(), in.marks, before)
	}
	m := mark{first: before, inner: t.groups() - before}
	m.behind, m.not = strings.HasPrefix(open, "(?<"), strings.HasSuffix(open, "!")
	if err := m.look(in.out.String(), in.marks); err != nil {
		return sayWhy(err)
	}
	return t.putMark(m)
}

// atomic stands for a pattern that is not gone back into.
func (t *pcre) atomic(pattern string, marks []mark, before int) error {
	m := mark{atomic: true, first: before, inner: t.groups() - before}
	var err error
	if m.slow, err = newProgram(pattern, marks, before); err != nil {
		return sayWhy(err)
	}
	return t.putMark(m)
}

// look compiles what is looked for.
func (m *mark) look(pattern string, marks []mark) (err error) {
	tree, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return err
	}
	switch {
	case marks != nil || minds(tree):
		m.slow, err = newProgram(pattern, marks, m.first)
	case m.behind:
		m.fast, err = regexp.Compile(`(?:` + pattern + `)\z`)
	default:
		m.fast, err = regexp.Compile(`\A(?:` + pattern + `)`)
	}
	m.states = statesOf(pattern)
	return err
}

// minds says whether a pattern asks what stands before or after it, so that it
// cannot be run on a part of the text.
func minds(x *syntax.Regexp) bool {
	switch x.Op {
	case syntax.OpBeginLine, syntax.OpEndLine, syntax.OpBeginText, syntax.OpEndText,
		syntax.OpWordBoundary, syntax.OpNoWordBoundary:
		return true
	}
	for _, sub := range x.Sub {
		if minds(sub) {
			return true
		}
	}
	return false
}

// reference stands for the text of a group once more.
func (t *pcre) reference(group, length int) error {
	if group < 1 || group > t.groups() {
		return errors.New("refers back to a group that is not there")
	}
	t.i += length
	return t.putMark(mark{group: group, fold: t.flags.has('i')})
}

func (t *pcre) putMark(m mark) error {
	if len(t.marks) >= maxMarks {
		return errors.New("looks around too often")
	}
	t.fresh = m.group > 0
	t.atom, t.inner = t.out.Len(), m.first
	if m.group > 0 {
		t.inner = t.groups()
	}
	fmt.Fprintf(&t.out, "(?P<%s%d>)", markName, len(t.marks))
	t.marks = append(t.marks, m)
	return nil
}

// backslashReference reads \1, \12, \g1, \g{1}, \g{-1}, \k<name>, \k'name' and
// \k{name}.
func (t *pcre) backslashReference() error {
	rest := t.s[t.i+1:]
	if n := value.Digits(rest); n > 0 {
		return t.numbered(rest[:n], n+1)
	}
	if rest[0] == 'g' {
		if n := value.Digits(rest[1:]); n > 0 {
			return t.numbered(rest[1:1+n], n+2)
		}
	}
	if len(rest) > 2 && strings.IndexByte("{<'", rest[1]) >= 0 {
		if end := strings.IndexAny(rest[2:], "}>'"); end > 0 {
			name := rest[2 : 2+end]
			if n, isNamed := t.named[name]; isNamed {
				return t.reference(n, end+4)
			}
			return t.numbered(name, end+4)
		}
	}
	return errors.New("refers back to a group in a way that is not supported")
}

// numbered is a reference by number; a negative one counts back from here.
func (t *pcre) numbered(number string, length int) error {
	n, err := strconv.Atoi(number)
	if err != nil {
		n = 0
	} else if n < 0 {
		n += t.groups() + 1
	}
	return t.reference(n, length)
}
