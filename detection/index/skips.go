package index

import "escutcheon/detection/spl/value"

// skips finds a few long texts in a value, and looks at no more than two of every
// so many of its bytes: wherever a text stands, one of its pairs of bytes is at such
// a place.
type skips struct {
	every int              // one less than the length of the shortest text
	pairs [manyPairs]uint8 // by the pair: from 1 on the place in at, 0 for none
	at    [][]pairAt
	texts []string
	plans [][]int32 // of each text
}

// pairAt is where in a text a pair stands.
type pairAt struct{ text, at int }

const manyPairs = 1024

// pairOf is a number of two bytes without their case: equal ones have the same.
func pairOf(a, b byte) uint { return (uint(a|0x20)<<5 ^ uint(b|0x20)) % manyPairs }

// Few texts are so many, and long ones have so many bytes at least: of others too
// little is skipped. They have less than 256 pairs together.
const (
	fewTexts = 8
	longText = 5
)

// newSkips is nil where texts are too many or too short.
func newSkips(words []string, lists map[string][]int32) *skips {
	if len(words) == 0 || len(words) > fewTexts {
		return nil
	}
	s := &skips{every: maxTextLen, texts: words}
	for _, w := range words {
		s.every = min(s.every, len(w)-1)
		s.plans = append(s.plans, lists[w])
	}
	if s.every < longText-1 {
		return nil
	}
	for k, w := range words {
		for i := range s.every {
			p := pairOf(w[i], w[i+1])
			if s.pairs[p] == 0 {
				s.at = append(s.at, nil)
				s.pairs[p] = uint8(len(s.at))
			}
			s.at[s.pairs[p]-1] = append(s.at[s.pairs[p]-1], pairAt{k, i})
		}
	}
	return s
}

// in calls found with the plans of each text that is in v.
func (s *skips) in(v string, found func([]int32)) {
	for i := 0; i+1 < len(v); i += s.every {
		k := s.pairs[pairOf(v[i], v[i+1])]
		if k == 0 {
			continue
		}
		for _, p := range s.at[k-1] {
			if i >= p.at && value.HasPrefixFold(v[i-p.at:], s.texts[p.text]) {
				found(s.plans[p.text])
			}
		}
	}
}
