package spl

import (
	"cmp"
	"strings"
)

// number is a decimal number as its text gives it: exact however long, so
// that nanoseconds and 64-bit masks compare without loss.
type number struct {
	neg  bool
	int  string // without leading zeros
	frac string // without trailing zeros
}

// parseNumber reads [+-]digits[.digits]; everything else is text.
func parseNumber(s string) (number, bool) {
	var n number
	if s != "" && (s[0] == '-' || s[0] == '+') {
		n.neg = s[0] == '-'
		s = s[1:]
	}
	i := digits(s)
	n.int = s[:i]
	if i < len(s) {
		if s[i] != '.' {
			return number{}, false
		}
		n.frac = s[i+1:]
		if digits(n.frac) != len(n.frac) {
			return number{}, false
		}
	}
	if n.int == "" && n.frac == "" {
		return number{}, false
	}
	n.int, n.frac = strings.TrimLeft(n.int, "0"), strings.TrimRight(n.frac, "0")
	if n.int == "" && n.frac == "" {
		n.neg = false
	}
	return n, true
}

// digits is how many digits s starts with.
func digits(s string) int {
	i := 0
	for i < len(s) && '0' <= s[i] && s[i] <= '9' {
		i++
	}
	return i
}

// compare is negative, zero or positive as a is less than, equal to or more
// than b.
func (a number) compare(b number) int {
	if a.neg != b.neg {
		if a.neg {
			return -1
		}
		return 1
	}
	c := cmp.Compare(len(a.int), len(b.int))
	if c == 0 {
		c = strings.Compare(a.int, b.int)
	}
	if c == 0 {
		c = strings.Compare(a.frac, b.frac)
	}
	if a.neg {
		return -c
	}
	return c
}
