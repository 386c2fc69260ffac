package spl

import (
	"fmt"
	"math"

	"escutcheon/detection/spl/value"
)

// evalFn is a compiled expression.
type evalFn func(*rec) value.Value

// compiler turns parsed commands into steps that run.
type compiler struct {
	src  *source
	env  *Env
	used []*Table // the tables that the search looks up in
	now  string   // the command being compiled

	whole      bool          // the search is run by a Query
	terms      bool          // it looks for words that an older version found elsewhere too
	indexes    bool          // it asks for an index, or compares a column, that an older version passed over
	index      bool          // it reads the field index, which was null in an older version
	firstOf    bool          // the command being compiled is the first of its pipeline
	nested     []*subPipe    // and its subsearches
	settled    map[*Sub]Ex   // what the subsearches of expressions came to
	conditions map[*Sub]Expr // and those of conditions
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
		return func(*rec) value.Value { return v }, nil
	case *Ref:
		name := x.Name
		return func(r *rec) value.Value {
			v := r.value(name)
			if v.IsList() {
				r.within().Spend(len(v.List()) / valuesCost)
			}
			return v
		}, nil
	case *Unary:
		return c.unary(x)
	case *Binary:
		return c.binary(x)
	case *Call:
		return c.call(x)
	case *SubEx:
		return c.subValue(x.Sub)
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
	f, err := functions[x.Fn].build(c, x, args)
	if err != nil {
		return nil, err
	}
	return measured(f), nil
}

// measured is a function that spends what it makes.
func measured(f evalFn) evalFn {
	return func(r *rec) value.Value {
		v := f(r)
		switch {
		case v.IsList():
			r.within().Spend(1 + len(v.List())/valuesCost)
		case v.IsText():
			r.within().Spend(1 + len(v.Text())/bytesCost)
		}
		return v
	}
}

func (c *compiler) unary(x *Unary) (evalFn, *Error) {
	f, err := c.expr(x.X)
	if err != nil {
		return nil, err
	}
	if x.Op == "NOT" {
		return func(r *rec) value.Value { return value.Truth(!f(r).IsTrue()) }, nil
	}
	return func(r *rec) value.Value {
		n, ok := f(r).Number()
		if !ok {
			return value.Null
		}
		return value.Num(-n)
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
		return func(e *rec) value.Value { return value.Truth(l(e).IsTrue() && r(e).IsTrue()) }, nil
	case "OR":
		return func(e *rec) value.Value { return value.Truth(l(e).IsTrue() || r(e).IsTrue()) }, nil
	case "XOR":
		return func(e *rec) value.Value { return value.Truth(l(e).IsTrue() != r(e).IsTrue()) }, nil
	case ".":
		return func(e *rec) value.Value { return concat(l(e), r(e)) }, nil
	case "=", "!=", "<", "<=", ">", ">=":
		return func(e *rec) value.Value { return value.Truth(value.Holds(op, l(e), r(e))) }, nil
	case "+", "-", "*", "/", "%":
		return func(e *rec) value.Value { return arith(op[0], l(e), r(e)) }, nil
	}
	panic(fmt.Sprintf("spl: unknown operator %q", op)) // the parser knows them all
}

// concat is the dot: null with anything is null.
func concat(a, b value.Value) value.Value {
	if a.IsNull() || b.IsNull() {
		return value.Null
	}
	x, y := a.Text(), b.Text()
	if len(x) >= value.MaxText {
		return value.Text(x)
	}
	return value.Text(x + y[:min(len(y), value.MaxText)])
}

// arith calculates. + of two texts that are no numbers puts them together;
// what cannot be calculated is null.
func arith(op byte, a, b value.Value) value.Value {
	if a.IsNull() || b.IsNull() {
		return value.Null
	}
	x, ok1 := a.Number()
	y, ok2 := b.Number()
	if !ok1 || !ok2 {
		if op == '+' && !ok1 && !ok2 {
			return concat(a, b)
		}
		return value.Null
	}
	switch op {
	case '+':
		return value.Num(x + y)
	case '-':
		return value.Num(x - y)
	case '*':
		return value.Num(x * y)
	case '/':
		return value.Num(x / y)
	}
	return value.Num(math.Mod(x, y))
}
