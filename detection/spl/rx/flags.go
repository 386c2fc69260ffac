package rx

import "strings"

// flags are the letters that (?i) and the like have set.
type flags string

func (f flags) has(c byte) bool { return strings.IndexByte(string(f), c) >= 0 }

// with are the flags after i-s.
func (f flags) with(change string) flags {
	on, off, _ := strings.Cut(change, "-")
	out := ""
	for _, c := range []byte("imsU") {
		if strings.IndexByte(off, c) < 0 && (f.has(c) || strings.IndexByte(on, c) >= 0) {
			out += string(c)
		}
	}
	return flags(out)
}

// prefix sets them at the start of a pattern.
func (f flags) prefix() string {
	if f == "" {
		return ""
	}
	return "(?" + string(f) + ")"
}
