package spl

import (
	"slices"
	"strings"
)

// listFunctions work on fields of several values.
var listFunctions = map[string]function{
	"split":    {min: 2, max: 2, run: split},
	"mvcount":  {min: 1, max: 1, run: mvCount},
	"mvindex":  {min: 2, max: 3, run: mvIndex},
	"mvjoin":   {min: 2, max: 2, run: mvJoin},
	"mvappend": {min: 1, max: -1, run: mvAppend},
	"mvdedup":  {min: 1, max: 1, run: mvDedup},
	"mvsort":   {min: 1, max: 1, run: mvSort},
	"mvzip":    {min: 2, max: 3, run: mvZip},
	"mvrange":  {min: 2, max: 3, run: mvRange},
	"mvfind":   {min: 2, max: 2, build: buildMVFind},
	"mvfilter": {min: 1, max: 1, build: buildMVFilter},
	"mvmap":    {min: 2, max: 2, build: buildMVMap},
}

func split(a []value) value {
	if a[0].k == isNull || a[1].k == isNull {
		return null
	}
	return listOf(strings.SplitN(a[0].text(), a[1].text(), maxList))
}

// mvCount is null for no value.
func mvCount(a []value) value {
	n := len(a[0].list())
	if n == 0 {
		return null
	}
	return numOf(float64(n))
}

// mvIndex counts from 0, from the end when negative; both ends are in.
func mvIndex(a []value) value {
	l := a[0].list()
	at := func(v value) (int, bool) {
		n, ok := v.number()
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
		return null
	}
	return listOf(l[from : to+1])
}

func mvJoin(a []value) value {
	if a[0].k == isNull {
		return null
	}
	return textOf(joinText(a[0].list(), a[1].text()))
}

// joinText is strings.Join that stops when the text is long enough.
func joinText(l []string, sep string) string {
	var b strings.Builder
	for i, s := range l {
		if i > 0 {
			b.WriteString(sep)
		}
		b.WriteString(s)
		if b.Len() > maxText {
			break
		}
	}
	return b.String()
}

func mvAppend(a []value) value {
	var out []string
	for _, v := range a {
		if out = append(out, v.list()...); len(out) > maxList {
			break
		}
	}
	return listOf(out)
}

func mvDedup(a []value) value {
	seen := map[string]bool{}
	var out []string
	for _, s := range a[0].list() {
		if !seen[s] {
			seen[s] = true
			out = append(out, s)
		}
	}
	return listOf(out)
}

func mvSort(a []value) value {
	l := slices.Clone(a[0].list())
	slices.Sort(l)
	return listOf(l)
}

func mvZip(a []value) value {
	sep := ","
	if len(a) == 3 {
		sep = a[2].text()
	}
	x, y := a[0].list(), a[1].list()
	var out []string
	sum := 0
	for i := 0; i < min(len(x), len(y)) && sum < maxSum; i++ {
		out = append(out, x[i]+sep+y[i])
		sum += len(out[i])
	}
	return listOf(out)
}

// mvRange counts from the first number up to, but not to, the second.
func mvRange(a []value) value {
	from, ok1 := a[0].number()
	to, ok2 := a[1].number()
	step, ok3 := 1.0, true
	if len(a) == 3 {
		step, ok3 = a[2].number()
	}
	if !ok1 || !ok2 || !ok3 || step == 0 {
		return null
	}
	var out []string
	for i := 0; i < maxList; i++ {
		n := from + float64(i)*step
		if step > 0 && n >= to || step < 0 && n <= to {
			break
		}
		out = append(out, formatNumber(n))
	}
	return listOf(out)
}

func buildMVFind(c *compiler, call *Call, args []evalFn) (evalFn, *Error) {
	re, err := c.regexArg(call, 1, args[1])
	if err != nil {
		return nil, err
	}
	return func(r *rec) value {
		x := re(r)
		if x == nil {
			return null
		}
		return mvFind(args[0](r).list(), x)
	}, nil
}

func mvFind(l []string, re *regex) value {
	i := slices.IndexFunc(l, re.MatchString)
	if i < 0 {
		return null
	}
	return numOf(float64(i))
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
	return func(r *rec) value {
		var out []string
		with, more := r.each()
		for _, s := range r.value(field).list() {
			if !more() {
				break
			}
			with.set(field, textOf(s))
			if args[0](with).isTrue() {
				out = append(out, s)
			}
		}
		return listOf(out)
	}, nil
}

// buildMVMap applies an expression to each value of a field.
func buildMVMap(c *compiler, call *Call, args []evalFn) (evalFn, *Error) {
	field := fieldOf(call.Args[0])
	if field == "" {
		return nil, c.fault(call.at, `function "mvmap"`, "needs a field")
	}
	return func(r *rec) value {
		var out []string
		sum := 0
		with, more := r.each()
		for _, s := range args[0](r).list() {
			if !more() {
				break
			}
			with.set(field, textOf(s))
			for _, t := range args[1](with).list() {
				out = append(out, t)
				sum += len(t)
			}
			if sum > maxSum || len(out) > maxList {
				break
			}
		}
		return listOf(out)
	}, nil
}
