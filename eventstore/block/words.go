package block

import (
	"encoding/binary"
	"math/bits"
	"unicode"
	"unicode/utf8"
)

// A word is a run of letters and digits as long as can be: of ASCII letters,
// whose case does not count, digits, and all bytes from 0x80 on. A record's
// words are those of its bytes as they stand, and those that a person sees where
// an escape of JSON (\n, \u00e9) or a reference of XML (&#233;) is decoded: both
// readings are in the filter, since nobody here knows which of them is meant.

const (
	high  = 0x8080808080808080
	every = 0x0101010101010101
)

// load is the eight bytes of s from i on, little endian; zeros behind its end.
func load(s []byte, i int) uint64 {
	if i+8 <= len(s) {
		return binary.LittleEndian.Uint64(s[i:])
	}
	var b [8]byte
	copy(b[:], s[i:])
	return binary.LittleEndian.Uint64(b[:])
}

// classify finds which of eight bytes belong to words (0x80 for each that does)
// and makes the ASCII letters among them small.
func classify(x uint64) (word, low uint64) {
	y := x &^ high
	z := y | 0x20*every
	letter := (z + (0x80-'a')*every) &^ (z + (0x7f-'z')*every) & high
	digit := (y + (0x80-'0')*every) &^ (y + (0x7f-'9')*every)
	letter &^= x & high // a byte from 0x80 on is no ASCII letter
	return (letter | digit | x) & high, x | letter>>2
}

const (
	seed = 0x9e3779b97f4a7c15
	mulA = 0xa0761d6478bd642f
	mulB = 0xe7037ed1a0b428db
)

// mix adds up to eight bytes of a word to its hash.
func mix(h, bytes uint64) uint64 {
	hi, lo := bits.Mul64(h^mulA, bytes^mulB)
	return hi ^ lo
}

// seal ends a hash. Its last bit says that the word has other letters than those
// of ASCII.
func seal(h uint64, foreign bool) uint64 {
	h = (h ^ h>>32) * mulB &^ 1
	if foreign {
		h |= 1
	}
	return h
}

// WordHash is how a word is known to filters. Case does not count.
func WordHash(word string) uint64 { return hashWord([]byte(word)) }

func hashWord(w []byte) uint64 {
	h, foreign := uint64(seed), uint64(0)
	for i := 0; i < len(w); i += 8 {
		x := load(w, i)
		foreign |= x & high
		_, low := classify(x)
		h = mix(h, low)
	}
	if foreign != 0 {
		return hashForeign(w)
	}
	return seal(h, false)
}

// hashForeign hashes a word with letters beyond ASCII: of each letter the first
// of those that are the same without case, which may be one of ASCII (K is k).
func hashForeign(w []byte) uint64 {
	var room [64]byte
	b, foreign := room[:0], false
	for len(w) > 0 {
		r, n := utf8.DecodeRune(w)
		switch {
		case r == utf8.RuneError && n == 1: // no UTF-8: the byte itself
			b, foreign = append(b, w[0]), true
		case r < utf8.RuneSelf:
			b = append(b, lower(byte(r)))
		default:
			if r = fold(r); r < utf8.RuneSelf {
				b = append(b, lower(byte(r)))
			} else {
				b, foreign = utf8.AppendRune(b, r), true
			}
		}
		w = w[n:]
	}
	h := uint64(seed)
	for i := 0; i < len(b); i += 8 {
		h = mix(h, load(b, i))
	}
	return seal(h, foreign)
}

// fold is the first of the letters that are the same without case.
func fold(r rune) rune {
	least := r
	for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
		least = min(least, f)
	}
	return least
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		c += 'a' - 'A'
	}
	return c
}

func isWord(c byte) bool {
	return c >= 0x80 || '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'z'
}

// WordsIn are the words that whatever holds text, at any place, holds whole:
// those of its words that something else stands before and behind.
func WordsIn(text string) (whole []string) {
	for i := 0; i < len(text); {
		start := i
		for i < len(text) && isWord(text[i]) {
			i++
		}
		if start > 0 && start < i && i < len(text) {
			whole = append(whole, text[start:i])
		}
		if i == start {
			i++
		}
	}
	return whole
}
