package spl

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"escutcheon/detection/spl/value"
)

var _ = function("printf", atLeast(1), printf)

// printf knows Splunk's conversions a A c d i u o x X p e E f F g G s z and %,
// with flags, a width and a precision, which * takes from the arguments.
func printf(a []value.Value) value.Value {
	if a[0].IsNull() {
		return value.Null
	}
	format, args := a[0].Text(), a[1:]
	next := func() (v value.Value) {
		if len(args) > 0 {
			v, args = args[0], args[1:]
		}
		return v
	}
	var b strings.Builder
	for b.Len() < value.MaxText {
		before, rest, ok := strings.Cut(format, "%")
		b.WriteString(before)
		if !ok {
			break
		}
		n := 0
		for n < len(rest) && n < 12 && strings.IndexByte("+-# 0123456789.'*", rest[n]) >= 0 {
			n++
		}
		if n >= len(rest) {
			b.WriteString("%" + rest)
			break
		}
		flags, c := rest[:n], rest[n]
		format = rest[n+1:]
		if c == '%' {
			b.WriteByte('%')
			continue
		}
		for strings.Contains(flags, "*") {
			n, _ := next().Number()
			flags = strings.Replace(flags, "*", strconv.Itoa(int(clamp(n))), 1)
		}
		b.WriteString(formatOne(flags, c, next()))
	}
	return value.Text(b.String())
}

// formatOne writes one value; nothing when it would be padded without end.
func formatOne(flags string, c byte, v value.Value) string {
	flags, grouped := strings.ReplaceAll(flags, "'", ""), strings.Contains(flags, "'")
	for _, part := range strings.FieldsFunc(flags, func(r rune) bool { return r < '0' || r > '9' }) {
		if len(part) > 4 {
			return ""
		}
	}
	n, isNumber := v.Number()
	whole := int64(clampInt(n))
	switch c {
	case 's', 'z':
		return fmt.Sprintf("%"+flags+"s", v.Text())
	case 'c':
		return fmt.Sprintf("%"+flags+"s", character(v.Text(), whole, isNumber))
	case 'd', 'i', 'u':
		if grouped {
			return fmt.Sprintf("%"+flags+"s", commas(float64(whole)))
		}
		return fmt.Sprintf("%"+flags+"d", whole)
	case 'x', 'X', 'o':
		return fmt.Sprintf("%"+flags+string(c), whole)
	case 'p':
		return fmt.Sprintf("%"+flags+"X", whole)
	case 'f', 'F', 'e', 'E', 'g', 'G':
		return fmt.Sprintf("%"+flags+string(c), n)
	case 'a', 'A':
		s := fmt.Sprintf("%"+flags+string(c-'a'+'x'), n)
		i := strings.LastIndexAny(s, "pP")
		return s[:i+2] + strings.TrimPrefix(s[i+2:], "0") // C writes exponents of one digit so
	}
	return "%" + flags + string(c)
}

// character is the one with a number, or the first of a text.
func character(s string, code int64, isNumber bool) string {
	if isNumber {
		return string(rune(min(max(code, 0), utf8.MaxRune)))
	}
	_, size := utf8.DecodeRuneInString(s)
	return s[:size]
}
