package spl

import (
	"slices"
	"strings"

	"escutcheon/detection/spl/value"
)

// Ex is an expression of eval and where: *Lit, *Ref, *Call, *Unary, *Binary,
// *SubEx.
type Ex interface{ ex() }

type (
	// Lit is a text, or a number.
	Lit struct{ v value.Value }
	// Ref is a field.
	Ref struct{ Name string }
	// Call is a function, IN and LIKE among them.
	Call struct {
		Fn   string
		Args []Ex
		at   int // in the expanded text
	}
	// Unary is NOT or -.
	Unary struct {
		Op string
		X  Ex
	}
	// Binary is AND, OR, XOR, a comparison, . or arithmetic.
	Binary struct {
		Op   string
		L, R Ex
	}
)

func (*Lit) ex()    {}
func (*Ref) ex()    {}
func (*Call) ex()   {}
func (*Unary) ex()  {}
func (*Binary) ex() {}

// walkEx visits an expression and all in it.
func walkEx(x Ex, visit func(Ex)) {
	visit(x)
	switch x := x.(type) {
	case *Unary:
		walkEx(x.X, visit)
	case *Binary:
		walkEx(x.L, visit)
		walkEx(x.R, visit)
	case *Call:
		for _, a := range x.Args {
			walkEx(a, visit)
		}
	}
}

// refsOf are the fields that an expression reads.
func refsOf(x Ex) (out []string) {
	walkEx(x, func(x Ex) {
		if r, ok := x.(*Ref); ok {
			out = append(out, r.Name)
		}
	})
	return out
}

// How tightly the parts of an expression bind, loosest first.
const (
	bindOr = iota
	bindAnd
	bindNot
	bindCompare
	bindAdd
	bindMul
	bindSign
	bindTight
)

var bindings = map[string]int{"OR": bindOr, "XOR": bindOr, "AND": bindAnd, "=": bindCompare, "!=": bindCompare,
	"<": bindCompare, "<=": bindCompare, ">": bindCompare, ">=": bindCompare, "+": bindAdd, "-": bindAdd, ".": bindAdd,
	"*": bindMul, "/": bindMul, "%": bindMul}

// expressionText writes an expression.
func expressionText(x Ex) string { return bound(x, bindOr) }

// bound writes an expression where what stands around it binds as given, in
// parentheses where it binds less.
func bound(x Ex, around int) string {
	text, binds := unbound(x)
	if binds < around {
		return "(" + text + ")"
	}
	return text
}

// unbound writes an expression and says how it binds.
func unbound(x Ex) (string, int) {
	switch x := x.(type) {
	case *Lit:
		if s := x.v.Text(); isPlainNumber(s) {
			return s, bindTight
		}
		return quoteText(x.v.Text()), bindTight
	case *Ref:
		return refText(x.Name), bindTight
	case *Unary:
		if c, ok := x.X.(*Call); ok && x.Op == "NOT" && (c.Fn == "in" || c.Fn == "like") {
			return infix(c, " NOT"), bindCompare
		}
		if x.Op == "NOT" {
			return "NOT " + bound(x.X, bindNot), bindNot
		}
		return "-" + bound(x.X, bindSign), bindSign
	case *Binary:
		b := bindings[x.Op]
		return bound(x.L, b) + " " + x.Op + " " + bound(x.R, b+1), b
	case *Call:
		if x.Fn == "in" || x.Fn == "like" {
			return infix(x, ""), bindCompare
		}
		return x.Fn + "(" + expressionList(x.Args) + ")", bindTight
	case *SubEx:
		return x.Sub.String(), bindTight
	}
	panic("spl: unknown expression") // Ex is sealed
}

// infix writes IN and LIKE between their operands.
func infix(c *Call, not string) string {
	l := bound(c.Args[0], bindCompare) + not
	if c.Fn == "like" {
		return l + " LIKE " + bound(c.Args[1], bindAdd)
	}
	return l + " IN (" + expressionList(c.Args[1:]) + ")"
}

func expressionList(xs []Ex) string {
	out := make([]string, len(xs))
	for i, x := range xs {
		out[i] = expressionText(x)
	}
	return strings.Join(out, ", ")
}

// operatorWords may not stand for a field without quotes.
var operatorWords = []string{"and", "or", "xor", "not", "in", "like"}

// refText writes a field of an expression.
func refText(name string) string {
	bare := name != "" && (name[0] < '0' || name[0] > '9') && !slices.Contains(operatorWords, strings.ToLower(name))
	for i := 0; bare && i < len(name); i++ {
		bare = isWordByte(name[i])
	}
	if bare {
		return name
	}
	return "'" + name + "'"
}
