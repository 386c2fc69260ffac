package rx

import (
	"encoding/binary"
	"regexp/syntax"
	"slices"
	"sync"
	"sync/atomic"
)

// dfa says whether an expression matches somewhere in a text, byte by byte: each
// set of places in the program that some text leads to is a state, made when a
// text first leads there. It reads texts of ASCII; for others, and where the
// states become too many, it does not know, and Go's engine is asked.
type dfa struct {
	prog *syntax.Prog
	once sync.Once
	// class is which bytes the program does not tell apart, of how many classes.
	class   [0x80]uint8
	classes int
	pool    sync.Pool // *states
	// flooded is how often there were too many states.
	flooded atomic.Int32
}

const (
	mostStates = 512
	mostFloods = 16 // after which the expression is left to Go's engine
)

// Numbers of states that are none.
const (
	unmade   = -1 - iota // not made yet
	matched              // whatever follows
	hopeless             // no text that follows makes it match
	flooded
)

// states are what one goroutine made of them.
type states struct {
	d     *dfa
	all   []state
	index map[string]int32
	next  []int32 // by state and class
	// What a state is made with.
	seen  []uint32 // by place in the program: the round in which it was come to
	round uint32
	set   []uint32
	stack []uint32
	key   []byte
}

type state struct {
	set []uint32
	end int8 // whether the end of the text matches here: 0 unknown, 1 yes, -1 no
}

// newDFA makes one for an expression; nil where it asks what a state does not
// know: what stands on both sides of a place.
func newDFA(pattern string) *dfa {
	tree, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return nil
	}
	prog, err := syntax.Compile(tree.Simplify())
	if err != nil {
		return nil
	}
	for _, in := range prog.Inst {
		if in.Op == syntax.InstEmptyWidth && syntax.EmptyOp(in.Arg)&^(syntax.EmptyBeginText|syntax.EmptyEndText) != 0 {
			return nil
		}
	}
	d := &dfa{prog: prog}
	d.pool.New = func() any {
		return &states{d: d, index: map[string]int32{}, seen: make([]uint32, len(prog.Inst))}
	}
	return d
}

// match says whether the expression matches somewhere in s; not known where it
// cannot say.
func (d *dfa) match(s string) (matches, known bool) {
	if d.flooded.Load() >= mostFloods {
		return false, false
	}
	d.once.Do(d.classify)
	t := d.pool.Get().(*states)
	defer d.pool.Put(t)
	at := t.start()
	for i := 0; i < len(s) && at >= 0; i++ {
		c := s[i]
		if c >= 0x80 {
			return false, false
		}
		to := t.next[int(at)*d.classes+int(d.class[c])]
		if to == unmade {
			to = t.step(at, c)
		}
		at = to
	}
	switch at {
	case matched:
		return true, true
	case hopeless:
		return false, true
	case flooded:
		d.flooded.Add(1)
		t.clear()
		return false, false
	}
	return t.atEnd(at), true
}

// classify puts bytes together that no place of the program tells apart.
func (d *dfa) classify() {
	d.classes = 1
	for i := range d.prog.Inst {
		in := &d.prog.Inst[i]
		if !readsRune(in) {
			continue
		}
		split := map[uint8]uint8{} // the part of a class that the place matches
		var old [0x80]int          // how many of a class it does not match
		for c := range d.class {
			if !in.MatchRune(rune(c)) {
				old[d.class[c]]++
			}
		}
		for c := range d.class {
			of := d.class[c]
			if old[of] == 0 || !in.MatchRune(rune(c)) {
				continue
			}
			to, ok := split[of]
			if !ok {
				to = uint8(d.classes)
				split[of] = to
				d.classes++
			}
			d.class[c] = to
		}
	}
}

func readsRune(in *syntax.Inst) bool {
	switch in.Op {
	case syntax.InstRune, syntax.InstRune1, syntax.InstRuneAny, syntax.InstRuneAnyNotNL:
		return true
	}
	return false
}

func (t *states) clear() {
	t.all, t.next = t.all[:0], t.next[:0]
	clear(t.index)
}

// start is the state before the text. It is the first that is made.
func (t *states) start() int32 {
	if len(t.all) > 0 {
		return 0
	}
	t.begin()
	if t.add(uint32(t.d.prog.Start), syntax.EmptyBeginText) {
		return matched
	}
	return t.made()
}

// step is the state that a byte leads to.
func (t *states) step(from int32, c byte) int32 {
	t.begin()
	to := int32(unmade)
	for _, pc := range t.all[from].set {
		in := &t.d.prog.Inst[pc]
		if readsRune(in) && in.MatchRune(rune(c)) && t.add(in.Out, 0) {
			to = matched
			break
		}
	}
	if to == unmade && t.add(uint32(t.d.prog.Start), 0) { // a match may begin here
		to = matched
	}
	if to == unmade {
		to = t.made()
	}
	if to != flooded {
		t.next[int(from)*t.d.classes+int(t.d.class[c])] = to
	}
	return to
}

// atEnd says whether the end of the text makes a state match.
func (t *states) atEnd(at int32) bool {
	if s := &t.all[at]; s.end == 0 {
		s.end = -1
		t.begin()
		held := syntax.EmptyEndText
		if at == 0 {
			held |= syntax.EmptyBeginText
		}
		for _, pc := range s.set {
			if t.add(pc, held) {
				s.end = 1
				break
			}
		}
	}
	return t.all[at].end > 0
}

func (t *states) begin() {
	t.set = t.set[:0]
	if t.round++; t.round == 0 {
		clear(t.seen)
		t.round = 1
	}
}

// add adds the places that one leads to without a byte, where what holds here does;
// those that wait for the end of the text stay. It says whether one is the end of
// a match.
func (t *states) add(pc uint32, held syntax.EmptyOp) bool {
	t.stack = append(t.stack[:0], pc)
	for len(t.stack) > 0 {
		pc := t.stack[len(t.stack)-1]
		t.stack = t.stack[:len(t.stack)-1]
		if t.seen[pc] == t.round {
			continue
		}
		t.seen[pc] = t.round
		in := &t.d.prog.Inst[pc]
		switch in.Op {
		case syntax.InstMatch:
			return true
		case syntax.InstAlt, syntax.InstAltMatch:
			t.stack = append(t.stack, in.Out, in.Arg)
		case syntax.InstCapture, syntax.InstNop:
			t.stack = append(t.stack, in.Out)
		case syntax.InstEmptyWidth:
			asks := syntax.EmptyOp(in.Arg)
			if asks&^held == 0 {
				t.stack = append(t.stack, in.Out)
			} else if asks&^(held|syntax.EmptyEndText) == 0 {
				t.set = append(t.set, pc)
			}
		case syntax.InstFail:
		default:
			t.set = append(t.set, pc)
		}
	}
	return false
}

// made is the number of the state of the set, which may be new.
func (t *states) made() int32 {
	if len(t.set) == 0 {
		return hopeless
	}
	slices.Sort(t.set)
	t.key = t.key[:0]
	for _, pc := range t.set {
		t.key = binary.AppendUvarint(t.key, uint64(pc))
	}
	if n, ok := t.index[string(t.key)]; ok && n > 0 {
		return n
	}
	if len(t.all) == mostStates {
		return flooded
	}
	n := int32(len(t.all))
	t.index[string(t.key)] = n
	t.all = append(t.all, state{set: slices.Clone(t.set)})
	for range t.d.classes {
		t.next = append(t.next, unmade)
	}
	return n
}
