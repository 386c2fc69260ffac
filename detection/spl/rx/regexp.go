// Package rx reads and runs the regular expressions of searches, which are
// PCRE's (pcre2pattern(3)): with Go's engine where that can do what a pattern
// asks for, else with one of its own that goes back and tries again within a
// budget. Go's engine is not asked where a text lacks what a match needs, nor
// where states made of the pattern say whether a text of ASCII matches. It has
// rex's sed mode too. It knows values' limits and nothing else
// of a search.
//
// Not supported, and refused: recursion and subroutines, conditions, \K, \X,
// \C, \o, (?|…) with groups, references to groups that come later, the flags x
// and J, verbs. Different from PCRE: what \w, \d, \s and case are is Go's; a look
// behind may be of any length, up to 1,000 bytes; a round of a loop that matches
// nothing does not count; nothing of the pattern after a $ can match the line end
// before which that stands, unless a pattern needs the engine of our own.
package rx

import (
	"fmt"
	"regexp"
	"regexp/syntax"
	"strings"
)

// maxPattern bounds a regular expression, in bytes.
const maxPattern = 1 << 15

// Regexp is a regular expression that is ready to run. Many goroutines may use
// it at once.
type Regexp struct {
	fast  *regexp.Regexp // nil where slow has to do it
	slow  *program
	quick *dfa  // says whether fast matches; nil where it cannot
	least least // what a text has to hold, for fast
	need  *need // likewise, texts; nil when that is not known
	names []string
	// line says that for fast a $ or \Z also stands for the place before a line
	// end that is the text's last character, which Go's engine does not know.
	line bool
	// states is about how many states fast has.
	states int
}

// Compile reads a regular expression that stands in a search. Go's engine, which
// takes linear time whatever the text is, runs it where it can; looking around,
// referring back and not going back is done by one that may go back, within
// bounds (Budget). An error says what the expression "has" or "is".
func Compile(pattern string) (*Regexp, error) {
	if len(pattern) > maxPattern {
		return nil, fmt.Errorf("is longer than %d bytes", maxPattern)
	}
	out, err := compile(pattern, maxCounted)
	if err == nil && out.fast != nil {
		out.least, out.need = leastOf(out.fast.String()), needOf(out.fast.String())
		out.quick = newDFA(out.fast.String())
	}
	return out, err
}

// Limits on a regular expression that an event holds.
const (
	maxForeign        = 200 // bytes
	maxForeignCounted = 100
)

// CompileForeign reads a regular expression that an event holds: a small one
// that Go's engine can run, for it is compiled anew each time and whoever wrote
// it may wish the search ill. Of any other it returns nil.
func CompileForeign(pattern string, b *Budget) *Regexp {
	if len(pattern) > maxForeign || !b.Spend(foreignSteps) {
		return nil
	}
	re, err := compile(pattern, maxForeignCounted)
	if err != nil || re.slow != nil {
		return nil
	}
	return re
}

func compile(pattern string, counted int) (*Regexp, error) {
	t := &pcre{s: pattern, atom: -1, shared: &shared{left: counted, names: []string{""}, named: map[string]int{}}}
	if err := t.translate(); err != nil {
		return nil, err
	}
	out := &Regexp{names: t.names, line: t.line && t.marks == nil}
	var err error
	if t.marks == nil {
		out.fast, err = regexp.Compile(t.out.String())
		out.states = statesOf(t.out.String())
	} else {
		out.slow, err = newProgram(t.out.String(), t.marks, 0)
	}
	if err != nil {
		return nil, sayWhy(err)
	}
	return out, nil
}

// statesOf is about how many states Go's engine has for an expression: fewer than
// it has characters, unless something in it is repeated a number of times.
func statesOf(pattern string) int {
	if !strings.Contains(pattern, "{") {
		return len(pattern)
	}
	tree, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return len(pattern)
	}
	prog, err := syntax.Compile(tree.Simplify())
	if err != nil {
		return len(pattern)
	}
	return len(prog.Inst)
}

// sayWhy tells an error of package syntax.
func sayWhy(err error) error {
	why, _ := strings.CutPrefix(err.Error(), "error parsing regexp: ")
	return fmt.Errorf("cannot be read: %s", why)
}

// Match says whether the expression matches somewhere in s, as far as the budget
// goes: false where that is spent.
func (r *Regexp) Match(s string, b *Budget) bool {
	return r.match(s, b) || r.beforeLineEnd(s) && r.match(s[:len(s)-1], b)
}

func (r *Regexp) match(s string, b *Budget) bool {
	if r.slow != nil {
		return r.slow.find(s, 0, len(r.names), b) != nil
	}
	if !r.may(s, b) || !r.afford(s, b) {
		return false
	}
	if r.quick != nil {
		if matches, known := r.quick.match(s); known {
			return matches
		}
	}
	return r.fast.MatchString(s)
}

// may says that s holds what a match needs, or that this is not known.
func (r *Regexp) may(s string, b *Budget) bool {
	if !r.least.in(s) {
		b.Spend(1)
		return false
	}
	return r.need == nil || b.Spend(1+len(s)/perStep) && r.need.in(s)
}

// afford takes what Go's engine, which nothing stops, may need for a text.
func (r *Regexp) afford(s string, b *Budget) bool { return b.Spend(cost(len(s), r.states)) }

func cost(bytes, states int) int { return 1 + bytes/perStep + bytes*states/perState }

// beforeLineEnd says whether s is to be looked at without its last line end,
// too.
func (r *Regexp) beforeLineEnd(s string) bool { return r.line && strings.HasSuffix(s, "\n") }

// SubexpNames are the names of the groups by number; that of group 0 is "".
func (r *Regexp) SubexpNames() []string { return r.names }

// FindAll is FindAllStringSubmatchIndex of package regexp, n being how many
// matches there may be, as far as the budget goes.
func (r *Regexp) FindAll(s string, n int, b *Budget) [][]int {
	all := r.findAll(s, n, b)
	if r.beforeLineEnd(s) {
		if less := r.findAll(s[:len(s)-1], n, b); less != nil && (all == nil || less[0][0] < all[0][0]) {
			return less
		}
	}
	return all
}

func (r *Regexp) findAll(s string, n int, b *Budget) [][]int {
	if r.slow != nil {
		return r.slow.findAll(s, n, len(r.names), b)
	}
	if !r.may(s, b) || !r.afford(s, b) {
		return nil
	}
	return r.fast.FindAllStringSubmatchIndex(s, n)
}
