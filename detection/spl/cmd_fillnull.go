package spl

import "escutcheon/detection/spl/value"

// Fillnull puts Value where a field is null; without Names in all fields, of
// events in whichever are asked for.
type Fillnull struct {
	Origin
	Names []string
	Value string
}

var _ = register("fillnull", parseFillnull)

// fillDefault is what fillnull puts in without value=.
const fillDefault = "0"

func parseFillnull(p *parser, o Origin) (*Fillnull, *Error) {
	f := &Fillnull{Origin: o, Value: fillDefault}
	opt, err := p.option("value")
	if err != nil {
		return nil, err
	}
	if opt.name != "" {
		f.Value = opt.value
	}
	f.Names, err = p.names()
	return f, err
}

func (x *Fillnull) String() string {
	return newLine(x.Origin).option("value", x.Value, fillDefault).add(nameList(x.Names)).String()
}

// Reads are the fields named.
func (x *Fillnull) Reads() []string { return x.Names }

// Sets are the fields named.
func (x *Fillnull) Sets() []string { return x.Names }

// Place is a row by itself.
func (x *Fillnull) Place() Place { return EachRow }

func (x *Fillnull) compile(_ *compiler, in shape) (step, shape, *Error) {
	names := pick(x.Names, in.names)
	if x.Names == nil {
		if in.open {
			return change(func(r *rec) {
				r.fill = &x.Value
				r.fillNulls()
			}), in, nil
		}
		names = in.names
	}
	return change(func(r *rec) {
		for _, n := range names {
			if r.value(n).IsNull() {
				r.set(n, value.Text(x.Value))
			}
		}
	}), in.with(names...), nil
}

// fillNulls fills the fields that commands have made null.
func (r *rec) fillNulls() {
	for i := range r.cells {
		if r.cells[i].v.IsNull() {
			r.cells[i].v = value.Text(*r.fill)
		}
	}
}
