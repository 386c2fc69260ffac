package spl

import "cmp"

// Top counts the rows of each tuple of fields, the most frequent first.
type Top struct {
	Origin
	frequency
}

var _ = register("top", parseTop)

func parseTop(p *parser, o Origin) (*Top, *Error) {
	f, err := p.frequency()
	return &Top{o, f}, err
}

func (x *Top) String() string { return x.text(x.Origin) }

func (x *Top) compile(*compiler, shape) (step, shape, *Error) {
	st, out := x.step(func(a, b int64) int { return cmp.Compare(b, a) })
	return st, out, nil
}
