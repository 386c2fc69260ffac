package spl

import (
	"slices"
	"strings"

	"escutcheon/detection/spl/value"
)

// sieve finds the rows of a table whose pattern a value matches, without trying
// each: tables have up to 100,000 patterns, nearly all of them a text with a star
// before it, and many rows the same one.
type sieve struct {
	all   []int // where there are no patterns: the rows
	list  []sifting
	whole map[string][]int // in the list: those without a star, by their text
	tails map[string][]int // by the text behind the last star, or its end
	heads map[string][]int // by the text before the first star, or its beginning
	grams map[uint32][]int // by four bytes of the text between stars
	any   []int            // those that any value may match
	long  [sieveEnd + 1]bool
	known map[string]int // while it is made: the patterns in the list
}

// sifting is a pattern and the rows that have it, in order.
type sifting struct {
	text string
	rows []int
}

// sieveEnd is how many bytes of an end are looked at, at most.
const sieveEnd = 24

// add puts a row with a pattern into it. Rows come in order.
func (s *sieve) add(row int, text string) {
	i, ok := s.known[text]
	if ok {
		s.list[i].rows = append(s.list[i].rows, row)
		return
	}
	if s.known == nil {
		s.known, s.whole, s.tails, s.heads = map[string]int{}, map[string][]int{}, map[string][]int{}, map[string][]int{}
		s.grams = map[uint32][]int{}
	}
	i = len(s.list)
	s.known[text] = i
	s.list = append(s.list, sifting{text, []int{row}})
	low := strings.ToLower(text)
	first, last := strings.IndexByte(low, '*'), strings.LastIndexByte(low, '*')
	switch p := value.NewPattern(text); {
	case !value.IsASCII(text) || p.IsNumber() || p.IsRange():
		s.any = append(s.any, i)
	case first < 0:
		s.whole[low] = append(s.whole[low], i)
	case last < len(low)-1:
		s.end(s.tails, low[max(last+1, len(low)-sieveEnd):], i)
	case first > 0:
		s.end(s.heads, low[:min(first, sieveEnd)], i)
	default:
		s.within(low, i)
	}
}

func (s *sieve) end(ends map[string][]int, text string, i int) {
	s.long[len(text)] = true
	ends[text] = append(ends[text], i)
}

// within notes a pattern that begins and ends with a star, by those four bytes of
// it that the fewest others are noted by.
func (s *sieve) within(low string, i int) {
	best, found := uint32(0), false
	for part := range strings.SplitSeq(low, "*") {
		for at := range max(len(part)-gramLen+1, 0) {
			g := gram(part[at:])
			if !found || len(s.grams[g]) < len(s.grams[best]) {
				best, found = g, true
			}
		}
	}
	if !found {
		s.any = append(s.any, i)
		return
	}
	s.grams[best] = append(s.grams[best], i)
}

const gramLen = 4

func gram(s string) uint32 {
	return uint32(s[0]) | uint32(s[1])<<8 | uint32(s[2])<<16 | uint32(s[3])<<24
}

// rows are those whose pattern a value matches, in order. With exact, texts
// without a star are compared with their case.
func (s *sieve) rows(v string, exact bool) (out []int) {
	try := func(i int) {
		p := value.NewPattern(s.list[i].text)
		if p.Match(v) && (!exact || p.Wild() || s.list[i].text == v) {
			out = append(out, s.list[i].rows...)
		}
	}
	if value.IsASCII(v) {
		for _, i := range s.candidates(strings.ToLower(v)) {
			try(i)
		}
	} else { // other letters may fold to those of a pattern
		for i := range s.list {
			try(i)
		}
	}
	slices.Sort(out)
	return out
}

// candidates are the patterns that a value in lower case may match.
func (s *sieve) candidates(low string) []int {
	out := append(slices.Clip(s.any), s.whole[low]...)
	for n := 1; n <= min(sieveEnd, len(low)); n++ {
		if s.long[n] {
			out = append(out, s.tails[low[len(low)-n:]]...)
			out = append(out, s.heads[low[:n]]...)
		}
	}
	if len(s.grams) == 0 {
		return out
	}
	for at := range max(len(low)-gramLen+1, 0) {
		out = append(out, s.grams[gram(low[at:])]...)
	}
	slices.Sort(out) // one may be found twice
	return slices.Compact(out)
}
