package spl

import (
	"math"
	"strconv"
	"strings"
)

// numberFunctions calculate. Null and what is no number give null.
var numberFunctions = map[string]function{
	"abs":      onNumber(math.Abs),
	"floor":    onNumber(math.Floor),
	"ceiling":  onNumber(math.Ceil),
	"ceil":     onNumber(math.Ceil),
	"sqrt":     onNumber(math.Sqrt),
	"exp":      onNumber(math.Exp),
	"ln":       onNumber(math.Log),
	"pi":       {max: 0, run: func([]value) value { return numOf(math.Pi) }},
	"pow":      {min: 2, max: 2, run: onTwo(math.Pow)},
	"log":      {min: 1, max: 2, run: logarithm},
	"round":    {min: 1, max: 2, run: round},
	"sigfig":   {min: 1, max: 1, run: func(a []value) value { return a[0] }},
	"tonumber": {min: 1, max: 2, run: toNumber},
	"min":      {min: 1, max: -1, run: func(a []value) value { return extreme(a, -1) }},
	"max":      {min: 1, max: -1, run: func(a []value) value { return extreme(a, 1) }},
	"sum":      {min: 1, max: -1, run: sumOf},
	"avg":      {min: 1, max: -1, run: avgOf},
	"bit_and":  {min: 2, max: 2, run: bits(func(x, y int64) int64 { return x & y })},
	"bit_or":   {min: 2, max: 2, run: bits(func(x, y int64) int64 { return x | y })},
	"bit_xor":  {min: 2, max: 2, run: bits(func(x, y int64) int64 { return x ^ y })},
}

func onNumber(f func(float64) float64) function {
	return function{min: 1, max: 1, run: func(a []value) value {
		n, ok := a[0].number()
		if !ok {
			return null
		}
		return numOf(f(n))
	}}
}

func onTwo(f func(x, y float64) float64) func([]value) value {
	return func(a []value) value {
		x, ok1 := a[0].number()
		y, ok2 := a[1].number()
		if !ok1 || !ok2 {
			return null
		}
		return numOf(f(x, y))
	}
}

func bits(f func(x, y int64) int64) func([]value) value {
	return onTwo(func(x, y float64) float64 { return float64(f(int64(clampInt(x)), int64(clampInt(y)))) })
}

func logarithm(a []value) value {
	if len(a) == 1 {
		return onNumber(math.Log10).run(a)
	}
	return onTwo(func(x, b float64) float64 { return math.Log(x) / math.Log(b) })(a)
}

// round rounds half away from zero. With a number of decimals, that many are
// written.
func round(a []value) value {
	n, ok := a[0].number()
	if !ok {
		return null
	}
	if len(a) == 1 {
		return numOf(math.Round(n))
	}
	d, ok := a[1].number()
	if !ok {
		return null
	}
	places := int(max(min(d, 15), 0))
	scale := math.Pow(10, float64(places))
	if scaled := n * scale; math.Abs(scaled) < 1<<53 {
		n = math.Round(scaled) / scale
	}
	return textOf(strconv.FormatFloat(n, 'f', places, 64))
}

// toNumber reads a number in a base from 2 to 36.
func toNumber(a []value) value {
	if len(a) == 1 {
		if n, ok := a[0].number(); ok && a[0].k != isTruth {
			if a[0].k == isText {
				return textOf(strings.TrimSpace(a[0].s)) // exact, however long
			}
			return numOf(n)
		}
		return null
	}
	base, ok := a[1].number()
	if !ok || base < 2 || base > 36 {
		return null
	}
	s := strings.TrimSpace(a[0].text())
	if base == 16 {
		s = strings.TrimPrefix(strings.ToLower(s), "0x")
	}
	n, err := strconv.ParseInt(s, int(base), 64)
	if err != nil {
		return null
	}
	return textOf(strconv.FormatInt(n, 10))
}

// extreme is the least or greatest of all values; a number is less than any
// text.
func extreme(a []value, sign int) value {
	best := null
	for _, v := range a {
		for _, s := range v.list() {
			if best.k == isNull || sign*compareMixed(s, best.text()) > 0 {
				best = textOf(s)
			}
		}
	}
	return best
}

// compareMixed puts numbers before texts.
func compareMixed(a, b string) int {
	_, ok1 := parseFloat(a)
	_, ok2 := parseFloat(b)
	switch {
	case ok1 && !ok2:
		return -1
	case ok2 && !ok1:
		return 1
	}
	return compareText(a, b)
}

func sumOf(a []value) value {
	sum, n := 0.0, 0
	for _, v := range a {
		for _, s := range v.list() {
			if x, ok := parseFloat(s); ok {
				sum += x
				n++
			}
		}
	}
	if n == 0 {
		return null
	}
	return numOf(sum)
}

func avgOf(a []value) value {
	n := 0
	for _, v := range a {
		for _, s := range v.list() {
			if _, ok := parseFloat(s); ok {
				n++
			}
		}
	}
	sum, ok := sumOf(a).number()
	if !ok {
		return null
	}
	return numOf(sum / float64(n))
}
