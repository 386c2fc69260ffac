package spl

import (
	"slices"
	"strings"
)

// Columns (table) keeps the columns named, in the order of the names, which may hold
// wildcards.
type Columns struct {
	Origin
	Names []string
}

var _ = register("table", parseTable)

func parseTable(p *parser, o Origin) (*Columns, *Error) {
	names, err := p.someNames()
	return &Columns{o, names}, err
}

func (x *Columns) String() string { return "table " + nameList(x.Names) }

// Reads are the columns named.
func (x *Columns) Reads() []string { return x.Names }

// Sets is nothing.
func (x *Columns) Sets() []string { return nil }

// Place is a row by itself.
func (x *Columns) Place() Place { return EachRow }

func (x *Columns) compile(_ *compiler, in shape) (step, shape, *Error) {
	keep := pick(x.Names, in.names)
	if in.open && anyWild(x.Names) { // the columns stay unknown
		return change(func(*rec) {}), in, nil
	}
	return change(func(r *rec) { r.keepOnly(keep) }), shape{names: keep}, nil
}

// keepOnly leaves a row the fields named and no others.
func (r *rec) keepOnly(names []string) {
	cells := make([]cell, 0, len(names)+1)
	for _, n := range names {
		if v := r.value(n); !v.IsNull() {
			cells = append(cells, cell{n, v})
		}
	}
	r.cells, r.shut, r.fill = cells, true, nil
}

func anyWild(names []string) bool {
	return slices.ContainsFunc(names, func(n string) bool { return strings.Contains(n, "*") })
}
