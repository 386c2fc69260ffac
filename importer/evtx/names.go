package evtx

import "unicode/utf8"

// intern is a name as a string; equal names share one. A name that XML does
// not allow is an error: writing it would make other XML of it.
func (d *Decoder) intern(utf16 []byte) (string, error) {
	d.scratch = appendUTF16(d.scratch[:0], trimUTF16(utf16))
	if s, ok := d.names[string(d.scratch)]; ok {
		return s, nil
	}
	if !validName(d.scratch) {
		return "", fault(BadName)
	}
	if len(d.names) >= maxInterned {
		clear(d.names)
	}
	s := string(d.scratch)
	d.names[s] = s
	return s, nil
}

func validName(b []byte) bool {
	if len(b) == 0 || b[0] == '-' || b[0] == '.' || (b[0] >= '0' && b[0] <= '9') {
		return false
	}
	for i := 0; i < len(b); {
		c := b[i]
		switch {
		case c >= utf8.RuneSelf:
			r, n := utf8.DecodeRune(b[i:])
			if r < 0xC0 || r == utf8.RuneError || r >= 0xFFFE && r <= 0xFFFF || r == 0x2028 || r == 0x2029 {
				return false
			}
			i += n
			continue
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '_', c == ':', c == '-', c == '.':
		default:
			return false
		}
		i++
	}
	return true
}
