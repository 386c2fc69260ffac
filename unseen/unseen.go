// Package unseen knows the characters that a reader of a text does not see, or
// that move what stands beside them: controls, marks of direction, what has no
// width, blank letters. Who shows, prints or encodes text asks it; how such a
// character is shown is theirs.
package unseen

import (
	"fmt"
	"io"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// Rune says whether a character is not seen, or moves others. A space is seen.
func Rune(r rune) bool {
	if r >= ' ' && r < 0x7f {
		return false
	}
	return !unicode.IsGraphic(r) || unicode.In(r, unicode.Co, unicode.Variation_Selector, unicode.Zs) || blank[r]
}

// blank are letters and marks that draw nothing.
var blank = map[rune]bool{0x034f: true, 0x115f: true, 0x1160: true, 0x17b4: true, 0x17b5: true, 0x2800: true,
	0x3164: true, 0xffa0: true}

// JSON escapes what is not seen in the texts of a JSON text: it says the same.
func JSON(text []byte) []byte {
	at := next(text)
	if at < 0 {
		return text
	}
	out := make([]byte, 0, len(text)+len(text)/8+16)
	for at >= 0 {
		r, n := utf8.DecodeRune(text[at:])
		out = append(out, text[:at]...)
		if r > 0xffff {
			high, low := utf16.EncodeRune(r)
			out = fmt.Appendf(out, `\u%04x\u%04x`, high, low)
		} else {
			out = fmt.Appendf(out, `\u%04x`, r)
		}
		text = text[at+n:]
		at = next(text)
	}
	return append(out, text...)
}

// next is where the first character that JSON escapes stands, -1 without one. Of
// ASCII that is DEL alone: writers escape what else there is in texts, and line ends
// between them stay.
func next(text []byte) int {
	for i := 0; i < len(text); {
		if text[i] < 0x7f {
			i++
			continue
		}
		r, n := utf8.DecodeRune(text[i:])
		if Rune(r) {
			return i
		}
		i += n
	}
	return -1
}

// Writer writes JSON through JSON. Each call of Write must have whole characters, as
// those of json.Encoder have.
type Writer struct{ W io.Writer }

func (w Writer) Write(text []byte) (int, error) {
	if _, err := w.W.Write(JSON(text)); err != nil {
		return 0, err
	}
	return len(text), nil
}
