package spl

import "slices"

// Fields keeps the columns named and _time, in the order in which they stand,
// or with Drop leaves out the columns named. Names may hold wildcards.
type Fields struct {
	Origin
	Names []string
	Drop  bool
}

var _ = register("fields", parseFields)

func parseFields(p *parser, o Origin) (*Fields, *Error) {
	x := &Fields{Origin: o, Drop: p.eat('-')}
	if !x.Drop {
		p.eat('+')
	}
	var err *Error
	x.Names, err = p.someNames()
	return x, err
}

func (x *Fields) String() string {
	if x.Drop {
		return "fields - " + nameList(x.Names)
	}
	return "fields " + nameList(x.Names)
}

// Reads are the columns that are kept.
func (x *Fields) Reads() []string {
	if x.Drop {
		return nil
	}
	return x.Names
}

// Sets is nothing.
func (x *Fields) Sets() []string { return nil }

// Place is a row by itself.
func (x *Fields) Place() Place { return EachRow }

func (x *Fields) compile(_ *compiler, in shape) (step, shape, *Error) {
	if x.Drop {
		st, out := x.drop(in)
		return st, out, nil
	}
	if in.open && anyWild(x.Names) { // the columns stay unknown
		return change(func(*rec) {}), in, nil
	}
	names := pick(x.Names, in.names)
	out := shape{names: names}
	if !in.open {
		out.names = slices.DeleteFunc(slices.Clone(in.names), func(n string) bool {
			return !slices.Contains(names, n) && n != timeField
		})
	}
	if !slices.Contains(names, timeField) {
		names = append(names[:len(names):len(names)], timeField)
	}
	return change(func(r *rec) { r.keepOnly(names) }), out, nil
}

func (x *Fields) drop(in shape) (step, shape) {
	out := shape{open: in.open}
	for _, n := range in.names {
		if !matchesAny(x.Names, n) {
			out.names = append(out.names, n)
		}
	}
	var globs []glob
	for _, n := range x.Names {
		globs = append(globs, glob(n))
	}
	return change(func(r *rec) {
		r.cells = slices.DeleteFunc(r.cells, func(c cell) bool { return matchesAny(x.Names, c.name) })
		r.hide = append(r.hide[:len(r.hide):len(r.hide)], globs...)
	}), out
}

func matchesAny(names []string, n string) bool {
	return slices.ContainsFunc(names, func(g string) bool { return glob(g).match(n) })
}
