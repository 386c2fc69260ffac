package spl

import "cmp"

// Rare counts the rows of each tuple of fields, the least frequent first.
type Rare struct {
	Origin
	frequency
}

var _ = register("rare", parseRare)

func parseRare(p *parser, o Origin) (*Rare, *Error) {
	f, err := p.frequency()
	return &Rare{o, f}, err
}

func (x *Rare) String() string { return x.text(x.Origin) }

func (x *Rare) compile(*compiler, shape) (step, shape, *Error) {
	st, out := x.step(cmp.Compare[int64])
	return st, out, nil
}
