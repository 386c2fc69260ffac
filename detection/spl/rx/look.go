package rx

import "unicode/utf8"

// look looks around with Go's engine, in the part of the text before or after
// the place.
func (r *run) look(m *mark, pos int) int {
	start := pos
	part := r.s[pos:]
	if m.behind {
		start = max(pos-maxBehind, 0)
		part = r.s[start:pos]
	}
	if !r.spend(cost(len(part), m.states)) {
		return -1
	}
	if m.not || m.inner == 0 {
		if m.fast.MatchString(part) == m.not {
			return -1
		}
		return pos
	}
	found := m.fast.FindStringSubmatchIndex(part)
	if found == nil {
		return -1
	}
	for i, at := range found[2:] {
		if at >= 0 {
			at += start
		}
		r.set(2*(m.first+1)+i, at)
	}
	return pos
}

// lookSlow looks around with a program of ours, or runs an atomic group.
func (r *run) lookSlow(m *mark, pos int) int {
	base := len(r.jobs)
	memo := r.memoOf(m.slow)
	memo.logs = true
	end := r.lookFrom(m, pos)
	memo.forget(end < 0 && !m.behind)
	switch {
	case r.budget.Over(): // whatever was asked for, it is not known
		r.undo(base)
		return -1
	case m.atomic:
		return end
	case (end >= 0) == m.not:
		r.undo(base)
		return -1
	case m.not:
		r.undo(base)
	}
	return pos
}

// lookFrom returns where what is looked for ends, or -1.
func (r *run) lookFrom(m *mark, pos int) int {
	if !m.behind {
		return r.match(m.slow, pos, -1)
	}
	for at := pos; at >= max(pos-maxBehind, 0); at-- {
		if at < len(r.s) && !utf8.RuneStart(r.s[at]) {
			continue
		}
		if end := r.match(m.slow, at, pos); end >= 0 {
			return end
		}
	}
	return -1
}
