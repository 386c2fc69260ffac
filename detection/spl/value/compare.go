package value

import (
	"cmp"
	"strings"
)

// CompareText compares two texts as numbers when both are, else byte by byte.
func CompareText(a, b string) int {
	if x, ok := ParseDecimal(a); ok {
		if y, ok := ParseDecimal(b); ok {
			return x.Compare(y)
		}
	}
	x, ok1 := ParseFloat(a)
	y, ok2 := ParseFloat(b)
	if ok1 && ok2 {
		return cmp.Compare(x, y)
	}
	return strings.Compare(a, b)
}

// compareOne compares two values that are neither null nor lists.
func compareOne(a, b Value) int {
	if a.k == isText && b.k == isText {
		return CompareText(a.s, b.s)
	}
	x, ok1 := a.Number()
	y, ok2 := b.Number()
	if ok1 && ok2 {
		return cmp.Compare(x, y)
	}
	return strings.Compare(a.Text(), b.Text())
}

// Holds says whether a comparison is true; op is one of = != < <= > >=. With
// null it never is; of lists one pair of values is enough, among the first
// MaxList.
func Holds(op string, a, b Value) bool {
	if a.k == isNull || b.k == isNull {
		return false
	}
	if a.k == isList || b.k == isList {
		n := 0
		for _, x := range a.List() {
			for _, y := range b.List() {
				if Holds(op, Text(x), Text(y)) {
					return true
				}
				if n++; n == MaxList {
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
