package spl

import (
	"fmt"

	"escutcheon/detection/spl/value"
)

// plain is a function of its arguments' values.
type plain func(args []value.Value) value.Value

// builder makes the compiled call of a form: one that decides which of its
// arguments are looked at, or wants to see them as they are written. A fault of
// theirs is an *Error at call.at.
type builder func(c *compiler, call *Call, args []evalFn) (evalFn, *Error)

// evalFunction is one function of eval and where.
type evalFunction struct {
	takes arity
	build builder
}

// functions are those that are known. Each registers itself in the file of its
// family.
var functions = map[string]evalFunction{}

// function registers a function of values under its name.
func function(name string, takes arity, run plain) struct{} {
	return form(name, takes, func(_ *compiler, _ *Call, args []evalFn) (evalFn, *Error) {
		return func(r *rec) value.Value {
			var few [4]value.Value
			vals := few[:0]
			for _, a := range args {
				vals = append(vals, a(r))
			}
			return run(vals)
		}, nil
	})
}

// form registers a function that makes its calls itself.
func form(name string, takes arity, build builder) struct{} {
	if _, twice := functions[name]; twice {
		panic(fmt.Sprintf("spl: function %q is there twice", name))
	}
	functions[name] = evalFunction{takes, build}
	return struct{}{}
}

// arity is how many arguments a function takes.
type arity struct{ least, most int }

// anyNumber is the most that a function takes which has no bound.
const anyNumber = 1 << 30

func exactly(n int) arity           { return arity{n, n} }
func between(least, most int) arity { return arity{least, most} }
func atLeast(n int) arity           { return arity{n, anyNumber} }

func (a arity) fits(n int) bool { return a.least <= n && n <= a.most }
