package block

import (
	"bytes"
	"slices"
	"strings"
	"unicode/utf8"
	"unsafe"
)

// Finder finds the records that may hold some words and texts, as a person reads
// them: with the escapes of their format decoded, without case. What it finds is
// to be looked at again, by who decodes; what it passes over holds them in no
// format. It says nothing of texts that no record carries because a decoder makes
// them. It may be used by several goroutines at a time.
type Finder struct {
	hashes  []uint64
	parts   []part // each must be there
	foreign bool   // and a letter beyond ASCII
}

// part is a stretch that stands in a record as it is read, whatever the format.
type part struct {
	low   string // ASCII, small letters
	whole bool   // nothing but it belongs to its word
}

// NewFinder makes a finder of what holds all of the words, whole, and all of the
// texts, anywhere.
func NewFinder(words, texts []string) *Finder {
	f := &Finder{}
	for _, w := range words {
		f.hashes = append(f.hashes, WordHash(w))
		f.split(w, true)
	}
	for _, t := range texts {
		for _, w := range WordsIn(t) {
			f.hashes = append(f.hashes, WordHash(w))
		}
		f.split(t, false)
	}
	return f
}

// All says whether the finder finds everything.
func (f *Finder) All() bool { return len(f.hashes) == 0 && len(f.parts) == 0 && !f.foreign }

// split adds the stretches of text that no format writes in another way.
func (f *Finder) split(text string, whole bool) {
	for i := 0; i < len(text); {
		start := i
		var low []byte
		for ; i < len(text) && text[i] < 0x80 && !oftenEscaped(text[i]); i++ {
			low = append(low, lower(text[i]))
		}
		if i == start {
			r, n := utf8.DecodeRuneInString(text[i:])
			f.foreign = f.foreign || fold(r) >= utf8.RuneSelf
			i += n
			continue
		}
		p := part{string(low), whole && len(low) == len(text)}
		if !slices.Contains(f.parts, p) {
			f.parts = append(f.parts, p)
		}
	}
}

// MayHold says whether a block with this filter may hold what is looked for; nil
// is the filter of which nothing is known.
func (f *Finder) MayHold(filter []byte) bool {
	if f.foreign && len(filter) > 0 && filter[0]&(beyondASCII|anything) == 0 {
		return false
	}
	return MayHold(filter, f.hashes)
}

// Rows appends to out those of the rows, which ascend, whose record may be one.
// filter is that of the block, or nil.
func (f *Finder) Rows(o *Originals, filter []byte, rows, out []int32) []int32 {
	if len(f.parts) == 0 {
		return append(out, rows...)
	}
	s := newSearch(f.parts, o.bytes)
	if s.marks = 0xff; len(filter) > 0 {
		s.marks = filter[0]
	}
	if s.marks&(anything|disguised|alike) != 0 || len(rows) < o.Len()/8 {
		for _, row := range rows {
			if raw := o.record(int(row)); s.odd(raw) || s.in(raw) {
				out = append(out, row)
			}
		}
		return out
	}
	return s.all(o, rows, out)
}

// search looks for parts in the records of one block.
type search struct {
	parts []part
	marks byte
	at    []int // of each part, the place in it of the byte that is looked for
	first int   // the part that is looked for first
}

// newSearch looks for the bytes of each part that are rarest in some of the
// block's, and for the part whose is rarer than the others'.
func newSearch(parts []part, b []byte) *search {
	s := &search{parts: parts, at: make([]int, len(parts))}
	var n [256]int
	for step, i := max(len(b)/4096, 1), 0; i < len(b); i += step {
		n[b[i]]++
	}
	best := -1
	for p := range parts {
		rarest := -1
		for i := range len(parts[p].low) {
			c := parts[p].low[i]
			often := n[c]
			if large := upper(c); large != c {
				often += n[large]
			}
			if rarest < 0 || often < rarest {
				rarest, s.at[p] = often, i
			}
		}
		if best < 0 || rarest < best {
			best, s.first = rarest, p
		}
	}
	return s
}

// odd says whether a record may be read in a way that its bytes do not tell: by
// escapes that need not be, or by letters that are others without case.
func (s *search) odd(raw []byte) bool {
	if s.marks&(anything|disguised|alike) == 0 {
		return false
	}
	holds := func(what string) bool { return strings.Contains(unsafe.String(unsafe.SliceData(raw), len(raw)), what) }
	return slices.ContainsFunc(Veiled[:3], holds) || s.marks&alike != 0 && slices.ContainsFunc(Veiled[3:], holds)
}

// in says whether a record holds all of the parts.
func (s *search) in(raw []byte) bool {
	for i := range s.parts {
		p := (s.first + i) % len(s.parts)
		if at, _ := s.next(p, raw, cursor{}); at < 0 {
			return false
		}
	}
	return true
}

// all finds the rows by a search in all of a block's bytes at once.
func (s *search) all(o *Originals, rows, out []int32) []int32 {
	c := cursor{loose: true} // other records' bytes stand beside
	for len(rows) > 0 {
		var at int
		if at, c = s.next(s.first, o.bytes, c); at < 0 {
			break
		}
		n, _ := slices.BinarySearchFunc(rows, at, func(row int32, at int) int {
			if o.ends[row] <= at {
				return -1
			}
			return 1
		})
		if rows = rows[n:]; len(rows) == 0 {
			break
		}
		from, to := o.span(int(rows[0]))
		if at < from { // in a record that is not asked for
			c.from = from
			continue
		}
		if s.in(o.bytes[from:to]) {
			out = append(out, rows[0])
		}
		rows, c.from = rows[1:], to
	}
	return out
}

// cursor is where a search for a byte stands.
type cursor struct {
	from       int // the part begins here at the earliest
	started    bool
	loose      bool // whole words are not asked for
	low, large int  // where the byte stands next as a small and as a large letter, -1 for nowhere
}

// next is where a part begins in b, from the cursor on; -1 for nowhere.
func (s *search) next(part int, b []byte, c cursor) (int, cursor) {
	p, behind := &s.parts[part], s.at[part]
	low := p.low[behind]
	large := upper(low)
	for {
		from := c.from + behind
		if !c.started || c.low >= 0 && c.low < from {
			c.low = indexFrom(b, low, from)
		}
		if large == low {
			c.large = -1
		} else if !c.started || c.large >= 0 && c.large < from {
			c.large = indexFrom(b, large, from)
		}
		c.started = true
		at := c.low
		if at < 0 || c.large >= 0 && c.large < at {
			at = c.large
		}
		if at < 0 {
			return -1, c
		}
		if at -= behind; p.stands(b, at, c.loose) {
			return at, c
		}
		c.from = at + 1
	}
}

func indexFrom(b []byte, c byte, from int) int {
	if from >= len(b) {
		return -1
	}
	if i := bytes.IndexByte(b[from:], c); i >= 0 {
		return from + i
	}
	return -1
}

func upper(c byte) byte {
	if 'a' <= c && c <= 'z' {
		c -= 'a' - 'A'
	}
	return c
}

// stands says whether the part stands in b at a place.
func (p *part) stands(b []byte, at int, loose bool) bool {
	end := at + len(p.low)
	if at < 0 || end > len(b) {
		return false
	}
	for i, c := range b[at:end] {
		if lower(c) != p.low[i] {
			return false
		}
	}
	return loose || !p.whole || begins(b, at) && (end == len(b) || !isWord(b[end]))
}

// begins says whether a word may begin at a place: behind something else, or
// behind the letters of an escape.
func begins(b []byte, at int) bool {
	return at == 0 || !isWord(b[at-1]) || at > 1 && b[at-2] == '\\' || at > 5 && b[at-5] == 'u' && b[at-6] == '\\'
}

// Texts are stretches of ASCII, small letters, that each record has which Rows finds,
// without case, but for those that Veiled names.
func (f *Finder) Texts() (out []string) {
	for _, p := range f.parts {
		out = append(out, p.low)
	}
	return out
}

// Veiled are what records hold, one of them, that may be read in a way which their bytes
// do not tell.
var Veiled = []string{`\u`, "&#", "<!", "\u212a", "\u017f"}
