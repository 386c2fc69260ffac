package spl

import (
	"fmt"
	"math"
)

// evalFn is a compiled expression.
type evalFn func(*rec) value

// function is one function of eval and where. Either run gets its arguments'
// values, or build makes the compiled call itself.
type function struct {
	min, max int // arguments; max -1 for any number
	run      func(args []value) value
	build    func(c *compiler, call *Call, args []evalFn) (evalFn, *Error)
}

// functions are the functions that are known. A new function is a line in one
// of the tables that are put together here.
var functions = map[string]function{}

func init() {
	for _, table := range []map[string]function{controlFunctions, textFunctions, matchFunctions, listFunctions, numberFunctions, timeFunctions} {
		for name, f := range table {
			functions[name] = f
		}
	}
}

// compiler turns parsed commands into steps that run.
type compiler struct {
	src    *source
	tables Tables
	used   []*Table // the tables that the search looks up in
	now    string   // the command being compiled
}

func (c *compiler) fault(at int, subject, reason string) *Error {
	pos, macro := c.src.pos(at)
	return &Error{Command: c.now, Pos: pos, Macro: macro, Subject: subject, Reason: reason}
}

// expr compiles an expression.
func (c *compiler) expr(x Ex) (evalFn, *Error) {
	switch x := x.(type) {
	case *Lit:
		v := x.v
		return func(*rec) value { return v }, nil
	case *Ref:
		name := x.Name
		return func(r *rec) value { return r.value(name) }, nil
	case *Unary:
		return c.unary(x)
	case *Binary:
		return c.binary(x)
	case *Call:
		return c.call(x)
	}
	panic("spl: unknown expression") // Ex is sealed
}

func (c *compiler) exprs(xs []Ex) ([]evalFn, *Error) {
	out := make([]evalFn, len(xs))
	for i, x := range xs {
		f, err := c.expr(x)
		if err != nil {
			return nil, err
		}
		out[i] = f
	}
	return out, nil
}

func (c *compiler) call(x *Call) (evalFn, *Error) {
	args, err := c.exprs(x.Args)
	if err != nil {
		return nil, err
	}
	f := functions[x.Fn]
	if f.build != nil {
		return f.build(c, x, args)
	}
	return func(r *rec) value {
		var few [4]value
		vals := few[:0]
		for _, a := range args {
			vals = append(vals, a(r))
		}
		return f.run(vals)
	}, nil
}

func (c *compiler) unary(x *Unary) (evalFn, *Error) {
	f, err := c.expr(x.X)
	if err != nil {
		return nil, err
	}
	if x.Op == "NOT" {
		return func(r *rec) value { return truthOf(!f(r).isTrue()) }, nil
	}
	return func(r *rec) value {
		n, ok := f(r).number()
		if !ok {
			return null
		}
		return numOf(-n)
	}, nil
}

func (c *compiler) binary(x *Binary) (evalFn, *Error) {
	l, err := c.expr(x.L)
	if err != nil {
		return nil, err
	}
	r, err := c.expr(x.R)
	if err != nil {
		return nil, err
	}
	op := x.Op
	switch op {
	case "AND":
		return func(e *rec) value { return truthOf(l(e).isTrue() && r(e).isTrue()) }, nil
	case "OR":
		return func(e *rec) value { return truthOf(l(e).isTrue() || r(e).isTrue()) }, nil
	case "XOR":
		return func(e *rec) value { return truthOf(l(e).isTrue() != r(e).isTrue()) }, nil
	case ".":
		return func(e *rec) value { return concat(l(e), r(e)) }, nil
	case "=", "!=", "<", "<=", ">", ">=":
		return func(e *rec) value { return truthOf(holds(op, l(e), r(e))) }, nil
	case "+", "-", "*", "/", "%":
		return func(e *rec) value { return arith(op[0], l(e), r(e)) }, nil
	}
	panic(fmt.Sprintf("spl: unknown operator %q", op)) // the parser knows them all
}

// concat is the dot: null with anything is null.
func concat(a, b value) value {
	if a.k == isNull || b.k == isNull {
		return null
	}
	x, y := a.text(), b.text()
	if len(x) >= maxText {
		return textOf(x)
	}
	return textOf(x + y[:min(len(y), maxText)])
}

// arith calculates. + of two texts that are no numbers puts them together;
// what cannot be calculated is null.
func arith(op byte, a, b value) value {
	if a.k == isNull || b.k == isNull {
		return null
	}
	x, ok1 := a.number()
	y, ok2 := b.number()
	if !ok1 || !ok2 {
		if op == '+' && !ok1 && !ok2 {
			return concat(a, b)
		}
		return null
	}
	switch op {
	case '+':
		return numOf(x + y)
	case '-':
		return numOf(x - y)
	case '*':
		return numOf(x * y)
	case '/':
		return numOf(x / y)
	}
	return numOf(math.Mod(x, y))
}
