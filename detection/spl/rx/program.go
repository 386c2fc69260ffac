package rx

import (
	"regexp/syntax"
	"strconv"
	"strings"
	"unicode/utf8"
)

// program runs a program of package syntax and goes back where it has to. In
// it, empty groups with certain names stand for marks.
type program struct {
	prog  *syntax.Prog
	group []int        // the numbers of its groups in the whole pattern; 0 for none
	marks map[int]mark // by the group's number in the program
	refs  bool         // something refers back, here or in a mark: what groups hold matters
}

// newProgram compiles a pattern whose first group is the one after before.
func newProgram(pattern string, marks []mark, before int) (*program, error) {
	tree, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return nil, err
	}
	p := &program{marks: map[int]mark{}, group: []int{0}}
	for i, name := range tree.CapNames() {
		if i == 0 {
			continue
		}
		k, isMark := strings.CutPrefix(name, markName)
		n, err := strconv.Atoi(k)
		if !isMark || err != nil || n >= len(marks) {
			before++
			p.group = append(p.group, before)
			continue
		}
		m := marks[n]
		p.group, p.marks[i] = append(p.group, 0), m
		before += m.inner
		p.refs = p.refs || m.group > 0 || m.slow != nil && m.slow.refs
	}
	p.lineEnd(tree, len(p.group))
	p.prog, err = syntax.Compile(tree.Simplify())
	return p, err
}

// lineEnd puts a mark, as the group given, where $ and \Z stand for the end of
// the text or the place before a line end that is its last character.
func (p *program) lineEnd(x *syntax.Regexp, group int) {
	if x.Op == syntax.OpEndText && x.Flags&syntax.WasDollar != 0 {
		*x = syntax.Regexp{Op: syntax.OpCapture, Cap: group, Sub: []*syntax.Regexp{{Op: syntax.OpEmptyMatch}}}
		p.marks[group] = mark{line: true}
		return
	}
	for _, sub := range x.Sub {
		p.lineEnd(sub, group)
	}
}

// find returns the first match from a place on: the ends of the groups, as
// package regexp has them; nil when there is none, or none is found within the
// budget.
func (p *program) find(s string, from, groups int, b *Budget) []int {
	whole := len(s) <= maxText
	s = s[:min(len(s), maxText)]
	var found []int
	if from <= len(s) && !b.over {
		found = newRun(s, groups, b).find(p, from)
	}
	if found == nil && !whole {
		b.over = true
	}
	return found
}

func (r *run) find(p *program, from int) []int {
	for at := from; at <= len(r.s) && !r.budget.over; at += width(r.s, at) {
		if end := r.match(p, at, -1); end >= 0 {
			r.places[0], r.places[1] = at, end
			return r.places[:r.opens]
		}
	}
	return nil
}

// findAll returns n matches at most.
func (p *program) findAll(s string, n, groups int, b *Budget) (out [][]int) {
	for at := 0; len(out) < n; {
		m := p.find(s, at, groups, b)
		if m == nil {
			break
		}
		out = append(out, m)
		if at = m[1]; m[1] == m[0] {
			at += width(s, at)
		}
	}
	return out
}

// width is how long the character at a place is; beyond the end it is 1.
func width(s string, at int) int {
	if at >= len(s) {
		return 1
	}
	_, n := utf8.DecodeRuneInString(s[at:])
	return n
}
