package block

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"math/rand/v2"
	"unicode/utf8"
)

// mostWords is of how many words a filter is made: what has more may hold
// anything.
const mostWords = 1 << 18

// wordSet gathers the words of records, each once: their hashes in an open
// table.
type wordSet struct {
	slots []uint64 // 0 for free
	n     int
	shift int
	odd   uint64 // of this process, so that no log can choose where its words fall
	marks byte
	buf   []byte
	edges []uint32
}

func (s *wordSet) reset() {
	if s.slots == nil || len(s.slots) > 1<<15 {
		s.odd = rand.Uint64() | 1
		s.slots, s.shift = make([]uint64, 1<<13), 64-13
	} else {
		clear(s.slots)
	}
	s.n, s.marks = 0, 0
}

func (s *wordSet) put(h uint64) {
	if h == 0 {
		h = 2
	}
	i := int(h * s.odd >> s.shift)
	for s.slots[i] != h {
		if s.slots[i] == 0 {
			s.slots[i] = h
			if s.n++; s.n > len(s.slots)/2 {
				s.grow()
			}
			return
		}
		i = (i + 1) & (len(s.slots) - 1)
	}
}

func (s *wordSet) grow() {
	if s.n > mostWords {
		s.marks |= anything
		clear(s.slots)
		s.n = 0
		return
	}
	old := s.slots
	s.slots, s.shift, s.n = make([]uint64, 2*len(old)), s.shift-1, 0
	for _, h := range old {
		if h != 0 {
			s.put(h)
		}
	}
}

// add adds the words of one record.
func (s *wordSet) add(raw []byte) {
	text := readable(raw)
	if bytes.Contains(text, []byte("<!")) { // a comment or CDATA of XML may stand within a word
		s.marks |= anything
	}
	beyond := false
	w := reading{set: s, s: text}
	for from := 0; from < len(text); {
		to := s.cut(text, from)
		for i := 0; i+1 < len(s.edges); i += 2 {
			start, end := from+int(s.edges[i]), from+int(s.edges[i+1])
			h, foreign := hashASCII(text, start, end)
			if foreign {
				h, beyond = s.foreign(text[start:end]), true
			}
			s.put(h)
			if c := text[max(start-1, 0)]; c == '\\' || c == '#' {
				start = w.word(start, end)
			}
			if start < end {
				w.start, w.end = start, end
			}
		}
		from = to
	}
	if beyond {
		s.marks |= beyondASCII
		if !utf8.Valid(text) {
			s.marks |= noUTF8
		}
	}
}

// stretch is how much of a record is looked at a time, in bytes.
const stretch = 64 << 10

// cut finds the edges of the words from a place on, up to where it returns:
// behind a stretch of text, but not within a word.
func (s *wordSet) cut(text []byte, from int) (to int) {
	to = min(from+stretch, len(text))
	s.edges = edges(text[from:to], s.edges[:0])
	if to == len(text) || !isWord(text[to]) || !isWord(text[to-1]) {
		return to
	}
	last := len(s.edges) - 2
	if start := from + int(s.edges[last]); start > from {
		s.edges = s.edges[:last]
		return start
	}
	for to < len(text) && isWord(text[to]) {
		to++
	}
	s.edges[1] = uint32(to - from)
	return to
}

// foreign hashes a word with letters beyond ASCII.
func (s *wordSet) foreign(w []byte) uint64 {
	h, like := hashForeign(w)
	if like {
		s.marks |= alike
	}
	return h
}

// edges appends where the words of text begin and end, by turns.
func edges(text []byte, out []uint32) []uint32 {
	last := uint64(0) // whether the byte before belongs to a word
	for i := 0; i < len(text); i += 64 {
		var words uint64
		if i+64 <= len(text) {
			for k := 0; k < 64; k += 8 {
				words |= classify(binary.LittleEndian.Uint64(text[i+k:])) << k
			}
		} else {
			for k := 0; i+k < len(text); k += 8 {
				words |= classify(load(text, i+k)) << k
			}
		}
		for edge := words ^ (words<<1 | last); edge != 0; edge &= edge - 1 {
			out = append(out, uint32(i+bits.TrailingZeros64(edge)))
		}
		last = words >> 63
	}
	if last != 0 {
		out = append(out, uint32(len(text)))
	}
	return out
}

// readable is what a person reads of a record: of one from an EVTX file, the XML
// that stands before its bytes.
func readable(raw []byte) []byte {
	if !bytes.HasPrefix(raw, []byte("<Event")) {
		return raw
	}
	i := bytes.Index(raw, []byte("</Event>\x00**\x00\x00"))
	if i < 0 {
		return raw
	}
	i += len("</Event>")
	if own := raw[i+1:]; len(own) > 28 && binary.LittleEndian.Uint32(own[4:]) == uint32(len(own)) &&
		binary.LittleEndian.Uint32(own[len(own)-4:]) == uint32(len(own)) {
		return raw[:i]
	}
	return raw
}
