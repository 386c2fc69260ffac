package spl

import (
	"math"
	"slices"
	"strconv"
	"strings"
)

// kind says what a value is.
type kind uint8

const (
	isNull kind = iota
	isText
	isNum
	isTruth
	isList
)

// value is what an expression gives and what a column holds: null, a text, a
// number, a truth, or a list of two or more texts. A text that reads as a
// number counts as one wherever a number is asked for.
type value struct {
	k kind
	s string   // isText
	n float64  // isNum; isTruth: 1 or 0
	l []string // isList
}

// Limits on what expressions may grow to, so that no event makes a search use
// memory without end. What is longer is cut.
const (
	maxText = 1 << 20 // bytes of a text that an expression makes
	maxList = 10_000  // values of a list
	maxSum  = 4 << 20 // bytes of a list's values together
)

var null value

func textOf(s string) value {
	if len(s) > maxText {
		s = s[:maxText]
	}
	return value{k: isText, s: s}
}

// numOf is a number; what is none (1/0) is null.
func numOf(n float64) value {
	if math.IsNaN(n) || math.IsInf(n, 0) {
		return null
	}
	return value{k: isNum, n: n}
}

func truthOf(b bool) value {
	if b {
		return value{k: isTruth, n: 1}
	}
	return value{k: isTruth}
}

// listOf is a list; one of one value is that value, an empty one is null.
func listOf(l []string) value {
	if len(l) > maxList {
		l = l[:maxList]
	}
	sum := 0
	for i, s := range l {
		if sum += len(s); sum > maxSum && i > 0 {
			l = l[:i]
			break
		}
	}
	switch len(l) {
	case 0:
		return null
	case 1:
		return textOf(l[0])
	}
	return value{k: isList, l: l}
}

// text is the value as one text; of a list its values with line ends between.
func (v value) text() string {
	switch v.k {
	case isText:
		return v.s
	case isNum:
		return formatNumber(v.n)
	case isTruth:
		if v.n != 0 {
			return "true"
		}
		return "false"
	case isList:
		return strings.Join(v.l, "\n")
	}
	return ""
}

// list is the value's values; of null none.
func (v value) list() []string {
	switch v.k {
	case isNull:
		return nil
	case isList:
		return v.l
	}
	return []string{v.text()}
}

// number is the value as a number; ok is false when it is none.
func (v value) number() (n float64, ok bool) {
	switch v.k {
	case isNum, isTruth:
		return v.n, true
	case isText:
		return parseFloat(v.s)
	}
	return 0, false
}

func (v value) isTrue() bool {
	return (v.k == isTruth || v.k == isNum) && v.n != 0
}

// parseFloat reads [+-]digits[.digits][e[+-]digits]; hexadecimal, infinities
// and underscores, which Go would read too, are text.
func parseFloat(s string) (float64, bool) {
	s = strings.TrimSpace(s)
	if s == "" || len(s) > 400 || strings.Trim(s, "0123456789+-.eE") != "" {
		return 0, false
	}
	n, err := strconv.ParseFloat(s, 64)
	return n, err == nil && !math.IsInf(n, 0)
}

func formatNumber(n float64) string {
	if n == 0 {
		return "0" // not -0
	}
	if a := math.Abs(n); a >= 1e21 || a < 1e-9 {
		return strconv.FormatFloat(n, 'g', -1, 64)
	}
	return strconv.FormatFloat(n, 'f', -1, 64)
}

// compareText compares two texts as numbers when both are, else byte by byte.
func compareText(a, b string) int {
	if x, ok := parseNumber(a); ok {
		if y, ok := parseNumber(b); ok {
			return x.compare(y)
		}
	}
	x, ok1 := parseFloat(a)
	y, ok2 := parseFloat(b)
	if ok1 && ok2 {
		return compareFloat(x, y)
	}
	return strings.Compare(a, b)
}

func compareFloat(x, y float64) int {
	switch {
	case x < y:
		return -1
	case x > y:
		return 1
	}
	return 0
}

// compareOne compares two values that are neither null nor lists.
func compareOne(a, b value) int {
	if a.k == isText && b.k == isText {
		return compareText(a.s, b.s)
	}
	x, ok1 := a.number()
	y, ok2 := b.number()
	if ok1 && ok2 {
		return compareFloat(x, y)
	}
	return strings.Compare(a.text(), b.text())
}

// holds says whether a comparison is true. With null it never is; of lists
// one pair of values is enough.
func holds(op string, a, b value) bool {
	if a.k == isNull || b.k == isNull {
		return false
	}
	if a.k == isList || b.k == isList {
		n := 0
		for _, x := range a.list() {
			for _, y := range b.list() {
				if holds(op, textOf(x), textOf(y)) {
					return true
				}
				if n++; n > maxList {
					return false
				}
			}
		}
		return false
	}
	c := compareOne(a, b)
	switch op {
	case "=":
		return c == 0
	case "!=":
		return c != 0
	case "<":
		return c < 0
	case "<=":
		return c <= 0
	case ">":
		return c > 0
	}
	return c >= 0
}

// eachText applies f to a text or to each value of a list; null stays null.
func (v value) eachText(f func(string) string) value {
	switch v.k {
	case isNull:
		return null
	case isList:
		out := make([]string, len(v.l))
		for i, s := range v.l {
			out[i] = f(s)
		}
		return listOf(out)
	}
	return textOf(f(v.text()))
}

// anyText says whether f is true of the text or of one of the list's values.
func (v value) anyText(f func(string) bool) bool {
	switch v.k {
	case isNull:
		return false
	case isList:
		return slices.ContainsFunc(v.l, f)
	}
	return f(v.text())
}
