package spl

import "escutcheon/detection/spl/value"

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

// asksWords says whether an expression may look for words.
func asksWords(x Ex) bool {
	call, ok := x.(*Call)
	return ok && call.Fn == "searchmatch"
}
