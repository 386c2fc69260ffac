package spl

// Search keeps the events or rows that Expr matches.
type Search struct {
	Origin
	Expr Expr
}

var _ = register("search", parseSearch)

func parseSearch(p *parser, o Origin) (*Search, *Error) {
	if p.end() && p.started() {
		return &Search{o, And{}}, nil
	}
	x, err := p.and()
	return &Search{o, x}, err
}

func (x *Search) String() string { return "search " + conditionText(x.Expr) }

// Reads are the fields that it compares; a word is looked for in _raw and
// names none.
func (x *Search) Reads() []string { return conditionFields(x.Expr) }

// Sets is nothing.
func (x *Search) Sets() []string { return nil }

func (x *Search) subs() []*Sub { return subsIn(x.Expr) }

// Place is a row by itself.
func (x *Search) Place() Place { return EachRow }

func (x *Search) compile(c *compiler, in shape) (step, shape, *Error) {
	expr := c.condition(x.Expr)
	m := c.env.matcher(expr)
	st := keep(func(r *rec) bool { return m.match(r) })
	st.asks, st.asked = expr, m
	return st, in, nil
}
