package spl

import "escutcheon/detection/spl/value"

// Functions that decide which of their arguments counts, and ask what a value
// is.
var (
	_ = form("if", exactly(3), buildIf)
	_ = form("case", atLeast(2), buildCase)
	_ = form("validate", atLeast(2), buildValidate)
	_ = form("coalesce", atLeast(1), buildCoalesce)
	_ = function("in", atLeast(2), inList)
	_ = function("nullif", exactly(2), nullIf)
	_ = function("null", exactly(0), func([]value.Value) value.Value { return value.Null })
	_ = function("true", exactly(0), func([]value.Value) value.Value { return value.Truth(true) })
	_ = function("false", exactly(0), func([]value.Value) value.Value { return value.Truth(false) })
	_ = function("isnull", exactly(1), func(a []value.Value) value.Value { return value.Truth(a[0].IsNull()) })
	_ = function("isnotnull", exactly(1), func(a []value.Value) value.Value { return value.Truth(!a[0].IsNull()) })
	_ = function("isnum", exactly(1), isNum)
	_ = function("isint", exactly(1), isInt)
	_ = function("isstr", exactly(1), isStr)
	_ = function("isbool", exactly(1), func(a []value.Value) value.Value { return value.Truth(a[0].IsTruth()) })
	_ = function("typeof", exactly(1), typeOf)
)

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

func isNum(a []value.Value) value.Value {
	_, ok := a[0].Number()
	return value.Truth(ok && !a[0].IsTruth())
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
