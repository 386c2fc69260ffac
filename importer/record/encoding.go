package record

import (
	"encoding/binary"
	"io"
	"unicode/utf16"
	"unicode/utf8"
)

// Encoding is how a file writes its text.
type Encoding = string

// The encodings that are read.
const (
	UTF8    Encoding = "UTF-8"
	UTF16LE Encoding = "UTF-16LE"
	UTF16BE Encoding = "UTF-16BE"
	// Windows1252 is said of files that are no UTF-8 though text. Their bytes
	// are handled as those of UTF-8: which records are Windows-1252 is found
	// record by record, by Text.
	Windows1252 Encoding = "Windows-1252"
)

// Wide says whether a file of that encoding has two bytes a unit.
func Wide(enc Encoding) bool { return enc == UTF16LE || enc == UTF16BE }

var bom = []byte("\uFEFF")

// DetectEncoding finds the encoding from the first bytes of a file: by a byte
// order mark, or by every other byte being zero.
func DetectEncoding(head []byte) Encoding {
	if len(head) >= 2 {
		switch {
		case head[0] == 0xFF && head[1] == 0xFE:
			return UTF16LE
		case head[0] == 0xFE && head[1] == 0xFF:
			return UTF16BE
		}
	}
	var zero, some [2]int
	n := min(len(head)&^1, 256)
	for i, b := range head[:n] {
		if b == 0 {
			zero[i&1]++
		} else {
			some[i&1]++
		}
	}
	switch half := n / 2; {
	case half < 2:
		return UTF8
	case zero[1]*10 >= half*8 && zero[0] == 0:
		return UTF16LE
	case zero[0]*10 >= half*8 && zero[1] == 0:
		return UTF16BE
	}
	return UTF8
}

// transcoder reads UTF-16 as UTF-8. Lone surrogates become their three bytes,
// so that nothing is lost; an odd byte at the end becomes U+FFFD.
type transcoder struct {
	r      io.Reader
	order  binary.ByteOrder
	in     []byte // read and not yet turned
	buf    []byte
	out    []byte // turned and not yet given
	outBuf []byte
	err    error
}

func newTranscoder(r io.Reader, enc Encoding) *transcoder {
	t := &transcoder{r: r, order: binary.LittleEndian, buf: make([]byte, 32<<10)}
	if enc == UTF16BE {
		t.order = binary.BigEndian
	}
	return t
}

func (t *transcoder) Read(p []byte) (int, error) {
	if len(t.out) == 0 && t.err == nil {
		n := copy(t.buf, t.in)
		var m int
		m, t.err = t.r.Read(t.buf[n:])
		t.in = t.buf[:n+m]
		t.turn()
	}
	n := copy(p, t.out)
	t.out = t.out[n:]
	if len(t.out) > 0 {
		return n, nil
	}
	return n, t.err
}

// turn moves all whole characters of in to out, and at the end everything.
func (t *transcoder) turn() {
	out, in := t.outBuf[:0], t.in
	for len(in) >= 2 {
		u := rune(t.order.Uint16(in))
		if u < 0x80 {
			out = append(out, byte(u))
			in = in[2:]
			continue
		}
		if u&0xFC00 == 0xD800 {
			if len(in) < 4 && t.err == nil {
				break
			}
			if len(in) >= 4 {
				if r := utf16.DecodeRune(u, rune(t.order.Uint16(in[2:]))); r != utf8.RuneError {
					out = utf8.AppendRune(out, r)
					in = in[4:]
					continue
				}
			}
		}
		out = appendUnit(out, u)
		in = in[2:]
	}
	if t.err != nil && len(in) == 1 {
		out = utf8.AppendRune(out, utf8.RuneError)
		in = nil
	}
	t.in, t.out, t.outBuf = in, out, out
}

func appendUnit(b []byte, u rune) []byte {
	if u&0xF800 == 0xD800 {
		return append(b, 0xE0|byte(u>>12), 0x80|byte(u>>6)&0xBF, 0x80|byte(u)&0xBF)
	}
	return utf8.AppendRune(b, u)
}

// units is how many UTF-16 units text made by a transcoder was.
func units(b []byte) int64 {
	n := 0
	for _, c := range b {
		if c&0xC0 != 0x80 {
			n++
		}
		if c >= 0xF0 {
			n++
		}
	}
	return int64(n)
}

// Encode gives back the bytes that raw, an event's Raw, has in a file of that
// encoding.
func Encode(raw string, enc Encoding) []byte {
	if !Wide(enc) {
		return []byte(raw)
	}
	var order binary.AppendByteOrder = binary.LittleEndian
	if enc == UTF16BE {
		order = binary.BigEndian
	}
	out := make([]byte, 0, 2*len(raw))
	for len(raw) > 0 {
		r, n := utf8.DecodeRuneInString(raw)
		if r == utf8.RuneError && n == 1 && len(raw) >= 3 {
			r, n = rune(raw[0]&0x0F)<<12|rune(raw[1]&0x3F)<<6|rune(raw[2]&0x3F), 3
		}
		raw = raw[n:]
		if r >= 0x10000 {
			hi, lo := utf16.EncodeRune(r)
			out = order.AppendUint16(order.AppendUint16(out, uint16(hi)), uint16(lo))
			continue
		}
		out = order.AppendUint16(out, uint16(r))
	}
	return out
}
