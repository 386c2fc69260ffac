package value

import (
	"math"
	"strconv"
	"strings"
)

// ParseFloat reads [+-]digits[.digits][e[+-]digits]; hexadecimal, infinities
// and underscores, which Go would read too, are text.
func ParseFloat(s string) (float64, bool) {
	s = strings.TrimSpace(s)
	if s == "" || s[0] > '9' || len(s) > 400 || strings.Trim(s, "0123456789+-.eE") != "" {
		return 0, false
	}
	n, err := strconv.ParseFloat(s, 64)
	return n, err == nil && !math.IsInf(n, 0)
}

// FormatNumber writes a number as Splunk does: without an exponent where that
// is not too long, and no -0.
func FormatNumber(n float64) string {
	if n == 0 {
		return "0" // not -0
	}
	if a := math.Abs(n); a >= 1e21 || a < 1e-9 {
		return strconv.FormatFloat(n, 'g', -1, 64)
	}
	return strconv.FormatFloat(n, 'f', -1, 64)
}
