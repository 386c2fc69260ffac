package index

import "escutcheon/detection/spl/value"

// skips finds a few long texts in a value, and looks at no more than every so many
// of its bytes (Wu and Manber, 1994): at two that stand at the end of where a text
// may begin. What they are says how far on the next such place is.
type skips struct {
	least int              // length of the shortest text
	shift [skipPairs]uint8 // by the two bytes
	texts []string
	plans [][]int32 // of each text
}

const skipPairs = 1024

// pairOf is a number of two bytes without their case: equal ones have the same.
func pairOf(a, b byte) uint { return (uint(a|0x20)<<5 ^ uint(b|0x20)) % skipPairs }

// Few texts are so many, and long ones have so many bytes at least: of others too
// little is skipped.
const (
	fewTexts = 8
	longText = 5
)

// newSkips is nil where texts are too many or too short.
func newSkips(words []string, lists map[string][]int32) *skips {
	if len(words) == 0 || len(words) > fewTexts {
		return nil
	}
	s := &skips{least: maxTextLen}
	for _, w := range words {
		s.least = min(s.least, len(w))
		s.texts, s.plans = append(s.texts, w), append(s.plans, lists[w])
	}
	if s.least < longText {
		return nil
	}
	for i := range s.shift {
		s.shift[i] = uint8(s.least - 1)
	}
	for _, w := range words {
		for i := 1; i < s.least; i++ {
			k := pairOf(w[i-1], w[i])
			s.shift[k] = min(s.shift[k], uint8(s.least-1-i))
		}
	}
	return s
}

// in calls found with the plans of each text that is in v.
func (s *skips) in(v string, found func([]int32)) {
	for end := s.least - 1; end < len(v); {
		if skip := int(s.shift[pairOf(v[end-1], v[end])]); skip > 0 {
			end += skip
			continue
		}
		for k, text := range s.texts {
			if value.HasPrefixFold(v[end+1-s.least:], text) {
				found(s.plans[k])
			}
		}
		end++
	}
}
