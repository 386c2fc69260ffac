package spl

import (
	"math"
	"strconv"
	"strings"

	"escutcheon/detection/spl/value"
)

// Functions that calculate. Null and what is no number give null.
var (
	_ = function("abs", exactly(1), onNumber(math.Abs))
	_ = function("floor", exactly(1), onNumber(math.Floor))
	_ = function("ceiling", exactly(1), onNumber(math.Ceil))
	_ = function("ceil", exactly(1), onNumber(math.Ceil))
	_ = function("sqrt", exactly(1), onNumber(math.Sqrt))
	_ = function("exp", exactly(1), onNumber(math.Exp))
	_ = function("ln", exactly(1), onNumber(math.Log))
	_ = function("pi", exactly(0), func([]value.Value) value.Value { return value.Num(math.Pi) })
	_ = function("pow", exactly(2), onTwo(math.Pow))
	_ = function("log", between(1, 2), logarithm)
	_ = function("round", between(1, 2), round)
	_ = function("sigfig", exactly(1), func(a []value.Value) value.Value { return a[0] })
	_ = function("tonumber", between(1, 2), toNumber)
	_ = function("min", atLeast(1), func(a []value.Value) value.Value { return extreme(a, -1) })
	_ = function("max", atLeast(1), func(a []value.Value) value.Value { return extreme(a, 1) })
	_ = function("sum", atLeast(1), sumOf)
	_ = function("avg", atLeast(1), avgOf)
	_ = function("bit_and", exactly(2), bits(func(x, y int64) int64 { return x & y }))
	_ = function("bit_or", exactly(2), bits(func(x, y int64) int64 { return x | y }))
	_ = function("bit_xor", exactly(2), bits(func(x, y int64) int64 { return x ^ y }))
)

func onNumber(f func(float64) float64) plain {
	return func(a []value.Value) value.Value {
		n, ok := a[0].Number()
		if !ok {
			return value.Null
		}
		return value.Num(f(n))
	}
}

func onTwo(f func(x, y float64) float64) func([]value.Value) value.Value {
	return func(a []value.Value) value.Value {
		x, ok1 := a[0].Number()
		y, ok2 := a[1].Number()
		if !ok1 || !ok2 {
			return value.Null
		}
		return value.Num(f(x, y))
	}
}

func bits(f func(x, y int64) int64) func([]value.Value) value.Value {
	return onTwo(func(x, y float64) float64 { return float64(f(int64(clampInt(x)), int64(clampInt(y)))) })
}

func logarithm(a []value.Value) value.Value {
	if len(a) == 1 {
		return onNumber(math.Log10)(a)
	}
	return onTwo(func(x, b float64) float64 { return math.Log(x) / math.Log(b) })(a)
}

// round rounds half away from zero. With a number of decimals, that many are
// written.
func round(a []value.Value) value.Value {
	n, ok := a[0].Number()
	if !ok {
		return value.Null
	}
	if len(a) == 1 {
		return value.Num(math.Round(n))
	}
	d, ok := a[1].Number()
	if !ok {
		return value.Null
	}
	places := int(max(min(d, 15), 0))
	scale := math.Pow(10, float64(places))
	if scaled := n * scale; math.Abs(scaled) < 1<<53 {
		n = math.Round(scaled) / scale
	}
	return value.Text(strconv.FormatFloat(n, 'f', places, 64))
}

// toNumber reads a number in a base from 2 to 36.
func toNumber(a []value.Value) value.Value {
	if len(a) == 1 {
		if n, ok := a[0].Number(); ok && !a[0].IsTruth() {
			if a[0].IsText() {
				return value.Text(strings.TrimSpace(a[0].Text())) // exact, however long
			}
			return value.Num(n)
		}
		return value.Null
	}
	base, ok := a[1].Number()
	if !ok || base < 2 || base > 36 {
		return value.Null
	}
	s := strings.TrimSpace(a[0].Text())
	if base == 16 {
		s = strings.TrimPrefix(strings.ToLower(s), "0x")
	}
	n, err := strconv.ParseInt(s, int(base), 64)
	if err != nil {
		return value.Null
	}
	return value.Text(strconv.FormatInt(n, 10))
}

// extreme is the least or greatest of all values; a number is less than any
// text.
func extreme(a []value.Value, sign int) value.Value {
	best := value.Null
	for _, v := range a {
		for _, s := range v.List() {
			if best.IsNull() || sign*compareMixed(s, best.Text()) > 0 {
				best = value.Text(s)
			}
		}
	}
	return best
}

// lettered says whether a text begins with a letter, as no number does.
func lettered(s string) bool { return s != "" && s[0]|0x20 >= 'a' && s[0]|0x20 <= 'z' }

// compareMixed puts numbers before texts.
func compareMixed(a, b string) int {
	switch {
	case a == b:
		return 0
	case lettered(a) && lettered(b): // the usual case
		return strings.Compare(a, b)
	}
	_, ok1 := value.ParseFloat(a)
	_, ok2 := value.ParseFloat(b)
	switch {
	case ok1 && !ok2:
		return -1
	case ok2 && !ok1:
		return 1
	}
	return value.CompareText(a, b)
}

func sumOf(a []value.Value) value.Value {
	sum, n := 0.0, 0
	for _, v := range a {
		for _, s := range v.List() {
			if x, ok := value.ParseFloat(s); ok {
				sum += x
				n++
			}
		}
	}
	if n == 0 {
		return value.Null
	}
	return value.Num(sum)
}

func avgOf(a []value.Value) value.Value {
	n := 0
	for _, v := range a {
		for _, s := range v.List() {
			if _, ok := value.ParseFloat(s); ok {
				n++
			}
		}
	}
	sum, ok := sumOf(a).Number()
	if !ok {
		return value.Null
	}
	return value.Num(sum / float64(n))
}
