package spl

import "strings"

// Appendcols puts the columns of the first row of a subsearch beside the first
// row, those of the second beside the second, and so on.
type Appendcols struct {
	Origin
	Override bool
	Options  SubOptions
	Sub      *Sub
}

var _ = register("appendcols", parseAppendcols)

func parseAppendcols(p *parser, o Origin) (x *Appendcols, err *Error) {
	x = &Appendcols{Origin: o}
	err = x.Options.read(p, func(opt option) (err *Error) {
		x.Override, err = p.truth(opt)
		return err
	}, "override")
	if err == nil {
		x.Sub, err = p.subsearch()
	}
	return x, err
}

func (x *Appendcols) String() string {
	return x.Options.add(newLine(x.Origin).flag("override", x.Override, false)).add(x.Sub.String()).String()
}

// Reads is nothing.
func (x *Appendcols) Reads() []string { return nil }

// Sets is nothing.
func (x *Appendcols) Sets() []string { return nil }

// Place is all rows of a search that is run whole.
func (x *Appendcols) Place() Place { return Whole }

func (x *Appendcols) subs() []*Sub { return []*Sub{x.Sub} }

func (x *Appendcols) compile(c *compiler, in shape) (step, shape, *Error) {
	more := c.nested[0]
	return step{wide: func(e *exec, rows []*rec) []*rec {
		n, long := x.Options.limits(e)
		for i, r := range e.sub(more, n, long) {
			if i == len(rows) {
				rows = append(rows, r)
				continue
			}
			x.put(rows[i], r)
		}
		return rows
	}}, in.beside(more.out), nil
}

func (x *Appendcols) put(r, from *rec) {
	for name := range from.names() {
		if strings.HasPrefix(name, "_") || !x.Override && !r.value(name).IsNull() {
			continue
		}
		r.set(name, from.value(name))
	}
}
