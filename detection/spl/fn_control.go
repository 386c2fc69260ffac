package spl

import "escutcheon/detection/spl/value"

// controlFunctions decide which of their arguments counts, and ask what a
// value is.
var controlFunctions = map[string]function{
	"if":        {min: 3, max: 3, build: buildIf},
	"case":      {min: 2, max: -1, build: buildCase},
	"validate":  {min: 2, max: -1, build: buildValidate},
	"coalesce":  {min: 1, max: -1, build: buildCoalesce},
	"in":        {min: 2, max: -1, run: inList},
	"nullif":    {min: 2, max: 2, run: nullIf},
	"null":      {max: 0, run: func([]value.Value) value.Value { return value.Null }},
	"true":      {max: 0, run: func([]value.Value) value.Value { return value.Truth(true) }},
	"false":     {max: 0, run: func([]value.Value) value.Value { return value.Truth(false) }},
	"isnull":    {min: 1, max: 1, run: func(a []value.Value) value.Value { return value.Truth(a[0].IsNull()) }},
	"isnotnull": {min: 1, max: 1, run: func(a []value.Value) value.Value { return value.Truth(!a[0].IsNull()) }},
	"isnum":     {min: 1, max: 1, run: func(a []value.Value) value.Value { _, ok := a[0].Number(); return value.Truth(ok && !a[0].IsTruth()) }},
	"isint":     {min: 1, max: 1, run: isInt},
	"isstr":     {min: 1, max: 1, run: isStr},
	"isbool":    {min: 1, max: 1, run: func(a []value.Value) value.Value { return value.Truth(a[0].IsTruth()) }},
	"typeof":    {min: 1, max: 1, run: typeOf},
}

func buildIf(_ *compiler, _ *Call, args []evalFn) (evalFn, *Error) {
	return func(r *rec) value.Value {
		if args[0](r).IsTrue() {
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
	return func(r *rec) value.Value {
		for i := 0; i < len(args); i += 2 {
			if args[i](r).IsTrue() {
				return args[i+1](r)
			}
		}
		return value.Null
	}, nil
}

// buildValidate is case turned round: the value that follows the first
// condition that is not true.
func buildValidate(c *compiler, call *Call, args []evalFn) (evalFn, *Error) {
	if len(args)%2 != 0 {
		return nil, c.fault(call.at, `function "validate"`, "needs a value for each condition")
	}
	return func(r *rec) value.Value {
		for i := 0; i < len(args); i += 2 {
			if !args[i](r).IsTrue() {
				return args[i+1](r)
			}
		}
		return value.Null
	}, nil
}

func buildCoalesce(_ *compiler, _ *Call, args []evalFn) (evalFn, *Error) {
	return func(r *rec) value.Value {
		for _, a := range args {
			if v := a(r); !v.IsNull() {
				return v
			}
		}
		return value.Null
	}, nil
}

func inList(a []value.Value) value.Value {
	for _, v := range a[1:] {
		if value.Holds("=", a[0], v) {
			return value.Truth(true)
		}
	}
	return value.Truth(false)
}

func nullIf(a []value.Value) value.Value {
	if value.Holds("=", a[0], a[1]) {
		return value.Null
	}
	return a[0]
}

func isInt(a []value.Value) value.Value {
	n, ok := a[0].Number()
	return value.Truth(ok && !a[0].IsTruth() && n == float64(int64(n)))
}

func isStr(a []value.Value) value.Value {
	_, ok := a[0].Number()
	return value.Truth(!ok && !a[0].IsNull())
}

func typeOf(a []value.Value) value.Value {
	_, ok := a[0].Number()
	switch {
	case a[0].IsNull():
		return value.Text("Invalid")
	case a[0].IsTruth():
		return value.Text("Boolean")
	case a[0].IsList():
		return value.Text("Multivalue")
	case ok:
		return value.Text("Number")
	}
	return value.Text("String")
}
