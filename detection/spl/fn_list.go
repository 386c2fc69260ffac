package spl

import (
	"slices"
	"strings"

	"escutcheon/detection/spl/value"
)

// Functions that work on fields of several values.
var (
	_ = function("split", exactly(2), split)
	_ = function("mvcount", exactly(1), mvCount)
	_ = function("mvindex", between(2, 3), mvIndex)
	_ = function("mvjoin", exactly(2), mvJoin)
	_ = function("mvappend", atLeast(1), mvAppend)
	_ = function("mvdedup", exactly(1), mvDedup)
	_ = function("mvsort", exactly(1), mvSort)
	_ = function("mvzip", between(2, 3), mvZip)
	_ = function("mvrange", between(2, 3), mvRange)
	_ = form("mvfind", exactly(2), buildMVFind)
	_ = form("mvfilter", exactly(1), buildMVFilter)
	_ = form("mvmap", exactly(2), buildMVMap)
)

func split(a []value.Value) value.Value {
	if a[0].IsNull() || a[1].IsNull() {
		return value.Null
	}
	return value.ListOf(strings.SplitN(a[0].Text(), a[1].Text(), value.MaxList))
}

// mvCount is null for no value.
func mvCount(a []value.Value) value.Value {
	n := len(a[0].List())
	if n == 0 {
		return value.Null
	}
	return value.Num(float64(n))
}

// mvIndex counts from 0, from the end when negative; both ends are in.
func mvIndex(a []value.Value) value.Value {
	l := a[0].List()
	at := func(v value.Value) (int, bool) {
		n, ok := v.Number()
		i := int(clamp(n))
		if i < 0 {
			i += len(l)
		}
		return i, ok
	}
	from, ok1 := at(a[1])
	to, ok2 := from, true
	if len(a) == 3 {
		to, ok2 = at(a[2])
	}
	if !ok1 || !ok2 || from < 0 || from > to || to >= len(l) {
		return value.Null
	}
	return value.ListOf(l[from : to+1])
}

func mvJoin(a []value.Value) value.Value {
	if a[0].IsNull() {
		return value.Null
	}
	return value.Text(joinText(a[0].List(), a[1].Text()))
}

// joinText is strings.Join that stops when the text is long enough.
func joinText(l []string, sep string) string {
	var b strings.Builder
	for i, s := range l {
		if i > 0 {
			b.WriteString(sep)
		}
		b.WriteString(s)
		if b.Len() > value.MaxText {
			break
		}
	}
	return b.String()
}

func mvAppend(a []value.Value) value.Value {
	var out []string
	for _, v := range a {
		if out = append(out, v.List()...); len(out) > value.MaxList {
			break
		}
	}
	return value.ListOf(out)
}

func mvDedup(a []value.Value) value.Value {
	seen := map[string]bool{}
	var out []string
	for _, s := range a[0].List() {
		if !seen[s] {
			seen[s] = true
			out = append(out, s)
		}
	}
	return value.ListOf(out)
}

func mvSort(a []value.Value) value.Value {
	l := slices.Clone(a[0].List())
	slices.Sort(l)
	return value.ListOf(l)
}

func mvZip(a []value.Value) value.Value {
	sep := ","
	if len(a) == 3 {
		sep = a[2].Text()
	}
	x, y := a[0].List(), a[1].List()
	var out []string
	sum := 0
	for i := 0; i < min(len(x), len(y)) && sum < value.MaxSum; i++ {
		out = append(out, x[i]+sep+y[i])
		sum += len(out[i])
	}
	return value.ListOf(out)
}

// mvRange counts from the first number up to, but not to, the second.
func mvRange(a []value.Value) value.Value {
	from, ok1 := a[0].Number()
	to, ok2 := a[1].Number()
	step, ok3 := 1.0, true
	if len(a) == 3 {
		step, ok3 = a[2].Number()
	}
	if !ok1 || !ok2 || !ok3 || step == 0 {
		return value.Null
	}
	var out []string
	for i := 0; i < value.MaxList; i++ {
		n := from + float64(i)*step
		if step > 0 && n >= to || step < 0 && n <= to {
			break
		}
		out = append(out, value.FormatNumber(n))
	}
	return value.ListOf(out)
}

func buildMVFind(c *compiler, call *Call, args []evalFn) (evalFn, *Error) {
	re, err := c.regexArg(call, 1, args[1])
	if err != nil {
		return nil, err
	}
	return func(r *rec) value.Value {
		x := re(r)
		if x == nil {
			return value.Null
		}
		return mvFind(args[0](r).List(), r.matches(x))
	}, nil
}

func mvFind(l []string, match func(string) bool) value.Value {
	i := slices.IndexFunc(l, match)
	if i < 0 {
		return value.Null
	}
	return value.Num(float64(i))
}

// fieldOf finds the one field that an expression is about: the first in it.
func fieldOf(x Ex) (name string) {
	walkEx(x, func(x Ex) {
		if r, ok := x.(*Ref); ok && name == "" {
			name = r.Name
		}
	})
	return name
}

// buildMVFilter keeps the values of the expression's field for which it holds.
func buildMVFilter(c *compiler, call *Call, args []evalFn) (evalFn, *Error) {
	field := fieldOf(call.Args[0])
	if field == "" {
		return nil, c.fault(call.at, `function "mvfilter"`, "needs a condition on a field")
	}
	return func(r *rec) value.Value {
		var out []string
		with, more := r.each()
		for _, s := range r.value(field).List() {
			if !more() {
				break
			}
			with.set(field, value.Text(s))
			if args[0](with).IsTrue() {
				out = append(out, s)
			}
		}
		return value.ListOf(out)
	}, nil
}

// buildMVMap applies an expression to each value of a field.
func buildMVMap(c *compiler, call *Call, args []evalFn) (evalFn, *Error) {
	field := fieldOf(call.Args[0])
	if field == "" {
		return nil, c.fault(call.at, `function "mvmap"`, "needs a field")
	}
	return func(r *rec) value.Value {
		var out []string
		sum := 0
		with, more := r.each()
		for _, s := range args[0](r).List() {
			if !more() {
				break
			}
			with.set(field, value.Text(s))
			for _, t := range args[1](with).List() {
				out = append(out, t)
				sum += len(t)
			}
			if sum > value.MaxSum || len(out) > value.MaxList {
				break
			}
		}
		return value.ListOf(out)
	}, nil
}
