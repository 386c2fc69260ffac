package index

import (
	"maps"
	"slices"

	"escutcheon/detection/spl/value"
)

// texts finds many texts in a value at once, without the case of ASCII
// letters (Aho and Corasick, 1975). Each text leads to the plans that ask for
// it.
type texts struct {
	few    *skips     // of few texts, instead of what follows
	class  [256]uint8 // of a byte; 0 for those that are in no text
	width  int32
	next   []int32 // from state*width + class to state*width; with hit where texts end
	plans  [][]int32
	suffix []int32 // the longest other state with plans that ends here, or 0
}

// hit marks a way into a state in which some text ends.
const hit = -1 << 31

func newTexts(lists map[string][]int32) *texts {
	t := &texts{width: 1}
	words := slices.Sorted(maps.Keys(lists))
	if t.few = newSkips(words, lists); t.few != nil {
		return t
	}
	for _, w := range words {
		for i := 0; i < len(w); i++ {
			if c := w[i]; t.class[c] == 0 {
				t.class[c] = uint8(t.width)
				t.width++
			}
		}
	}
	for c := byte('A'); c <= 'Z'; c++ {
		t.class[c] = t.class[value.LowerByte(c)]
	}
	t.grow()
	for _, w := range words {
		s := int32(0)
		for i := 0; i < len(w); i++ {
			k := s*t.width + int32(t.class[w[i]])
			if t.next[k] == 0 {
				n := t.grow()
				t.next[k] = n
			}
			s = t.next[k]
		}
		t.plans[s] = lists[w]
	}
	t.link()
	for k, to := range t.next {
		t.next[k] = to * t.width
		if t.plans[to] != nil || t.suffix[to] != 0 {
			t.next[k] |= hit
		}
	}
	return t
}

// grow adds a state.
func (t *texts) grow() int32 {
	n := int32(len(t.plans))
	t.next = append(t.next, make([]int32, t.width)...)
	t.plans = append(t.plans, nil)
	t.suffix = append(t.suffix, 0)
	return n
}

// link fills in where a state goes on when no text does, in order of length.
func (t *texts) link() {
	fail := make([]int32, len(t.plans))
	var queue []int32
	for c := int32(0); c < t.width; c++ {
		if s := t.next[c]; s != 0 {
			queue = append(queue, s)
		}
	}
	for len(queue) > 0 {
		s := queue[0]
		queue = queue[1:]
		f := fail[s]
		t.suffix[s] = t.suffix[f]
		if t.plans[f] != nil {
			t.suffix[s] = f
		}
		for c := int32(0); c < t.width; c++ {
			n := t.next[s*t.width+c]
			if n == 0 {
				t.next[s*t.width+c] = t.next[f*t.width+c]
				continue
			}
			fail[n] = t.next[f*t.width+c]
			queue = append(queue, n)
		}
	}
}

// in calls found with the plans of each text that is in v.
func (t *texts) in(v string, found func([]int32)) {
	if t.few != nil {
		t.few.in(v, found)
		return
	}
	s := int32(0)
	for i := 0; i < len(v); i++ {
		if s = t.next[s+int32(t.class[v[i]])]; s >= 0 {
			continue
		}
		s &^= hit
		at := s / t.width
		if t.plans[at] != nil {
			found(t.plans[at])
		}
		for f := t.suffix[at]; f != 0; f = t.suffix[f] {
			found(t.plans[f])
		}
	}
}
