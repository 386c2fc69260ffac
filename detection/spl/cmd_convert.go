package spl

import (
	"fmt"
	"slices"
	"strings"
)

// Convert rewrites fields: ctime turns epoch seconds into text.
type Convert struct {
	Origin
	TimeFormat string
	Fields     []ConvertField
}

// ConvertField is Func(Field) AS As; As is Field when not given. Field may
// hold wildcards.
type ConvertField struct{ Func, Field, As string }

var _ = register("convert", parseConvert)

// defaultTimeFormat is Splunk's for ctime.
const defaultTimeFormat = "%m/%d/%Y %H:%M:%S"

func parseConvert(p *parser, o Origin) (*Convert, *Error) {
	cv := &Convert{Origin: o, TimeFormat: defaultTimeFormat}
	if p.keyword("timeformat") {
		if !p.eat('=') {
			return nil, p.expected("= after timeformat")
		}
		p.space()
		at := p.i
		f, err := p.value("()")
		if err != nil {
			return nil, err
		}
		if bad := badTimeFormat(f); bad != "" {
			return nil, p.fault(at, fmt.Sprintf("time format %q", bad), "is not supported")
		}
		cv.TimeFormat = f
	}
	for {
		f, err := p.convertField()
		if err != nil {
			return nil, err
		}
		cv.Fields = append(cv.Fields, f)
		if p.eat(','); p.end() {
			return cv, nil
		}
	}
}

func (p *parser) convertField() (ConvertField, *Error) {
	p.space()
	at, w := p.i, p.peekWord()
	if w == "" {
		return ConvertField{}, p.expected("a function such as ctime(field)")
	}
	p.i += len(w)
	fn := strings.ToLower(w)
	if !slices.Contains(conversionNames, fn) {
		return ConvertField{}, p.fault(at, fmt.Sprintf("function %q", w), "is not supported")
	}
	if !p.eat('(') {
		return ConvertField{}, p.expected("a field in parentheses")
	}
	f, err := p.name("(),=")
	if err != nil {
		return ConvertField{}, err
	}
	if !p.eat(')') {
		return ConvertField{}, p.fault(at, fmt.Sprintf("parenthesis after %q", w), "is not closed after one field")
	}
	out := ConvertField{Func: fn, Field: f, As: f}
	if err := p.as(&out.As); err != nil {
		return out, err
	}
	if out.As != f && strings.Contains(f+out.As, "*") {
		return out, p.fault(at, fmt.Sprintf("wildcard in %q", f), "is not supported with AS")
	}
	return out, nil
}

func (x *Convert) String() string {
	out := make([]string, len(x.Fields))
	for i, f := range x.Fields {
		out[i] = f.Func + "(" + nameText(f.Field) + ")" + asText(f.Field, f.As)
	}
	l := newLine(x.Origin)
	if x.TimeFormat != defaultTimeFormat {
		l.add("timeformat=" + quoteText(x.TimeFormat))
	}
	return l.add(strings.Join(out, ", ")).String()
}

// Reads are the fields in parentheses.
func (x *Convert) Reads() (out []string) {
	for _, f := range x.Fields {
		out = append(out, f.Field)
	}
	return out
}

// Sets are the names after AS, else the fields themselves.
func (x *Convert) Sets() (out []string) {
	for _, f := range x.Fields {
		out = append(out, f.As)
	}
	return out
}

// names are the fields one by one, each with its new name.
func (x *Convert) names() (out []string) {
	for _, f := range x.Fields {
		out = append(out, f.Field, f.As)
	}
	return out
}

// Place is a row by itself.
func (x *Convert) Place() Place { return EachRow }

func (x *Convert) compile(_ *compiler, in shape) (step, shape, *Error) {
	fields := x.resolve(in.names)
	out := in
	for _, f := range fields {
		if in.open || slices.Contains(out.names, f.Field) {
			out = out.with(f.As)
		}
	}
	return change(func(r *rec) {
		for _, f := range fields {
			if v := r.value(f.Field); !v.IsNull() {
				r.set(f.As, convertValue(f.Func, v, x.TimeFormat))
			}
		}
	}), out, nil
}

// resolve turns fields with wildcards into one for each column they name.
func (x *Convert) resolve(columns []string) (out []ConvertField) {
	for _, f := range x.Fields {
		for _, n := range pick([]string{f.Field}, columns) {
			one := ConvertField{f.Func, n, f.As}
			if f.As == f.Field {
				one.As = n
			}
			out = append(out, one)
		}
	}
	return out
}
