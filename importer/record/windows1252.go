package record

import (
	"strings"
	"unicode/utf8"

	"escutcheon/event"
)

// windows1252 is what the bytes 0x80 to 0x9F are; the five that the code page
// leaves open are the control characters of the same number, as Windows has
// them.
var windows1252 = [32]rune{
	0x20AC, 0x81, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8D, 0x017D,
	0x8F,
	0x90, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D, 0x017E,
	0x0178,
}

// Text is e.Raw as it is to be decoded: itself, or read as Windows-1252 where
// the file is not UTF-16 and the bytes are no UTF-8, which e then says. Raw
// stays as the file has it.
func Text(e *event.Event, opt Options) string {
	text, is := Decoded(e.Raw, opt.Encoding)
	e.Windows1252 = is
	return text
}

// Decoded is raw, a stretch of a file of that encoding, as UTF-8, and whether
// it was read as Windows-1252. A stretch of UTF-16 stays as it is: it may hold
// lone surrogates, which are no UTF-8 either.
func Decoded(raw string, enc Encoding) (text string, windows1252 bool) {
	if Wide(enc) || utf8.ValidString(raw) {
		return raw, false
	}
	return FromWindows1252(raw), true
}

// FromWindows1252 turns bytes of Windows-1252 into UTF-8.
func FromWindows1252(s string) string {
	var b strings.Builder
	b.Grow(len(s) + len(s)/8)
	for i := range len(s) {
		switch c := s[i]; {
		case c < 0x80:
			b.WriteByte(c)
		case c < 0xA0:
			b.WriteRune(windows1252[c-0x80])
		default:
			b.WriteRune(rune(c))
		}
	}
	return b.String()
}
