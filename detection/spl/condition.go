package spl

import "strings"

// Expr is a condition of the search command: And, Or, Not, *Compare, *In,
// *Term, *When or *SubExpr.
type Expr interface{ expr() }

type (
	// And matches when all of its parts do.
	And []Expr
	// Or matches when one of its parts does.
	Or []Expr
	// Not matches when X does not, so also when X's field is missing.
	Not struct{ X Expr }
	// Compare is Field Op Value; Op is one of = != < > <= >=.
	Compare struct{ Field, Op, Value string }
	// In is Field IN (Values…): one of them equals.
	In struct {
		Field  string
		Values []string
	}
	// Term is a word or a quoted phrase looked for in _raw; Of is TERM, of one that
	// stands between major breakers, CASE, of one whose case counts, or "".
	Term struct{ Text, Of string }
)

func (And) expr()      {}
func (Or) expr()       {}
func (Not) expr()      {}
func (*Compare) expr() {}
func (*In) expr()      {}
func (*Term) expr()    {}

// walkExpr visits a condition and all in it.
func walkExpr(x Expr, visit func(Expr)) {
	visit(x)
	switch x := x.(type) {
	case And:
		for _, y := range x {
			walkExpr(y, visit)
		}
	case Or:
		for _, y := range x {
			walkExpr(y, visit)
		}
	case Not:
		walkExpr(x.X, visit)
	}
}

// conditionFields are the fields that a condition asks for; an index is none.
func conditionFields(x Expr) (out []string) {
	walkExpr(x, func(x Expr) {
		if _, ok := indexTermOf(x); ok {
			return
		}
		switch x := x.(type) {
		case *Compare:
			out = append(out, x.Field)
		case *In:
			out = append(out, x.Field)
		case *SubExpr:
			if x.Field != "" {
				out = append(out, x.Field)
			}
		}
	})
	return out
}

// everyEvent is a condition that is met by all that was imported.
const everyEvent = "index=*"

// conditionText writes a condition. An OR within an AND gets parentheses that
// it does not need, for who reads it, but where they would nest too deep.
func conditionText(x Expr) string { return conditionAt(x, 0) }

func conditionAt(x Expr, depth int) string {
	group := func(y Expr) string { return "(" + conditionAt(y, depth+1) + ")" }
	switch x := x.(type) {
	case And:
		return joined(x, " ", everyEvent, func(y Expr) string {
			_, or := y.(Or)
			if isMany(y) && !(or && depth > maxDepth/4) {
				return group(y)
			}
			return conditionAt(y, depth)
		})
	case Or:
		return joined(x, " OR ", everyEvent, func(y Expr) string {
			if isMany(y) {
				return group(y)
			}
			return conditionAt(y, depth)
		})
	case Not:
		if in, ok := x.X.(*In); ok {
			return nameText(in.Field) + " NOT IN (" + valueList(in.Values) + ")"
		}
		if isMany(x.X) {
			return "NOT " + group(x.X)
		}
		return "NOT " + conditionAt(x.X, depth+1)
	case *Compare:
		return nameText(x.Field) + x.Op + valueText(x.Value)
	case *In:
		return nameText(x.Field) + " IN (" + valueList(x.Values) + ")"
	case *Term:
		if x.Of != "" {
			return x.Of + "(" + valueText(x.Text) + ")"
		}
		return valueText(x.Text)
	case *When:
		return nameText(x.Name) + "=" + valueText(x.Value)
	case *SubExpr:
		if x.Field == "" {
			return x.Sub.String()
		}
		return nameText(x.Field) + x.Op + x.Sub.String()
	}
	panic("spl: unknown condition") // Expr is sealed
}

// isMany says whether a condition is an AND or OR of some, which within
// another needs parentheses.
func isMany(x Expr) bool {
	switch x := x.(type) {
	case And:
		return len(x) > 1
	case Or:
		return len(x) > 1
	}
	return false
}

func joined(xs []Expr, between, empty string, text func(Expr) string) string {
	if len(xs) == 0 {
		return empty
	}
	out := make([]string, len(xs))
	for i, x := range xs {
		out[i] = text(x)
	}
	return strings.Join(out, between)
}

func valueList(values []string) string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = valueText(v)
	}
	return strings.Join(out, ", ")
}
