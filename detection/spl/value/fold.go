package value

import (
	"strings"
	"unicode/utf8"
)

// IsASCII says whether a text has no other characters.
func IsASCII(s string) bool {
	for len(s) >= 32 {
		if (eight(s)|eight(s[8:])|eight(s[16:])|eight(s[24:]))&0x8080808080808080 != 0 {
			return false
		}
		s = s[32:]
	}
	for len(s) >= 8 {
		if eight(s)&0x8080808080808080 != 0 {
			return false
		}
		s = s[8:]
	}
	for i := 0; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// eight are the first eight bytes of a text, which compiles to one load.
func eight(s string) uint64 {
	_ = s[7]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 | uint64(s[4])<<32 | uint64(s[5])<<40 |
		uint64(s[6])<<48 | uint64(s[7])<<56
}

// FoldsToASCII says whether a text has letters beyond ASCII that are an ASCII
// letter in another case.
func FoldsToASCII(s string) bool {
	return !IsASCII(s) && (strings.Contains(s, "\u0130") || strings.Contains(s, "\u017f") ||
		strings.Contains(s, "\u212a"))
}

// LowerByte is an ASCII letter in lower case; other bytes stay.
func LowerByte(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

// HasPrefixFold compares bytes with the ASCII letters of s in lower case;
// lower is so already.
func HasPrefixFold(s, lower string) bool {
	if len(s) < len(lower) {
		return false
	}
	for i := 0; i < len(lower); i++ {
		if LowerByte(s[i]) != lower[i] {
			return false
		}
	}
	return true
}

// indexFold is where a text in lower case begins in s, by bytes. It looks for the
// first byte of the text that has no other case, which few places have.
func indexFold(s, lower string) int {
	k := 0
	for k < len(lower) && 'a' <= lower[k] && lower[k] <= 'z' {
		k++
	}
	switch {
	case lower == "":
		return 0
	case k == len(lower):
		return indexLetters(s, lower)
	}
	behind := len(lower) - 1 - k
	for i := 0; i+len(lower) <= len(s); i++ {
		at := strings.IndexByte(s[i+k:len(s)-behind], lower[k])
		if at < 0 {
			return -1
		}
		if i += at; HasPrefixFold(s[i:], lower) {
			return i
		}
	}
	return -1
}

func indexLetters(s, lower string) int {
	c := lower[0]
	for i := 0; i+len(lower) <= len(s); i++ {
		if LowerByte(s[i]) == c && HasPrefixFold(s[i:], lower) {
			return i
		}
	}
	return -1
}
