package spl

// Where keeps the rows for which Cond is true; null is not.
type Where struct {
	Origin
	Cond Ex
}

var _ = register("where", parseWhere)

func parseWhere(p *parser, o Origin) (*Where, *Error) {
	x, err := p.expression()
	return &Where{o, x}, err
}

func (x *Where) String() string { return "where " + expressionText(x.Cond) }

// Reads are the fields of the condition.
func (x *Where) Reads() []string { return refsOf(x.Cond) }

// Sets is nothing.
func (x *Where) Sets() []string { return nil }

func (x *Where) subs() []*Sub { return subsInEx(x.Cond) }

// Place is a row by itself.
func (x *Where) Place() Place { return EachRow }

func (x *Where) compile(c *compiler, in shape) (step, shape, *Error) {
	f, err := c.expr(x.Cond)
	return keep(func(r *rec) bool { return f(r).IsTrue() }), in, err
}
