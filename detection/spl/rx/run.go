package rx

import (
	"regexp/syntax"
	"slices"
	"strings"
	"unicode/utf8"
)

// run is a search for one match at work, with all that is looked for in it.
type run struct {
	s      string
	budget *Budget
	// places are the ends of the pattern's groups, -1 for none; from opens on
	// those where a group was opened that is not closed yet, and from loops on
	// those of loops.
	places       []int
	opens, loops int
	jobs         []job
	memos        map[*program]*memo
}

func newRun(s string, groups int, b *Budget) *run {
	return &run{
		s:      s,
		budget: b,
		places: slices.Repeat([]int{-1}, 3*groups),
		opens:  2 * groups,
		loops:  3 * groups,
		memos:  map[*program]*memo{},
	}
}

// job is a state to go back to, or a place to put back.
type job struct {
	pc   uint32
	pos  int
	back int // -1 for a state; else the index in places, whose old value is pos
}

// match runs a program from a place and returns where it ends, -1 when it does
// not. When wanted is not -1 it has to end there. Jobs that put places back are
// left for the caller; without a match places are as they were.
func (r *run) match(p *program, pos, wanted int) int {
	memo := r.memoOf(p)
	base := len(r.jobs)
	r.jobs = append(r.jobs, job{uint32(p.prog.Start), pos, -1})
	for len(r.jobs) > base {
		j := r.pop()
		if j.back >= 0 {
			r.places[j.back] = j.pos
			continue
		}
		if end := r.thread(p, memo, j.pc, j.pos, wanted); end >= 0 {
			r.cut(base)
			return end
		}
	}
	return -1
}

func (r *run) pop() job {
	j := r.jobs[len(r.jobs)-1]
	r.jobs = r.jobs[:len(r.jobs)-1]
	return j
}

// cut drops the states to go back to above base, and what loops have noted.
func (r *run) cut(base int) {
	for i := len(r.jobs) - 1; i >= base; i-- {
		if j := r.jobs[i]; j.back >= r.loops {
			r.places[j.back] = j.pos
		}
	}
	kept := r.jobs[:base]
	for _, j := range r.jobs[base:] {
		if j.back >= 0 && j.back < r.loops {
			kept = append(kept, j)
		}
	}
	r.jobs = kept
}

// undo does the jobs above base, all of which put places back.
func (r *run) undo(base int) {
	for len(r.jobs) > base {
		j := r.pop()
		r.places[j.back] = j.pos
	}
}

// set notes a place, until what follows fails.
func (r *run) set(i, pos int) {
	r.jobs = append(r.jobs, job{pos: r.places[i], back: i})
	r.places[i] = pos
}

// thread goes on from a state until it matches, and returns where, or fails: -1.
func (r *run) thread(p *program, memo *memo, pc uint32, pos, wanted int) int {
	for {
		if !r.spend(1) || memo.visited(pc, pos) {
			return -1
		}
		in := &p.prog.Inst[pc]
		switch in.Op {
		case syntax.InstMatch:
			if wanted >= 0 && pos != wanted {
				return -1
			}
			return pos
		case syntax.InstFail:
			return -1
		case syntax.InstAlt, syntax.InstAltMatch:
			if !r.turn(memo, pc, pos) {
				return -1
			}
			r.jobs = append(r.jobs, job{in.Arg, pos, -1})
		case syntax.InstCapture:
			if pos = r.capture(p, int(in.Arg), pos); pos < 0 {
				return -1
			}
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

// around is what the place is: the start of a line, the end of a word …
func (r *run) around(pos int) syntax.EmptyOp {
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
// returns where to go on, or -1.
func (r *run) capture(p *program, n, pos int) int {
	m, isMark := p.marks[n/2]
	switch {
	case !isMark:
		r.group(p.group[n/2], n%2 == 1, pos)
		return pos
	case n%2 == 1:
		return pos
	case m.line:
		if pos == len(r.s) || r.s[pos:] == "\n" {
			return pos
		}
		return -1
	case m.group > 0:
		return r.again(&m, pos)
	case !r.spend(lookSteps):
		return -1
	case m.fast != nil:
		return r.look(&m, pos)
	}
	return r.lookSlow(&m, pos)
}

// group notes that a group opens or closes. Until it closes, it is what it was
// the last time round.
func (r *run) group(g int, closes bool, pos int) {
	if !closes {
		r.set(r.opens+g, pos)
		return
	}
	r.set(2*g, r.places[r.opens+g])
	r.set(2*g+1, pos)
}

// again wants the text of a group once more.
func (r *run) again(m *mark, pos int) int {
	from, to := r.places[2*m.group], r.places[2*m.group+1]
	if from < 0 || pos+to-from > len(r.s) {
		return -1
	}
	a, b := r.s[from:to], r.s[pos:pos+to-from]
	if a == b || m.fold && strings.EqualFold(a, b) {
		return pos + len(a)
	}
	return -1
}
