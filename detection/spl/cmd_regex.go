package spl

// Regex keeps the rows whose Field matches the pattern, or with Not does not:
// then also those that have not the field.
type Regex struct {
	Origin
	Field   string
	Not     bool
	pattern pattern
}

var _ = register("regex", parseRegex)

func parseRegex(p *parser, o Origin) (*Regex, *Error) {
	x := &Regex{Origin: o, Field: rawField}
	p.space()
	at := p.i
	if !p.done() && p.s[p.i] != '"' {
		name := p.word()
		switch p.comparison() {
		case "=":
			x.Field = name
		case "!=":
			x.Field, x.Not = name, true
		default:
			p.i = at
		}
	}
	var err *Error
	x.pattern, err = p.pattern()
	return x, err
}

// String writes the field as it stood: the command takes none in quotes.
func (x *Regex) String() string {
	switch re := quoteText(x.pattern.text); {
	case x.Not:
		return "regex " + x.Field + "!=" + re
	case x.Field != rawField:
		return "regex " + x.Field + "=" + re
	default:
		return "regex " + re
	}
}

// Reads is the field.
func (x *Regex) Reads() []string { return []string{x.Field} }

// Sets is nothing.
func (x *Regex) Sets() []string { return nil }

// Place is a row by itself.
func (x *Regex) Place() Place { return EachRow }

func (x *Regex) compile(_ *compiler, in shape) (step, shape, *Error) {
	return keep(func(r *rec) bool {
		v := r.value(x.Field)
		return !v.IsNull() && v.AnyText(r.matches(x.pattern.re)) != x.Not || v.IsNull() && x.Not
	}), in, nil
}
