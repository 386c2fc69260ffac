package spl

// Fieldformat changes no row: it is about how Splunk shows a field.
type Fieldformat struct {
	Origin
	Args string
}

var _ = register("fieldformat", parseFieldformat)

func parseFieldformat(p *parser, o Origin) (*Fieldformat, *Error) {
	args, err := p.unread()
	return &Fieldformat{o, args}, err
}

func (x *Fieldformat) String() string { return newLine(x.Origin).add(x.Args).String() }

// Reads is nothing.
func (x *Fieldformat) Reads() []string { return nil }

// Sets is nothing.
func (x *Fieldformat) Sets() []string { return nil }

// Place is a row by itself.
func (x *Fieldformat) Place() Place { return EachRow }

func (x *Fieldformat) compile(_ *compiler, in shape) (step, shape, *Error) {
	return keep(func(*rec) bool { return true }), in, nil
}
