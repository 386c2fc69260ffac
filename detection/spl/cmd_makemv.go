package spl

import (
	"slices"
	"strings"

	"escutcheon/detection/spl/value"
)

// Makemv splits a field into a list: at Delim, or into what the tokenizer
// finds.
type Makemv struct {
	Origin
	Field      string
	Delim      string
	AllowEmpty bool
	tokenizer  pattern // of none re is nil
}

var _ = register("makemv", parseMakemv)

func parseMakemv(p *parser, o Origin) (*Makemv, *Error) {
	x := &Makemv{Origin: o, Delim: " "}
	for !p.end() {
		opt, err := p.option("delim", "tokenizer", "allowempty", "setsv")
		if err != nil {
			return nil, err
		}
		switch {
		case opt.name != "":
			err = x.option(p, opt)
		case x.Field != "":
			err = p.unexpected()
		default:
			x.Field, err = p.field()
		}
		if err != nil {
			return nil, err
		}
	}
	if x.Field == "" {
		return nil, p.expected("a field name")
	}
	return x, nil
}

// option reads an option; setsv, which asks that the field keeps its one value
// beside, changes nothing.
func (x *Makemv) option(p *parser, opt option) (err *Error) {
	switch opt.name {
	case "delim":
		x.Delim = opt.value
	case "allowempty":
		x.AllowEmpty, err = p.truth(opt)
	case "tokenizer":
		x.tokenizer, err = p.compilePattern(opt.at, opt.value)
	}
	return err
}

func (x *Makemv) String() string {
	l := newLine(x.Origin)
	if x.tokenizer.re != nil {
		l.add("tokenizer=" + quoteText(x.tokenizer.text))
	}
	return l.option("delim", x.Delim, " ").flag("allowempty", x.AllowEmpty, false).add(nameText(x.Field)).String()
}

// Reads is the field.
func (x *Makemv) Reads() []string { return []string{x.Field} }

// Sets is the field.
func (x *Makemv) Sets() []string { return []string{x.Field} }

// Place is a row by itself.
func (x *Makemv) Place() Place { return EachRow }

func (x *Makemv) compile(_ *compiler, in shape) (step, shape, *Error) {
	return change(func(r *rec) {
		if v := r.value(x.Field); !v.IsNull() {
			r.set(x.Field, value.ListOf(x.split(r, v.Text())))
		}
	}), in, nil
}

func (x *Makemv) split(r *rec, s string) (out []string) {
	if x.tokenizer.re == nil {
		out = strings.SplitN(s, x.Delim, value.MaxList)
		if !x.AllowEmpty {
			out = slices.DeleteFunc(out, func(s string) bool { return s == "" })
		}
		return out
	}
	for _, m := range x.tokenizer.re.FindAll(s, value.MaxList, &r.within().steps) {
		if g := min(2, len(m)-2); m[g] >= 0 { // the first group, or all where there is none
			out = append(out, s[m[g]:m[g+1]])
		}
	}
	return out
}
