package spl

import "escutcheon/detection/spl/value"

// Mvexpand makes a row of each value of a field, of the first Limit ones where
// that is not 0. A row without the field stays.
type Mvexpand struct {
	Origin
	Field string
	Limit int
}

var _ = register("mvexpand", parseMvexpand)

func parseMvexpand(p *parser, o Origin) (*Mvexpand, *Error) {
	x := &Mvexpand{Origin: o}
	var err *Error
	if x.Field, err = p.field(); err != nil {
		return nil, err
	}
	opt, err := p.option("limit")
	if opt.name != "" && err == nil {
		x.Limit, err = p.count(opt)
	}
	return x, err
}

func (x *Mvexpand) String() string {
	return newLine(x.Origin).add(nameText(x.Field)).number("limit", x.Limit, 0).String()
}

// Reads is the field.
func (x *Mvexpand) Reads() []string { return []string{x.Field} }

// Sets is the field.
func (x *Mvexpand) Sets() []string { return []string{x.Field} }

// Place is a row by itself.
func (x *Mvexpand) Place() Place { return EachRow }

func (x *Mvexpand) compile(_ *compiler, in shape) (step, shape, *Error) {
	return step{many: x.expand, timely: true}, in, nil
}

func (x *Mvexpand) expand(r *rec, emit func(*rec) bool) {
	all := r.value(x.Field).List()
	if len(all) < 2 {
		emit(r)
		return
	}
	l := all
	if x.Limit > 0 {
		l = l[:min(x.Limit, len(l))]
	}
	for i, s := range l {
		c := r.clone()
		c.set(x.Field, value.Text(s))
		c.id = r.id*value.MaxList + i
		if !emit(c) {
			return
		}
	}
}
