package spl

import (
	"fmt"
	"slices"
	"strings"
)

func parseRename(p *parser, o Origin) (Command, *Error) {
	rn := &Rename{Origin: o}
	for {
		p.space()
		at := p.i
		from, err := p.name(",=")
		if err != nil {
			return nil, err
		}
		if !p.keyword("as") {
			return nil, p.expected("AS")
		}
		to, err := p.name(",=")
		if err != nil {
			return nil, err
		}
		if n := strings.Count(to, "*"); n > 0 && n != strings.Count(from, "*") {
			return nil, p.fault(at, fmt.Sprintf("%q AS %q", from, to), "has not the same number of wildcards on both sides")
		}
		rn.Pairs = append(rn.Pairs, RenamePair{from, to})
		if p.eat(','); p.end() {
			return rn, nil
		}
	}
}

// defaultTimeFormat is Splunk's for ctime.
const defaultTimeFormat = "%m/%d/%Y %H:%M:%S"

// conversionNames are the functions of convert.
var conversionNames = []string{"ctime", "mktime", "num", "auto", "none", "rmcomma", "rmunit", "memk", "dur2sec", "mstime"}

func parseConvert(p *parser, o Origin) (Command, *Error) {
	cv := &Convert{Origin: o, TimeFormat: defaultTimeFormat}
	if p.keyword("timeformat") {
		if !p.eat('=') {
			return nil, p.expected("= after timeformat")
		}
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

func parseWhere(p *parser, o Origin) (Command, *Error) {
	x, err := p.expression()
	return &Where{o, x}, err
}

func parseEval(p *parser, o Origin) (Command, *Error) {
	ev := &Eval{Origin: o}
	for {
		f, err := p.name("=,()")
		if err != nil {
			return nil, err
		}
		if !p.eat('=') {
			return nil, p.expected("=")
		}
		x, err := p.expression()
		if err != nil {
			return nil, err
		}
		ev.Sets = append(ev.Sets, EvalSet{f, x})
		if !p.eat(',') || p.end() {
			return ev, nil
		}
	}
}

// names reads fields, separated by spaces or commas, up to the end.
func (p *parser) names() ([]string, *Error) {
	var out []string
	for {
		for p.eat(',') {
		}
		if p.end() {
			return out, nil
		}
		n, err := p.name(",()=[]")
		if err != nil {
			return nil, err
		}
		out = append(out, n)
	}
}

// someNames is names that wants at least one.
func (p *parser) someNames() ([]string, *Error) {
	out, err := p.names()
	if err == nil && out == nil {
		err = p.expected("a field name")
	}
	return out, err
}

func parseTable(p *parser, o Origin) (Command, *Error) {
	t := &Columns{Origin: o, Order: o.Name == "table"}
	if !t.Order {
		if p.eat('-') {
			t.Drop = true
		} else {
			p.eat('+')
		}
	}
	var err *Error
	t.Names, err = p.someNames()
	return t, err
}

func parseFillNull(p *parser, o Origin) (Command, *Error) {
	f := &FillNull{Origin: o, Value: "0"}
	name, v, err := p.option("value")
	if err != nil {
		return nil, err
	}
	if name != "" {
		f.Value = v
	}
	f.Names, err = p.names()
	return f, err
}

func parseAddTotals(p *parser, o Origin) (Command, *Error) {
	t := &AddTotals{Origin: o, As: "Total"}
	for {
		at := p.i
		name, v, err := p.option("row", "col", "fieldname", "labelfield", "label")
		if err != nil {
			return nil, err
		}
		yes, bad := true, false
		switch name {
		case "fieldname":
			t.As = v
		case "row":
			yes, err = p.truth(at, v)
			bad = !yes
		case "col":
			yes, err = p.truth(at, v)
			bad = yes
		case "":
			t.Names, err = p.names()
			return t, err
		}
		if err != nil {
			return nil, err
		}
		if bad {
			return nil, p.fault(at, fmt.Sprintf("option %s=%s", name, v), "is not supported")
		}
	}
}

func parseNothing(p *parser, o Origin) (Command, *Error) {
	for !p.end() {
		if p.s[p.i] == '"' {
			if _, err := p.quoted(); err != nil {
				return nil, err
			}
			continue
		}
		p.i++
	}
	return &Nothing{o}, nil
}
