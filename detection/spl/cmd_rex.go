package spl

import (
	"fmt"

	"escutcheon/detection/spl/rx"
	"escutcheon/detection/spl/value"
)

// Rex sets a field for each named group of its pattern, or with mode=sed
// rewrites Field.
type Rex struct {
	Origin
	Field   string
	Max     int // how many matches are taken; 0 for all
	pattern pattern
	sed     *rx.Sed // nil without mode=sed
}

var _ = register("rex", parseRex)

func parseRex(p *parser, o Origin) (*Rex, *Error) {
	x := &Rex{Origin: o, Field: rawField, Max: 1}
	isSed, seen, at := false, false, 0
	for !p.end() {
		opt, err := p.option("field", "max_match", "mode", "offset_field")
		if err != nil {
			return nil, err
		}
		switch {
		case opt.name != "":
			err = x.option(p, opt)
			isSed = isSed || opt.name == "mode"
		case seen:
			err = p.unexpected()
		default:
			at, seen = p.i, true
			x.pattern.text, err = p.value("")
		}
		if err != nil {
			return nil, err
		}
	}
	if !seen {
		return nil, p.expected("a regular expression")
	}
	return x, x.read(p, isSed, at)
}

func (x *Rex) option(p *parser, opt option) (err *Error) {
	switch opt.name {
	case "field":
		x.Field = opt.value
	case "max_match":
		x.Max, err = p.count(opt)
	case "mode":
		if opt.value != "sed" {
			err = p.fault(opt.at, fmt.Sprintf("mode %q", opt.value), "is not supported")
		}
	default:
		err = p.unsupported(opt)
	}
	return err
}

// read compiles the expression, which stands at at.
func (x *Rex) read(p *parser, isSed bool, at int) (err *Error) {
	if isSed {
		sed, e := rx.ParseSed(x.pattern.text)
		if e != nil {
			return p.fault(at, "sed expression", e.Error())
		}
		x.sed = sed
		return nil
	}
	if x.pattern, err = p.compilePattern(at, x.pattern.text); err != nil {
		return err
	}
	if x.Sets() == nil {
		return p.fault(at, "regular expression", "has no named group")
	}
	return nil
}

func (x *Rex) String() string {
	l := newLine(x.Origin).option("field", x.Field, rawField).number("max_match", x.Max, 1)
	if x.sed != nil {
		l.add("mode=sed")
	}
	return l.add(quoteText(x.pattern.text)).String()
}

// Reads is the field.
func (x *Rex) Reads() []string { return []string{x.Field} }

// Sets are the named groups, or the field that sed rewrites.
func (x *Rex) Sets() (out []string) {
	if x.sed != nil {
		return []string{x.Field}
	}
	for _, n := range x.pattern.re.SubexpNames() {
		if n != "" {
			out = append(out, n)
		}
	}
	return out
}

// names is the field: what the groups set stands with the columns that
// commands are known to make.
func (x *Rex) names() []string { return x.Reads() }

// Place is a row by itself.
func (x *Rex) Place() Place { return EachRow }

func (x *Rex) compile(_ *compiler, in shape) (step, shape, *Error) {
	if x.sed == nil {
		return change(x.extract), in.with(x.Sets()...), nil
	}
	return change(func(r *rec) {
		if v := r.value(x.Field); !v.IsNull() {
			r.set(x.Field, v.EachText(func(s string) string { return x.sed.Apply(s, &r.within().steps) }))
		}
	}), in, nil
}

// extract sets the field of each named group. A field whose group took part in
// no match keeps what it has.
func (x *Rex) extract(r *rec) {
	names := x.pattern.re.SubexpNames()
	found := make([][]string, len(names))
	most := x.Max
	if most == 0 || most > value.MaxList {
		most = value.MaxList
	}
	for _, s := range r.value(x.Field).List() {
		for _, m := range x.pattern.re.FindAll(s, most, &r.within().steps) {
			for g := 1; g < len(names); g++ {
				if names[g] != "" && m[2*g] >= 0 && len(found[g]) < most {
					found[g] = append(found[g], s[m[2*g]:m[2*g+1]])
				}
			}
		}
	}
	for g, l := range found {
		if l != nil {
			r.set(names[g], value.ListOf(l))
		}
	}
}
