package evtx

import (
	"encoding/binary"
	"unicode/utf16"
	"unicode/utf8"
)

var le = binary.LittleEndian

// appendUTF16 appends little-endian UTF-16 as UTF-8. Lone surrogates become
// U+FFFD; an odd last byte is dropped.
func appendUTF16(dst, src []byte) []byte {
	if need := len(src) / 2; cap(dst)-len(dst) < need {
		dst = append(make([]byte, 0, 2*cap(dst)+need+32), dst...)
	}
	const high = 0xFF80FF80FF80FF80
	n := len(dst)
	out := dst[n:cap(dst)]
	k := 0
	for len(src) >= 8 && len(out)-k >= 4 {
		v := le.Uint64(src)
		if v&high != 0 {
			break
		}
		v = (v | v>>8) & 0x0000FFFF0000FFFF
		le.PutUint32(out[k:], uint32(v|v>>16))
		k += 4
		src = src[8:]
	}
	dst = dst[:n+k]
	for len(src) >= 2 {
		u := rune(src[0]) | rune(src[1])<<8
		src = src[2:]
		if u < utf8.RuneSelf {
			dst = append(dst, byte(u))
			continue
		}
		if utf16.IsSurrogate(u) {
			r := rune(utf8.RuneError)
			if len(src) >= 2 {
				r = utf16.DecodeRune(u, rune(src[0])|rune(src[1])<<8)
			}
			if r != utf8.RuneError {
				src = src[2:]
			}
			u = r
		}
		dst = utf8.AppendRune(dst, u)
	}
	return dst
}

// trimUTF16 cuts the zero characters that end most strings, and an odd byte.
func trimUTF16(b []byte) []byte {
	b = b[:len(b)&^1]
	for len(b) >= 2 && b[len(b)-1] == 0 && b[len(b)-2] == 0 {
		b = b[:len(b)-2]
	}
	return b
}

func trimANSI(b []byte) []byte {
	for len(b) > 0 && b[len(b)-1] == 0 {
		b = b[:len(b)-1]
	}
	return b
}

// windows1252 holds the characters of bytes 0x80 to 0x9F; the five unassigned
// ones are the control characters of the same number, as in Windows.
var windows1252 = [32]rune{
	0x20AC, 0x81, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8D, 0x017D,
	0x8F,
	0x90, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D, 0x017E,
	0x0178,
}

func appendANSI(dst, src []byte) []byte {
	for _, c := range src {
		switch {
		case c < 0x80:
			dst = append(dst, c)
		case c < 0xA0:
			dst = utf8.AppendRune(dst, windows1252[c-0x80])
		default:
			dst = utf8.AppendRune(dst, rune(c))
		}
	}
	return dst
}

// special marks the bytes that text in XML cannot hold as they are. All of
// UTF-8's own bytes pass, but 0xEF may start U+FFFE or U+FFFF.
var special = func() (t [256]bool) {
	for i := range 0x20 {
		t[i] = i != '\t' && i != '\n' && i != '\r'
	}
	t['&'], t['<'], t['>'], t['\''], t['"'], t[0xEF] = true, true, true, true, true, true
	return t
}()

// escape rewrites dst[from:] as XML text, or as the value of an attribute. It
// uses the memory of scratch.
func escape(dst []byte, from int, attr bool, scratch *[]byte) []byte {
	i := from
	for i < len(dst) && !special[dst[i]] {
		i++
	}
	if i == len(dst) {
		return dst
	}
	tail := append((*scratch)[:0], dst[i:]...) // rare
	*scratch = tail
	dst = dst[:i]
	for i := 0; i < len(tail); i++ {
		c := tail[i]
		switch {
		case !special[c]:
			dst = append(dst, c)
		case c == '&':
			dst = append(dst, "&amp;"...)
		case c == '<':
			dst = append(dst, "&lt;"...)
		case c == '>':
			dst = append(dst, "&gt;"...)
		case c == '\'' && attr:
			dst = append(dst, "&apos;"...)
		case c == '"' && attr:
			dst = append(dst, "&quot;"...)
		case c == '\'' || c == '"':
			dst = append(dst, c)
		case c == 0xEF && (len(tail)-i < 3 || tail[i+1] != 0xBF || tail[i+2] < 0xBE):
			dst = append(dst, c)
		default:
			dst = append(dst, "\uFFFD"...)
			if c == 0xEF {
				i += 2
			}
		}
	}
	return dst
}
