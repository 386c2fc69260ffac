package spl

import (
	"escutcheon/detection/spl/value"
)

// Addtotals sums the numbers of a row's fields into As: of those named, which
// may hold wildcards, else of all columns.
type Addtotals struct {
	Origin
	Names []string
	As    string
}

var _ = register("addtotals", parseAddtotals)

const totalDefault = "Total"

func parseAddtotals(p *parser, o Origin) (*Addtotals, *Error) {
	x := &Addtotals{Origin: o, As: totalDefault}
	for {
		opt, err := p.option("row", "col", "fieldname", "labelfield", "label")
		if err == nil {
			err = x.option(p, opt)
		}
		if err != nil {
			return nil, err
		}
		if opt.name == "" {
			x.Names, err = p.names()
			return x, err
		}
	}
}

// option reads an option. The labels are those of the sums of columns, which
// are not supported.
func (x *Addtotals) option(p *parser, opt option) *Error {
	switch opt.name {
	case "fieldname":
		x.As = opt.value
	case "row", "col":
		yes, err := p.truth(opt)
		if err != nil {
			return err
		}
		if yes != (opt.name == "row") {
			return p.unsupported(option{name: opt.name + "=" + opt.value, at: opt.at})
		}
	}
	return nil
}

func (x *Addtotals) String() string {
	return newLine(x.Origin).option("fieldname", x.As, totalDefault).add(nameList(x.Names)).String()
}

// Reads are the fields named.
func (x *Addtotals) Reads() []string { return x.Names }

// Sets is the sum.
func (x *Addtotals) Sets() []string { return []string{x.As} }

// Place is a row by itself.
func (x *Addtotals) Place() Place { return EachRow }

func (x *Addtotals) compile(_ *compiler, in shape) (step, shape, *Error) {
	names := in.names
	if x.Names != nil {
		names = pick(x.Names, in.names)
	}
	return change(func(r *rec) {
		sum, any := 0.0, false
		for _, n := range names {
			for _, s := range r.value(n).List() {
				if f, ok := value.ParseFloat(s); ok {
					sum, any = sum+f, true
				}
			}
		}
		if any {
			r.set(x.As, value.Num(sum))
		}
	}), in.with(x.As), nil
}
