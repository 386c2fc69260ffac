package spl

import (
	"fmt"
	"slices"
	"strings"
)

// aggregates says of each aggregate that is known whether it needs a field.
var aggregates = map[string]bool{"count": false, "c": false, "min": true, "max": true}

func parseStats(p *parser, o Origin) (Command, *Error) {
	st := &Stats{Origin: o}
	for !p.end() {
		if p.keyword("by") {
			if err := p.by(st); err != nil {
				return nil, err
			}
			break
		}
		at := p.i
		a, err := p.agg()
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(st.Aggs, func(b Agg) bool { return b.As == a.As }) {
			return nil, p.fault(at, fmt.Sprintf("column %q", a.As), "is there twice")
		}
		st.Aggs = append(st.Aggs, a)
		p.eat(',')
	}
	if len(st.Aggs) == 0 {
		return nil, p.expected("an aggregate such as count")
	}
	return st, nil
}

// by reads the BY fields: separated by spaces or commas.
func (p *parser) by(st *Stats) *Error {
	for {
		p.space()
		at := p.i
		f, err := p.name(",()=[]")
		if err != nil {
			return err
		}
		taken := slices.ContainsFunc(st.Aggs, func(a Agg) bool { return a.As == f })
		if taken || slices.Contains(st.By, f) {
			return p.fault(at, fmt.Sprintf("column %q", f), "is there twice")
		}
		st.By = append(st.By, f)
		if !p.eat(',') && p.end() {
			return nil
		}
	}
}

// agg reads one aggregate: count, max(field), min(field) as name.
func (p *parser) agg() (Agg, *Error) {
	at := p.i
	w := p.peekWord()
	if w == "" {
		return Agg{}, p.unexpected()
	}
	p.i += len(w)
	a := Agg{Func: strings.ToLower(w)}
	needs, ok := aggregates[a.Func]
	if !ok {
		return Agg{}, p.fault(at, fmt.Sprintf("aggregate %q", w), "is not supported")
	}
	if a.Func == "c" {
		a.Func = "count"
	}
	if !p.done() && p.s[p.i] == '(' {
		f, err := p.argument(at)
		if err != nil {
			return Agg{}, err
		}
		a.Field = f
	} else if needs {
		return Agg{}, p.fault(at, fmt.Sprintf("aggregate %q", w), "needs a field in parentheses")
	}
	a.As = strings.ToLower(w)
	if a.Field != "" {
		a.As += "(" + a.Field + ")"
	}
	return a, p.as(&a.As)
}

// argument reads (field); at is where the function's name stands.
func (p *parser) argument(at int) (string, *Error) {
	fn := p.s[at:p.i]
	p.i++
	f, err := p.name("(),=")
	if err != nil {
		return "", err
	}
	if !p.done() && p.s[p.i] == '(' {
		return "", p.fault(p.i-len(f), fmt.Sprintf("expression %q", f+"()"), "is not supported")
	}
	if !p.eat(')') {
		return "", p.fault(at, fmt.Sprintf("parenthesis after %q", fn), "is not closed after one field")
	}
	return f, nil
}

// as reads AS name into to, if it is next.
func (p *parser) as(to *string) *Error {
	if !p.keyword("as") {
		return nil
	}
	n, err := p.name(",()=")
	if err == nil {
		*to = n
	}
	return err
}

func parseRename(p *parser, o Origin) (Command, *Error) {
	rn := &Rename{Origin: o}
	for {
		p.space()
		at := p.i
		from, err := p.name(",()=")
		if err != nil {
			return nil, err
		}
		if !p.keyword("as") {
			return nil, p.expected("AS")
		}
		to, err := p.name(",()=")
		if err != nil {
			return nil, err
		}
		if n := strings.Count(to, "*"); n > 0 && n != strings.Count(from, "*") {
			return nil, p.fault(at, fmt.Sprintf("%q AS %q", from, to), "has not the same number of wildcards on both sides")
		}
		rn.Pairs = append(rn.Pairs, RenamePair{from, to})
		if !p.eat(',') && p.end() {
			return rn, nil
		}
	}
}

// defaultTimeFormat is Splunk's for ctime.
const defaultTimeFormat = "%m/%d/%Y %H:%M:%S"

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
		if !p.eat(',') && p.end() {
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
	if !strings.EqualFold(w, "ctime") {
		return ConvertField{}, p.fault(at, fmt.Sprintf("function %q", w), "is not supported")
	}
	if p.done() || p.s[p.i] != '(' {
		return ConvertField{}, p.expected("a field in parentheses")
	}
	f, err := p.argument(at)
	if err != nil {
		return ConvertField{}, err
	}
	out := ConvertField{Field: f, As: f}
	if err := p.as(&out.As); err != nil {
		return out, err
	}
	if strings.Contains(f, "*") {
		return out, p.fault(at, fmt.Sprintf("wildcard in %q", f), "is not supported")
	}
	return out, nil
}
