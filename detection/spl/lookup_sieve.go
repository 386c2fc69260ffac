package spl

import (
	"math"
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
	whole map[string]int32 // in the list: those without a star, by their text
	tails map[string]int32 // by the text behind the last star, or its end
	heads map[string]int32 // by the text before the first star, or its beginning
	inner []int32          // those between stars, by a number of gram
	any   []int            // those that any value may match
	long  [sieveEnd + 1]bool

	known map[string]int32 // while it is made: the patterns in the list
	mids  []int32          // likewise: those of inner
}

// sifting is a pattern and the rows that have it, in order. Those that one text or
// gram leads to are a chain.
type sifting struct {
	text string
	row  int
	more []int  // rows
	gram uint32 // of one in inner
	next int32  // in the list, from 1 on; 0 ends the chain
}

// sieveEnd is how many bytes of an end are looked at, at most.
const sieveEnd = 24

// newSieve is one of about so many rows.
func newSieve(rows int) *sieve {
	return &sieve{known: make(map[string]int32, rows), list: make([]sifting, 0, rows),
		whole: map[string]int32{}, tails: map[string]int32{}, heads: map[string]int32{}}
}

// add puts a row with a pattern into it. Rows come in order.
func (s *sieve) add(row int, text string) {
	if i, ok := s.known[text]; ok {
		s.list[i].more = append(s.list[i].more, row)
		return
	}
	i := len(s.list)
	s.known[text] = int32(i)
	s.list = append(s.list, sifting{text: text, row: row})
	low := strings.ToLower(text)
	first, last := strings.IndexByte(low, '*'), strings.LastIndexByte(low, '*')
	switch {
	case !value.IsASCII(text) || first < 0 && special(text):
		s.any = append(s.any, i)
	case first < 0:
		s.chain(s.whole, low, i)
	case last < len(low)-1:
		s.end(s.tails, low[max(last+1, len(low)-sieveEnd):], i)
	case first > 0:
		s.end(s.heads, low[:min(first, sieveEnd)], i)
	default:
		s.mids = append(s.mids, int32(i))
	}
}

// special says whether a pattern without a star is compared in another way than
// as a text.
func special(text string) bool {
	p := value.NewPattern(text)
	return p.IsNumber() || p.IsRange()
}

func (s *sieve) end(ends map[string]int32, text string, i int) {
	s.long[len(text)] = true
	s.chain(ends, text, i)
}

func (s *sieve) chain(by map[string]int32, text string, i int) {
	s.list[i].next, by[text] = by[text], int32(i+1)
}

// made ends the making.
func (s *sieve) made() {
	size := 16
	for size < len(s.mids) && size < 1<<16 {
		size *= 2
	}
	if len(s.mids) > 0 {
		s.inner = make([]int32, size)
	}
	lengths := make([]uint16, len(s.inner)) // of the chains
	for _, i := range s.mids {
		s.within(int(i), lengths)
	}
	s.known, s.mids = nil, nil
}

// within notes a pattern that begins and ends with a star, by four bytes of it that
// the fewest others are noted by.
func (s *sieve) within(i int, lengths []uint16) {
	best, found := uint32(0), false
	for part := range strings.SplitSeq(strings.ToLower(s.list[i].text), "*") {
		for at := range max(len(part)-gramLen+1, 0) {
			g := gram(part[at:])
			if !found || lengths[s.place(g)] < lengths[s.place(best)] {
				best, found = g, true
			}
		}
	}
	if !found {
		s.any = append(s.any, i)
		return
	}
	at := s.place(best)
	lengths[at] += min(1, math.MaxUint16-lengths[at])
	s.list[i].gram, s.list[i].next, s.inner[at] = best, s.inner[at], int32(i+1)
}

const gramLen = 4

func gram(s string) uint32 {
	return uint32(s[0]) | uint32(s[1])<<8 | uint32(s[2])<<16 | uint32(s[3])<<24
}

// place is where in inner a gram's chain begins.
func (s *sieve) place(g uint32) uint32 { return g * 0x9E3779B1 >> 16 % uint32(len(s.inner)) }

// rows are those whose pattern a value matches, in order. With exact, texts
// without a star are compared with their case.
func (s *sieve) rows(v string, exact bool) (out []int) {
	try := func(i int) {
		p := value.NewPattern(s.list[i].text)
		if p.Match(v) && (!exact || p.Wild() || s.list[i].text == v) {
			out = append(append(out, s.list[i].row), s.list[i].more...)
		}
	}
	if value.FoldsToASCII(v) { // it may be a text of a pattern
		for i := range s.list {
			try(i)
		}
	} else {
		for _, i := range s.candidates(strings.ToLower(v)) {
			try(i)
		}
	}
	slices.Sort(out)
	return out
}

// candidates are the patterns that a value in lower case may match.
func (s *sieve) candidates(low string) []int {
	out := slices.Clip(s.any)
	add := func(first int32) {
		for i := first; i > 0; i = s.list[i-1].next {
			out = append(out, int(i-1))
		}
	}
	add(s.whole[low])
	for n := 1; n <= min(sieveEnd, len(low)); n++ {
		if s.long[n] {
			add(s.tails[low[len(low)-n:]])
			add(s.heads[low[:n]])
		}
	}
	if len(s.inner) == 0 {
		return out
	}
	for at := range max(len(low)-gramLen+1, 0) {
		g := gram(low[at:])
		for i := s.inner[s.place(g)]; i > 0; i = s.list[i-1].next {
			if s.list[i-1].gram == g {
				out = append(out, int(i-1))
			}
		}
	}
	slices.Sort(out) // one may be found twice
	return slices.Compact(out)
}
