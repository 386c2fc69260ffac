package spl

// fieldsOf are the fields that a command names, read or set.
func fieldsOf(cmd Command) []string {
	var out []string
	add := func(names ...string) { out = append(out, names...) }
	ex := func(x Ex) {
		walkEx(x, func(x Ex) {
			if r, ok := x.(*Ref); ok {
				add(r.Name)
			}
		})
	}
	switch x := cmd.(type) {
	case *Search:
		walkExpr(x.Expr, func(x Expr) {
			switch x := x.(type) {
			case *Compare:
				add(x.Field)
			case *In:
				add(x.Field)
			}
		})
	case *Where:
		ex(x.Cond)
	case *Eval:
		for _, s := range x.Sets {
			add(s.Field)
			ex(s.X)
		}
	case *Stats:
		add(x.By...)
		for _, a := range x.Aggs {
			if a.Expr != nil {
				ex(a.Expr)
			} else if a.Field != "" {
				add(a.Field)
			}
		}
	case *Rename:
		for _, p := range x.Pairs {
			add(p.From, p.To)
		}
	case *Convert:
		for _, f := range x.Fields {
			add(f.Field, f.As)
		}
	case *Columns:
		if !x.Drop {
			add(x.Names...)
		}
	case *FillNull:
		add(x.Names...)
	case *Rex:
		add(x.Field)
	case *Regex:
		add(x.Field)
	case *Bin:
		add(x.Field, x.As)
	case *Sort:
		for _, k := range x.Keys {
			add(k.Field)
		}
	case *Dedup:
		add(x.Fields...)
	case *Expand:
		add(x.Field)
	case *MakeMV:
		add(x.Field)
	case *Combine:
		add(x.Field)
	case *LookupCmd:
		for _, f := range append(append([]LookupField(nil), x.In...), x.Out...) {
			add(f.Field)
		}
	case *AddTotals:
		add(append(x.Names, x.As)...)
	case *Top:
		add(append(x.Fields, x.By...)...)
	case *Paths:
		add(x.Input)
		if x.Output != "" {
			add(x.Output)
		}
	}
	return out
}

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

// walkExpr visits a condition of the search command and all in it.
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
