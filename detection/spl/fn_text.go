package spl

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"escutcheon/detection/spl/value"
)

// Functions that make text of text.
var (
	_ = function("lower", exactly(1), onText(strings.ToLower))
	_ = function("upper", exactly(1), onText(strings.ToUpper))
	_ = function("len", exactly(1), length)
	_ = function("substr", between(2, 3), substr)
	_ = function("trim", between(1, 2), trimmer(strings.Trim))
	_ = function("ltrim", between(1, 2), trimmer(strings.TrimLeft))
	_ = function("rtrim", between(1, 2), trimmer(strings.TrimRight))
	_ = function("urldecode", exactly(1), onText(urlDecode))
	_ = function("tostring", between(1, 2), toString)
	_ = function("exact", exactly(1), func(a []value.Value) value.Value { return a[0] })
	_ = function("md5", exactly(1), onText(func(s string) string { return hash(md5.Sum([]byte(s))) }))
	_ = function("sha1", exactly(1), onText(func(s string) string { return hash(sha1.Sum([]byte(s))) }))
	_ = function("sha256", exactly(1), onText(func(s string) string { return hash(sha256.Sum256([]byte(s))) }))
	_ = function("sha512", exactly(1), onText(func(s string) string { return hash(sha512.Sum512([]byte(s))) }))
)

// onText is a function of one text that is applied to each value of a list.
func onText(f func(string) string) plain {
	return func(a []value.Value) value.Value { return a[0].EachText(f) }
}

// hash writes the bytes of a hash.
func hash(sum any) string { return fmt.Sprintf("%x", sum) }

// length counts characters; what is no UTF-8 counts byte by byte.
func length(a []value.Value) value.Value {
	if a[0].IsNull() {
		return value.Null
	}
	return value.Num(float64(utf8.RuneCountInString(a[0].Text())))
}

// substr counts from 1, from the end when negative.
func substr(a []value.Value) value.Value {
	from, ok := a[1].Number()
	if !ok || a[0].IsNull() {
		return value.Null
	}
	n := float64(value.MaxText)
	if len(a) == 3 {
		if n, ok = a[2].Number(); !ok {
			return value.Null
		}
	}
	return a[0].EachText(func(s string) string { return cutText(s, int(clamp(from)), int(clamp(n))) })
}

func clamp(n float64) float64 { return max(min(n, value.MaxText), -value.MaxText) }

func cutText(s string, from, n int) string {
	count := utf8.RuneCountInString(s)
	switch {
	case from > 0:
		from--
	case from < 0:
		from = max(count+from, 0)
	}
	if from >= count || n <= 0 {
		return ""
	}
	start := skipRunes(s, from)
	return s[start : start+skipRunes(s[start:], n)]
}

// skipRunes is where the n-th character of s starts, or its end.
func skipRunes(s string, n int) int {
	i := 0
	for ; n > 0 && i < len(s); n-- {
		_, size := utf8.DecodeRuneInString(s[i:])
		i += size
	}
	return i
}

func trimmer(f func(s, cut string) string) func([]value.Value) value.Value {
	return func(a []value.Value) value.Value {
		cut := " \t"
		if len(a) == 2 {
			cut = a[1].Text()
		}
		return a[0].EachText(func(s string) string { return f(s, cut) })
	}
}

func urlDecode(s string) string {
	out, err := url.PathUnescape(s)
	if err != nil {
		return s
	}
	return out
}

// toString writes a number as text: hex, commas or duration.
func toString(a []value.Value) value.Value {
	v := a[0]
	if v.IsNull() {
		return value.Null
	}
	if v.IsTruth() {
		return value.Text(strings.ToUpper(v.Text()[:1]) + v.Text()[1:])
	}
	n, ok := v.Number()
	if len(a) == 1 || !ok {
		if v.IsList() {
			return v
		}
		return value.Text(v.Text())
	}
	switch strings.ToLower(a[1].Text()) {
	case "hex":
		if n < 0 || n >= 1<<63 {
			return value.Null
		}
		return value.Text(fmt.Sprintf("0x%X", int64(n)))
	case "commas":
		return value.Text(commas(n))
	case "duration":
		return value.Text(duration(n))
	}
	return value.Text(v.Text())
}

// commas writes a number with at most two decimals and groups of three.
func commas(n float64) string {
	s := strconv.FormatFloat(n, 'f', 2, 64)
	if n == float64(int64(clampInt(n))) {
		s = strconv.FormatFloat(n, 'f', 0, 64)
	}
	sign := ""
	if strings.HasPrefix(s, "-") {
		sign, s = "-", s[1:]
	}
	whole, frac, has := strings.Cut(s, ".")
	var b strings.Builder
	for i := 0; i < len(whole); i++ {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteByte(whole[i])
	}
	if has {
		b.WriteString("." + frac)
	}
	return sign + b.String()
}

// duration writes seconds as [days+]HH:MM:SS.
func duration(n float64) string {
	sec := int64(clampInt(n))
	sign := ""
	if sec < 0 {
		sign, sec = "-", -sec
	}
	out := fmt.Sprintf("%02d:%02d:%02d", sec/3600%24, sec/60%60, sec%60)
	if days := sec / 86400; days > 0 {
		out = fmt.Sprintf("%d+%s", days, out)
	}
	return sign + out
}

func clampInt(n float64) float64 { return max(min(n, 1<<53), -(1 << 53)) }
