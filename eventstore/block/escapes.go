package block

import (
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// reading finds the words that come of decoding escapes and references in a
// record, beside those of its bytes as they stand.
type reading struct {
	set        *wordSet
	s          []byte
	start, end int // the word before
	done       int // what was read up to here
}

// word looks at the word s[start:end] behind a backslash or a #, in order. It
// returns where the word starts when what is there is read as an escape.
func (w *reading) word(start, end int) int {
	if w.s[start-1] == '\\' {
		return w.escape(start, end)
	}
	w.reference(start)
	return start
}

// escape looks at a word behind a backslash. It returns where the word starts
// when the escape is read as one. That of a backslash itself is not told from
// one that another escape stands behind: what is decoded twice has both.
func (w *reading) escape(start, end int) (from int) {
	switch w.s[start] {
	case 'b', 'f', 'n', 'r', 't':
		from = start + 1
	case 'u':
		r, n := unicodeEscape(w.s[start:])
		if n == 0 {
			return start
		}
		at := start - 1
		for at > 0 && w.s[at-1] == '\\' {
			at--
		}
		if w.stands(r) {
			w.joined(at)
			return start
		}
		if from = start + n; r == '<' && from < len(w.s) && w.s[from] == '!' {
			w.set.marks |= anything
		}
	default:
		return start
	}
	if from < end {
		w.set.put(hashWord(w.s[from:end]))
	}
	return min(from, end)
}

// reference looks at a word behind a #, which may be one of XML's references.
func (w *reading) reference(start int) {
	at := start - 1
	switch {
	case at > 0 && w.s[at-1] == '&':
		at--
	case at > 5 && strings.EqualFold(string(w.s[at-5:at]), "u0026"):
		for at -= 5; at > 0 && w.s[at-1] == '\\'; {
			at--
		}
	default:
		return
	}
	if r, n := reference(w.s[start:]); n > 0 && w.stands(r) {
		w.joined(at)
	}
}

// stands notes what an escape stands for, and says whether that is a letter or
// digit.
func (w *reading) stands(r rune) bool {
	switch {
	case r >= utf8.RuneSelf:
		w.set.marks |= beyondASCII
		if fold(r) < utf8.RuneSelf {
			w.set.marks |= alike
		}
	case !oftenEscaped(byte(r)):
		w.set.marks |= disguised
	}
	return r >= utf8.RuneSelf || isWord(byte(r))
}

// mostJoined is how long a word with escapes in it is at most, in bytes.
const mostJoined = 1 << 10

// joined adds the word around the escape at a place, with all of its escapes
// read. Where they are not all of one way of writing, some of them may be meant
// as they stand: then the block may hold anything.
func (w *reading) joined(at int) {
	if at < w.done {
		return
	}
	from := at
	if w.end == at && w.start < w.end {
		from = w.start
	}
	b, kind := w.set.buf[:0], 0
	for from < len(w.s) {
		if isWord(w.s[from]) {
			b = append(b, w.s[from])
			from++
			continue
		}
		r, n, k := escaped(w.s[from:])
		if n == 0 || r < utf8.RuneSelf && !isWord(byte(r)) {
			break
		}
		if b = utf8.AppendRune(b, r); len(b) > mostJoined || kind != 0 && kind != k {
			w.set.marks |= anything
			b = b[:0]
		}
		kind = k
		from += n
	}
	w.set.put(hashWord(b))
	w.set.buf, w.done = b, from
}

// escaped reads the escape or reference that s begins with, with its backslashes
// or ampersand. n is how long it is, 0 when it is none; kind is how it is
// written.
func escaped(s []byte) (r rune, n, kind int) {
	slashes := 0
	for slashes < len(s) && s[slashes] == '\\' {
		slashes++
	}
	if slashes == 0 {
		if len(s) < 2 || s[0] != '&' || s[1] != '#' {
			return 0, 0, 0
		}
		r, n = reference(s[2:])
		return r, lengthened(n, 2), 1
	}
	r, n = unicodeEscape(s[slashes:])
	if rest := s[slashes+n:]; r == '&' && len(rest) > 0 && rest[0] == '#' {
		d, m := reference(rest[1:])
		return d, lengthened(m, slashes+n+1), -slashes
	}
	return r, lengthened(n, slashes), 1 + slashes
}

// lengthened is n and what stands before it, when there is n.
func lengthened(n, before int) int {
	if n > 0 {
		n += before
	}
	return n
}

// unicodeEscape reads an escape of JSON from its u on, with that of the other
// half of a pair.
func unicodeEscape(s []byte) (r rune, n int) {
	r, n = hex4(s)
	if n == 0 || !utf16.IsSurrogate(r) {
		return r, n
	}
	skip := n
	for skip < len(s) && s[skip] == '\\' {
		skip++
	}
	if half, m := hex4(s[skip:]); skip > n && m > 0 {
		if pair := utf16.DecodeRune(r, half); pair != utf8.RuneError {
			return pair, skip + m
		}
	}
	return utf8.RuneError, n
}

func hex4(s []byte) (r rune, n int) {
	if len(s) < 5 || s[0] != 'u' {
		return 0, 0
	}
	v, err := strconv.ParseUint(string(s[1:5]), 16, 32)
	if err != nil {
		return 0, 0
	}
	return rune(v), 5
}

// reference reads a reference of XML from behind its &# on: its number, up to
// the semicolon.
func reference(s []byte) (r rune, n int) {
	base, from := 10, 0
	if len(s) > 0 && s[0]|0x20 == 'x' {
		base, from = 16, 1
	}
	for n = from; n < len(s) && s[n] != ';'; n++ {
		if n == 16 { // zeros before a number are no reason to read on for ever
			return 0, 0
		}
	}
	if n >= len(s) {
		return 0, 0
	}
	v, err := strconv.ParseUint(string(s[from:n]), base, 32)
	if err != nil || v > utf8.MaxRune {
		return 0, 0
	}
	return rune(v), n + 1
}

// oftenEscaped says whether writers escape a character though they need not, or
// because they must.
func oftenEscaped(c byte) bool {
	return c < 0x20 || c == 0x7f || strings.IndexByte("\"\\/<>&'+`", c) >= 0
}
