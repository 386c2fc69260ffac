package rx

import (
	"regexp"
	"regexp/syntax"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Regexp is a regular expression: Go's own where that can do what the pattern
// asks for, else one that goes back and tries again, within bounds.
type Regexp struct {
	fast *regexp.Regexp
	slow *backtrack
}

// MatchString says whether the expression matches somewhere in s.
func (r *Regexp) MatchString(s string) bool {
	if r.slow != nil {
		return r.slow.find(s, 0) != nil
	}
	return r.fast.MatchString(s)
}

// SubexpNames are the names of the groups; that of group 0 is "".
func (r *Regexp) SubexpNames() []string {
	if r.slow != nil {
		return r.slow.names
	}
	return r.fast.SubexpNames()
}

// FindAllStringSubmatchIndex is as in package regexp.
func (r *Regexp) FindAllStringSubmatchIndex(s string, n int) [][]int {
	if r.slow == nil {
		return r.fast.FindAllStringSubmatchIndex(s, n)
	}
	var out [][]int
	for at := 0; at <= len(s) && len(out) < n; {
		m := r.slow.find(s, at)
		if m == nil {
			break
		}
		out = append(out, m)
		if at = m[1]; m[1] == m[0] {
			_, size := utf8.DecodeRuneInString(s[at:])
			at += max(size, 1)
		}
	}
	return out
}

// Bounds of a search that goes back: how much of a text it looks at, and how
// many steps it takes. Beyond them nothing matches.
const (
	maxSlowText  = 64 << 10
	maxSlowSteps = 2_000_000
)

// backtrack runs a program of package syntax, in which empty groups with
// certain names stand for what Go's engine cannot do. Where nothing refers
// back, no state is tried twice.
type backtrack struct {
	prog  *syntax.Prog
	marks map[int]mark // by the group's number in the program
	group []int        // the numbers of the pattern's own groups in the program
	names []string
	refs  bool
}

// mark is a look around or a reference back.
type mark struct {
	of     *Regexp // what is looked for; nil for a reference
	behind bool
	not    bool
	group  int // the pattern's group that is referred to
	fold   bool
}

// markName starts the names of the groups that stand for marks.
const markName = "zmark"

func newBacktrack(pattern string, marks []mark) (*backtrack, error) {
	tree, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return nil, err
	}
	b := &backtrack{marks: map[int]mark{}}
	for i, name := range tree.CapNames() {
		k, isMark := strings.CutPrefix(name, markName)
		n, err := strconv.Atoi(k)
		if !isMark || err != nil || n >= len(marks) {
			b.group, b.names = append(b.group, i), append(b.names, name)
			continue
		}
		b.marks[i] = marks[n]
		b.refs = b.refs || marks[n].of == nil
	}
	b.prog, err = syntax.Compile(tree.Simplify())
	return b, err
}

// job is a state to go back to, or a capture to put back.
type job struct {
	pc  uint32
	pos int
	cap int // -1 for a state; else the capture, whose old value is pos
}

// find returns the first match from a place on: the ends of the groups, as
// package regexp has them; nil when there is none.
func (b *backtrack) find(s string, from int) []int {
	s = s[:min(len(s), maxSlowText)]
	if from > len(s) {
		return nil
	}
	r := &backRun{b: b, s: s, left: maxSlowSteps}
	if !b.refs {
		r.width = len(s) + 1
		r.seen = make([]uint64, (len(b.prog.Inst)*r.width+63)/64)
	}
	for at := from; at <= len(s) && r.left > 0; {
		if caps := r.try(at); caps != nil {
			out := make([]int, 0, 2*len(b.group))
			for _, g := range b.group {
				out = append(out, caps[2*g], caps[2*g+1])
			}
			return out
		}
		_, size := utf8.DecodeRuneInString(s[at:])
		at += max(size, 1)
	}
	return nil
}

// backRun is a search at work.
type backRun struct {
	b     *backtrack
	s     string
	left  int
	width int
	seen  []uint64
	jobs  []job
	caps  []int
}

func (r *backRun) try(at int) []int {
	r.caps = make([]int, r.b.prog.NumCap)
	for i := range r.caps {
		r.caps[i] = -1
	}
	r.caps[0] = at
	r.jobs = append(r.jobs[:0], job{uint32(r.b.prog.Start), at, -1})
	for len(r.jobs) > 0 {
		j := r.jobs[len(r.jobs)-1]
		r.jobs = r.jobs[:len(r.jobs)-1]
		if j.cap >= 0 {
			r.caps[j.cap] = j.pos
			continue
		}
		if end := r.run(j.pc, j.pos); end >= 0 {
			r.caps[1] = end
			return r.caps
		}
	}
	return nil
}

// run goes on from a state until it matches, and returns where, or fails: -1.
func (r *backRun) run(pc uint32, pos int) int {
	for {
		if r.left--; r.left < 0 || r.visited(pc, pos) {
			return -1
		}
		in := &r.b.prog.Inst[pc]
		switch in.Op {
		case syntax.InstMatch:
			return pos
		case syntax.InstFail:
			return -1
		case syntax.InstAlt, syntax.InstAltMatch:
			r.jobs = append(r.jobs, job{in.Arg, pos, -1})
		case syntax.InstCapture:
			n, ok := r.capture(int(in.Arg), pos)
			if !ok {
				return -1
			}
			pos = n
		case syntax.InstEmptyWidth:
			if syntax.EmptyOp(in.Arg)&^r.around(pos) != 0 {
				return -1
			}
		case syntax.InstNop:
		default:
			c, size := utf8.DecodeRuneInString(r.s[pos:])
			if size == 0 || !in.MatchRune(c) {
				return -1
			}
			pos += size
		}
		pc = in.Out
	}
}

// visited notes a state and says whether it was there before.
func (r *backRun) visited(pc uint32, pos int) bool {
	if r.seen == nil {
		return false
	}
	n := int(pc)*r.width + pos
	was := r.seen[n/64]&(1<<(n%64)) != 0
	r.seen[n/64] |= 1 << (n % 64)
	return was
}

func (r *backRun) around(pos int) syntax.EmptyOp {
	before, after := rune(-1), rune(-1)
	if pos > 0 {
		before, _ = utf8.DecodeLastRuneInString(r.s[:pos])
	}
	if pos < len(r.s) {
		after, _ = utf8.DecodeRuneInString(r.s[pos:])
	}
	return syntax.EmptyOpContext(before, after)
}

// capture notes where a group starts or ends, or does what a mark asks for; it
// returns where to go on.
func (r *backRun) capture(n, pos int) (int, bool) {
	m, isMark := r.b.marks[n/2]
	switch {
	case !isMark:
		r.jobs = append(r.jobs, job{pos: r.caps[n], cap: n})
		r.caps[n] = pos
		return pos, true
	case n%2 == 1:
		return pos, true
	case m.of == nil:
		return r.again(m, pos)
	}
	r.left -= 50 // a look around is more than a step
	part := r.s[pos:]
	if m.behind {
		part = r.s[max(pos-1000, 0):pos]
	}
	if r.left -= len(part) / 16; r.left < 0 {
		return pos, false
	}
	return pos, m.of.MatchString(part) != m.not
}

// again wants the text of a group once more.
func (r *backRun) again(m mark, pos int) (int, bool) {
	if m.group >= len(r.b.group) {
		return pos, false
	}
	g := r.b.group[m.group]
	from, to := r.caps[2*g], r.caps[2*g+1]
	if from < 0 || to < from || pos+to-from > len(r.s) {
		return pos, false
	}
	a, b := r.s[from:to], r.s[pos:pos+to-from]
	return pos + len(a), a == b || m.fold && strings.EqualFold(a, b)
}
