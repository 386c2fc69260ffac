package spl

import (
	"slices"

	"escutcheon/detection/spl/value"
)

// hasTerms says whether a search looks for words or phrases whose ends count:
// older versions ended a word at whatever is no letter and no digit, and let a *
// go on up to white space. What rests on such a search is to be made again.
func (c *compiler) hasTerms(commands Pipeline) (any bool) {
	look := func(x Expr) {
		if x == nil {
			return
		}
		walkExpr(x, func(x Expr) {
			if t, ok := x.(*Term); ok && !onlyStars(t.Text) {
				term := value.NewTerm(t.Text)
				any = any || !term.Anywhere()
			}
		})
	}
	for _, cmd := range commands {
		switch x := cmd.(type) {
		case *Search:
			look(x.Expr)
		case *Tstats:
			look(x.Where)
		case *Where:
			walkEx(x.Cond, func(x Ex) { any = any || asksWords(x) })
		case *Eval:
			for _, f := range x.Fields {
				walkEx(f.X, func(x Ex) { any = any || asksWords(x) })
			}
		}
		for _, s := range subsOf(cmd) {
			any = c.hasTerms(s.Pipe) || any
		}
	}
	return any
}

// hasPassed says whether a search asks for an index that no imported event is in,
// compares a column named as a bound of time is, or has TERM() or CASE(): older
// versions passed over all of these.
func hasPassed(commands Pipeline) bool {
	return slices.ContainsFunc(commands, func(cmd Command) (any bool) {
		_, rows := cmd.(*Inputlookup)
		for _, x := range conditionsOf(cmd) {
			walkExpr(x, func(x Expr) {
				t, index := indexTermOf(x)
				c, compares := x.(*Compare)
				term, words := x.(*Term)
				any = any || index && (!t.holds("") || rows) || words && term.Of != "" ||
					compares && !index && c.Op != "=" && slices.Contains(timeModifiers, c.Field)
			})
		}
		return any || slices.ContainsFunc(subsOf(cmd), func(s *Sub) bool { return hasPassed(s.Pipe) })
	})
}

// conditionsOf are the conditions of the search command that a command has.
func conditionsOf(cmd Command) (out []Expr) {
	switch x := cmd.(type) {
	case *Search:
		out = []Expr{x.Expr}
	case *Tstats:
		out = []Expr{x.Where}
	case *Inputlookup:
		out = []Expr{x.Where}
	case *Transaction:
		for _, b := range []*Bound{x.Start, x.End} {
			if b != nil {
				out = append(out, b.Cond)
			}
		}
	}
	return slices.DeleteFunc(out, func(x Expr) bool { return x == nil })
}

// asksWords says whether an expression may look for words.
func asksWords(x Ex) bool {
	call, ok := x.(*Call)
	return ok && call.Fn == "searchmatch"
}
