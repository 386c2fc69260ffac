package value

import (
	"cmp"
	"strings"
)

// Decimal is a decimal number as its text gives it: exact however long, so
// that nanoseconds and 64-bit masks compare without loss.
type Decimal struct {
	neg  bool
	int  string // without leading zeros
	frac string // without trailing zeros
}

// ParseDecimal reads [+-]digits[.digits]; everything else is text.
func ParseDecimal(s string) (Decimal, bool) {
	var n Decimal
	if s != "" && (s[0] == '-' || s[0] == '+') {
		n.neg = s[0] == '-'
		s = s[1:]
	}
	i := Digits(s)
	n.int = s[:i]
	if i < len(s) {
		if s[i] != '.' {
			return Decimal{}, false
		}
		n.frac = s[i+1:]
		if Digits(n.frac) != len(n.frac) {
			return Decimal{}, false
		}
	}
	if n.int == "" && n.frac == "" {
		return Decimal{}, false
	}
	n.int, n.frac = strings.TrimLeft(n.int, "0"), strings.TrimRight(n.frac, "0")
	if n.int == "" && n.frac == "" {
		n.neg = false
	}
	return n, true
}

// Parts are whether the number is negative, its digits before the point, without
// leading zeros, and those after, without trailing ones.
func (n Decimal) Parts() (neg bool, whole, frac string) { return n.neg, n.int, n.frac }

// Digits is how many digits s starts with.
func Digits(s string) int {
	i := 0
	for i < len(s) && '0' <= s[i] && s[i] <= '9' {
		i++
	}
	return i
}

// Compare is negative, zero or positive as a is less than, equal to or more
// than b.
func (a Decimal) Compare(b Decimal) int {
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
