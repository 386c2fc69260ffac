// Package value is what a search calculates with: null, a text, a number, a
// truth or a list of texts, how they compare and how far they may grow. It
// reads decimal numbers, epoch seconds, spans of time and the search command's
// patterns. It knows no event and no field.
package value

import (
	"math"
	"slices"
	"strings"
)

// Kind says what a value is.
type Kind uint8

const (
	isNull Kind = iota
	isText
	isNum
	isTruth
	isList
)

// Value is what an expression gives and what a column holds: null, a text, a
// number, a truth, or a list of two or more texts. A text that reads as a
// number counts as one wherever a number is asked for.
type Value struct {
	k Kind
	s string   // isText
	n float64  // isNum; isTruth: 1 or 0
	l []string // isList
}

// Limits on what expressions may grow to, so that no event makes a search use
// memory without end. What is longer is cut.
const (
	MaxText = 1 << 20 // bytes of a text that an expression makes
	MaxList = 10_000  // values of a list
	MaxSum  = 4 << 20 // bytes of a list's values together
)

// Null is no value.
var Null Value

// Clone is the same value in memory of its own.
func (v Value) Clone() Value {
	v.s, v.l = strings.Clone(v.s), slices.Clone(v.l)
	for i := range v.l {
		v.l[i] = strings.Clone(v.l[i])
	}
	return v
}

// Text is a text that an expression makes, cut at MaxText.
func Text(s string) Value {
	if len(s) > MaxText {
		s = s[:MaxText]
	}
	return Value{k: isText, s: s}
}

// Whole is a text as it stands, however long: what an event holds.
func Whole(s string) Value { return Value{k: isText, s: s} }

// Num is a number; what is none (1/0) is null.
func Num(n float64) Value {
	if math.IsNaN(n) || math.IsInf(n, 0) {
		return Null
	}
	return Value{k: isNum, n: n}
}

// Truth is true or false.
func Truth(b bool) Value {
	if b {
		return Value{k: isTruth, n: 1}
	}
	return Value{k: isTruth}
}

// ListOf is a list; one of one value is that value, an empty one is null.
func ListOf(l []string) Value {
	if len(l) > MaxList {
		l = l[:MaxList]
	}
	sum := 0
	for i, s := range l {
		if sum += len(s); sum > MaxSum && i > 0 {
			l = l[:i]
			break
		}
	}
	switch len(l) {
	case 0:
		return Null
	case 1:
		return Text(l[0])
	}
	return Value{k: isList, l: l}
}

// Kind tells values of the same text apart.
func (v Value) Kind() Kind { return v.k }

// IsNull says whether there is no value.
func (v Value) IsNull() bool { return v.k == isNull }

// IsText says whether the value is a text.
func (v Value) IsText() bool { return v.k == isText }

// IsList says whether the value is a list, of two or more.
func (v Value) IsList() bool { return v.k == isList }

// IsTruth says whether the value is a truth, true or false.
func (v Value) IsTruth() bool { return v.k == isTruth }

// IsFalse says whether the value is the truth "false"; null and 0 are not.
func (v Value) IsFalse() bool { return v.k == isTruth && v.n == 0 }

// Text is the value as one text; of a list its values with line ends between.
func (v Value) Text() string {
	switch v.k {
	case isText:
		return v.s
	case isNum:
		return FormatNumber(v.n)
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

// List is the value's values; of null none.
func (v Value) List() []string {
	switch v.k {
	case isNull:
		return nil
	case isList:
		return v.l
	}
	return []string{v.Text()}
}

// Number is the value as a number; ok is false when it is none.
func (v Value) Number() (n float64, ok bool) {
	switch v.k {
	case isNum, isTruth:
		return v.n, true
	case isText:
		return ParseFloat(v.s)
	}
	return 0, false
}

// IsTrue says whether the value is the truth "true" or a number that is not 0.
func (v Value) IsTrue() bool {
	return (v.k == isTruth || v.k == isNum) && v.n != 0
}

// Size is roughly how many bytes the value holds.
func (v Value) Size() int {
	n := len(v.s)
	for _, s := range v.l {
		n += len(s) + 16
	}
	return n
}

// EachText applies f to a text or to each value of a list; null stays null.
func (v Value) EachText(f func(string) string) Value {
	switch v.k {
	case isNull:
		return Null
	case isList:
		out := make([]string, len(v.l))
		for i, s := range v.l {
			out[i] = f(s)
		}
		return ListOf(out)
	}
	return Text(f(v.Text()))
}

// AnyText says whether f is true of the text or of one of the list's values.
func (v Value) AnyText(f func(string) bool) bool {
	switch v.k {
	case isNull:
		return false
	case isList:
		return slices.ContainsFunc(v.l, f)
	}
	return f(v.Text())
}
