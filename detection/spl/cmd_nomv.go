package spl

import "escutcheon/detection/spl/value"

// Nomv makes one text of a field's values, with spaces between.
type Nomv struct {
	Origin
	Field string
}

var _ = register("nomv", parseNomv)

func parseNomv(p *parser, o Origin) (*Nomv, *Error) {
	f, err := p.field()
	return &Nomv{o, f}, err
}

func (x *Nomv) String() string { return "nomv " + nameText(x.Field) }

// Reads is the field.
func (x *Nomv) Reads() []string { return []string{x.Field} }

// Sets is the field.
func (x *Nomv) Sets() []string { return []string{x.Field} }

// Place is a row by itself.
func (x *Nomv) Place() Place { return EachRow }

func (x *Nomv) compile(_ *compiler, in shape) (step, shape, *Error) {
	return change(func(r *rec) {
		if v := r.value(x.Field); !v.IsNull() {
			r.set(x.Field, value.Text(joinText(v.List(), " ")))
		}
	}), in, nil
}
