package rx

// memo is what a run knows of a program beside its jobs. Where no group is
// referred to, a state that was tried and has failed fails again, so none is
// tried twice: bits has one for each state. Else loops has the place, in the
// run's places, at which each loop was last, so that one that matches nothing
// ends.
type memo struct {
	bits  []uint64
	width int
	loops int
	log   []int // the states that a look around has tried
	logs  bool
}

// maxBits bounds the bits of one program: 8 MiB.
const maxBits = 1 << 26

func (r *run) memoOf(p *program) *memo {
	m := r.memos[p]
	if m != nil {
		return m
	}
	m = &memo{width: len(r.s) + 1, loops: len(r.places)}
	if n := len(p.prog.Inst) * m.width; !p.refs && n <= maxBits {
		words := (n + 63) / 64
		r.spend(words / perWord)
		m.bits = make([]uint64, words)
	} else {
		for range p.prog.Inst {
			r.places = append(r.places, -1)
		}
	}
	r.memos[p] = m
	return m
}

// visited notes a state and says whether it was there before.
func (m *memo) visited(pc uint32, pos int) bool {
	if m.bits == nil {
		return false
	}
	n := int(pc)*m.width + pos
	if m.bits[n/64]&(1<<(n%64)) != 0 {
		return true
	}
	m.bits[n/64] |= 1 << (n % 64)
	if m.logs {
		m.log = append(m.log, n)
	}
	return false
}

// forget takes back what was noted since the log was last empty, or with
// failed leaves it: that will fail again.
func (m *memo) forget(failed bool) {
	for _, n := range m.log {
		if failed {
			break
		}
		m.bits[n/64] &^= 1 << (n % 64)
	}
	m.log = m.log[:0]
}

// turn says whether a loop may go round at a place: not twice at the same.
func (r *run) turn(m *memo, pc uint32, pos int) bool {
	if m.bits != nil {
		return true
	}
	i := m.loops + int(pc)
	if r.places[i] == pos {
		return false
	}
	r.set(i, pos)
	return true
}
