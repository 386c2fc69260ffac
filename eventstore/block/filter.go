package block

// What the first byte of a filter says.
const (
	anything    = 1 << iota // the block may hold any word
	disguised               // an escape stands for a character that needs none
	beyondASCII             // there are other characters than those of ASCII
	noUTF8                  // and bytes that are no UTF-8
	alike                   // and some that are letters of ASCII when case does not count
)

const (
	bitsOfWord = 16
	probes     = 6
)

// filter is the filter of the words gathered: the marks, then the bits.
func (s *wordSet) filter() []byte {
	if s.marks&anything != 0 {
		return []byte{s.marks}
	}
	out := make([]byte, 1+max(s.n*bitsOfWord/8, 8))
	out[0] = s.marks
	set, size := out[1:], uint64(len(out)-1)*8
	for _, h := range s.slots {
		if h == 0 {
			continue
		}
		a, b := uint32(h>>32), uint32(h)|1
		for range probes {
			bit := uint64(a) * size >> 32
			set[bit/8] |= 1 << (bit % 8)
			a += b
		}
	}
	return out
}

// MayHold says whether a block with this filter may hold all of the words, each
// given by its WordHash. Without a filter it may hold anything. Of a thousand
// words that a block does not hold, about one passes.
func MayHold(filter []byte, words []uint64) bool {
	if len(filter) < 2 || filter[0]&anything != 0 {
		return true
	}
	set, size := filter[1:], uint64(len(filter)-1)*8
	for _, h := range words {
		if h&1 != 0 && filter[0]&noUTF8 != 0 { // in which code page its letters are is not known
			continue
		}
		a, b := uint32(h>>32), uint32(h)|1
		for range probes {
			bit := uint64(a) * size >> 32
			if set[bit/8]&(1<<(bit%8)) == 0 {
				return false
			}
			a += b
		}
	}
	return true
}

// FilterOf is the filter of records that were packed without one, as Pack makes
// it.
func FilterOf(o *Originals) []byte {
	p := newPacker()
	defer p.release()
	p.words.reset()
	for i := range o.Len() {
		p.words.add(o.record(i))
	}
	return p.words.filter()
}
