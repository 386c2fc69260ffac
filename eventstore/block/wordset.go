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
	foreign := uint64(0)
	w := reading{set: s, s: text}
	for i := 0; i < len(text); {
		x := load(text, i)
		word, low := classify(x)
		if skip := bits.TrailingZeros64(word) / 8; skip > 0 {
			i += skip
			continue
		}
		start, h, seen := i, uint64(seed), uint64(0)
		for {
			n := bits.TrailingZeros64(^word&high) / 8
			if n == 8 {
				h, seen, i = mix(h, low), seen|x, i+8
				x = load(text, min(i, len(text)))
				word, low = classify(x)
				continue
			}
			if n > 0 {
				mask := uint64(1)<<(8*n) - 1
				h, seen, i = mix(h, low&mask), seen|x&mask, i+n
			}
			break
		}
		if seen &= high; seen != 0 {
			foreign |= seen
			s.put(hashForeign(text[start:i]))
		} else {
			s.put(seal(h, false))
		}
		w.word(start, i)
	}
	if foreign != 0 {
		s.marks |= beyondASCII
		if !utf8.Valid(text) {
			s.marks |= noUTF8
		}
	}
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
