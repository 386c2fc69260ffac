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
	copy(b[:], s[min(i, len(s)):])
	return binary.LittleEndian.Uint64(b[:])
}

// classify finds which of eight bytes belong to words: a bit for each.
func classify(x uint64) uint64 {
	y := x &^ high
	z := y | 0x20*every
	letter := (z + (0x80-'a')*every) &^ (z + (0x7f-'z')*every)
	digit := (y + (0x80-'0')*every) &^ (y + (0x7f-'9')*every)
	return (letter | digit | x) & high * 0x0002040810204081 >> 56
}

const (
	seed = 0x9e3779b97f4a7c15
	mulA = 0xa0761d6478bd642f
	mulB = 0xe7037ed1a0b428db
)

// mix adds up to sixteen bytes of a word, small letters, to its hash.
func mix(h, a, b uint64) uint64 {
	hi, lo := bits.Mul64(a^h, b^mulA)
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

// masks are those of the first n of sixteen bytes.
var masks = func() (m [17][2]uint64) {
	for n := range m {
		m[n] = [2]uint64{1<<(8*min(n, 8)) - 1, 1<<(8*max(n-8, 0)) - 1}
	}
	return m
}()

// WordHash is how a word is known to filters. Case does not count.
func WordHash(word string) uint64 { return hashWord([]byte(word)) }

func hashWord(w []byte) uint64 {
	h, foreign := hashASCII(w, 0, len(w))
	if foreign {
		h, _ = hashForeign(w)
	}
	return h
}

// hashASCII hashes the word s[start:end], or says that it has letters beyond
// ASCII. In words the bit 0x20 is all that tells large letters from small ones.
func hashASCII(s []byte, start, end int) (h uint64, foreign bool) {
	if n := end - start; n <= 16 && start+16 <= len(s) { // most of them
		m := &masks[n]
		a, b := binary.LittleEndian.Uint64(s[start:])&m[0], binary.LittleEndian.Uint64(s[start+8:])&m[1]
		return seal(mix(seed, a|0x20*every&m[0], b|0x20*every&m[1]), false), (a|b)&high != 0
	}
	h = seed
	seen := uint64(0)
	for n := end - start; ; n -= 16 {
		m := &masks[min(n, 16)]
		a, b := load(s, start)&m[0], load(s, start+8)&m[1]
		h = mix(h, a|0x20*every&m[0], b|0x20*every&m[1])
		if seen |= a | b; n <= 16 {
			return seal(h, false), seen&high != 0
		}
		start += 16
	}
}

// hashForeign hashes a word with letters beyond ASCII: of each letter the first
// of those that are the same without case, which may be one of ASCII (the sign of
// kelvin is k): then there is one alike.
func hashForeign(w []byte) (h uint64, alike bool) {
	var room [16 + utf8.UTFMax]byte
	b, foreign := room[:0], false
	for h = seed; len(w) > 0; {
		r, n := utf8.DecodeRune(w)
		switch {
		case r == utf8.RuneError && n == 1: // no UTF-8: the byte itself
			b, foreign = append(b, w[0]), true
		case r < utf8.RuneSelf:
			b = append(b, lower(byte(r)))
		default:
			if r = fold(r); r < utf8.RuneSelf {
				alike = true
				b = append(b, lower(byte(r)))
			} else {
				b, foreign = utf8.AppendRune(b, r), true
			}
		}
		if w = w[n:]; len(b) > 16 {
			h = mix(h, load(b, 0), load(b, 8))
			b = append(b[:0], b[16:]...)
		}
	}
	return seal(mix(h, load(b, 0), load(b, 8)), foreign), alike
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
