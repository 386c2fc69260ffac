package spl

// Appendpipe puts what a pipeline makes of the rows after them.
type Appendpipe struct {
	Origin
	Sub *Sub
}

var _ = register("appendpipe", parseAppendpipe)

func parseAppendpipe(p *parser, o Origin) (*Appendpipe, *Error) {
	opt, err := p.option("run_in_preview")
	if err == nil && opt.name != "" {
		_, err = p.truth(opt)
	}
	if err != nil {
		return nil, err
	}
	sub, err := p.subsearch()
	return &Appendpipe{o, sub}, err
}

func (x *Appendpipe) String() string { return newLine(x.Origin).add(x.Sub.String()).String() }

// Reads is nothing.
func (x *Appendpipe) Reads() []string { return nil }

// Sets is nothing.
func (x *Appendpipe) Sets() []string { return nil }

// Place is all rows of a search that is run whole.
func (x *Appendpipe) Place() Place { return Whole }

func (x *Appendpipe) subs() []*Sub { return []*Sub{x.Sub} }

func (x *Appendpipe) overRows() {}

func (x *Appendpipe) compile(c *compiler, in shape) (step, shape, *Error) {
	more := c.nested[0]
	return step{wide: func(e *exec, rows []*rec) []*rec {
		copies := make([]*rec, len(rows))
		for i, r := range rows {
			copies[i] = r.clone()
		}
		return append(rows, e.subOver(more, copies, e.opt.Limits.Rows, e.opt.Limits.SubTime)...)
	}}, in.beside(more.out), nil
}
