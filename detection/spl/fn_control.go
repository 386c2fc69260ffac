package spl

// controlFunctions decide which of their arguments counts, and ask what a
// value is.
var controlFunctions = map[string]function{
	"if":        {min: 3, max: 3, build: buildIf},
	"case":      {min: 2, max: -1, build: buildCase},
	"validate":  {min: 2, max: -1, build: buildValidate},
	"coalesce":  {min: 1, max: -1, build: buildCoalesce},
	"in":        {min: 2, max: -1, run: inList},
	"nullif":    {min: 2, max: 2, run: nullIf},
	"null":      {max: 0, run: func([]value) value { return null }},
	"true":      {max: 0, run: func([]value) value { return truthOf(true) }},
	"false":     {max: 0, run: func([]value) value { return truthOf(false) }},
	"isnull":    {min: 1, max: 1, run: func(a []value) value { return truthOf(a[0].k == isNull) }},
	"isnotnull": {min: 1, max: 1, run: func(a []value) value { return truthOf(a[0].k != isNull) }},
	"isnum":     {min: 1, max: 1, run: func(a []value) value { _, ok := a[0].number(); return truthOf(ok && a[0].k != isTruth) }},
	"isint":     {min: 1, max: 1, run: isInt},
	"isstr":     {min: 1, max: 1, run: isStr},
	"isbool":    {min: 1, max: 1, run: func(a []value) value { return truthOf(a[0].k == isTruth) }},
	"typeof":    {min: 1, max: 1, run: typeOf},
}

func buildIf(_ *compiler, _ *Call, args []evalFn) (evalFn, *Error) {
	return func(r *rec) value {
		if args[0](r).isTrue() {
			return args[1](r)
		}
		return args[2](r)
	}, nil
}

// buildCase is the value that follows the first condition that is true.
func buildCase(c *compiler, call *Call, args []evalFn) (evalFn, *Error) {
	if len(args)%2 != 0 {
		return nil, c.fault(call.at, `function "case"`, "needs a value for each condition")
	}
	return func(r *rec) value {
		for i := 0; i < len(args); i += 2 {
			if args[i](r).isTrue() {
				return args[i+1](r)
			}
		}
		return null
	}, nil
}

// buildValidate is case turned round: the value that follows the first
// condition that is not true.
func buildValidate(c *compiler, call *Call, args []evalFn) (evalFn, *Error) {
	if len(args)%2 != 0 {
		return nil, c.fault(call.at, `function "validate"`, "needs a value for each condition")
	}
	return func(r *rec) value {
		for i := 0; i < len(args); i += 2 {
			if !args[i](r).isTrue() {
				return args[i+1](r)
			}
		}
		return null
	}, nil
}

func buildCoalesce(_ *compiler, _ *Call, args []evalFn) (evalFn, *Error) {
	return func(r *rec) value {
		for _, a := range args {
			if v := a(r); v.k != isNull {
				return v
			}
		}
		return null
	}, nil
}

func inList(a []value) value {
	for _, v := range a[1:] {
		if holds("=", a[0], v) {
			return truthOf(true)
		}
	}
	return truthOf(false)
}

func nullIf(a []value) value {
	if holds("=", a[0], a[1]) {
		return null
	}
	return a[0]
}

func isInt(a []value) value {
	n, ok := a[0].number()
	return truthOf(ok && a[0].k != isTruth && n == float64(int64(n)))
}

func isStr(a []value) value {
	_, ok := a[0].number()
	return truthOf(!ok && a[0].k != isNull)
}

func typeOf(a []value) value {
	_, ok := a[0].number()
	switch {
	case a[0].k == isNull:
		return textOf("Invalid")
	case a[0].k == isTruth:
		return textOf("Boolean")
	case a[0].k == isList:
		return textOf("Multivalue")
	case ok:
		return textOf("Number")
	}
	return textOf("String")
}
