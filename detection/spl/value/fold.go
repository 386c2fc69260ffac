package value

import "unicode/utf8"

// IsASCII says whether a text has no other characters.
func IsASCII(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
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

func indexFold(s, lower string) int {
	if lower == "" {
		return 0
	}
	c := lower[0]
	for i := 0; i+len(lower) <= len(s); i++ {
		if LowerByte(s[i]) == c && HasPrefixFold(s[i:], lower) {
			return i
		}
	}
	return -1
}
