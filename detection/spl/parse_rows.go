package spl

import (
	"fmt"
	"slices"
	"strings"

	"escutcheon/detection/spl/value"
)

func parseSort(p *parser, o Origin) (Command, *Error) {
	s := &Sort{Origin: o, Limit: sortLimit}
	p.space()
	at := p.i
	if name, v, err := p.option("limit"); err != nil {
		return nil, err
	} else if name != "" {
		if s.Limit, err = p.count(at, v); err != nil {
			return nil, err
		}
	} else if n := value.Digits(p.s[p.i:]); n > 0 && (p.i+n >= len(p.s) || strings.IndexByte(" \t\r\n+-,", p.s[p.i+n]) >= 0) {
		p.i += n
		var err *Error
		if s.Limit, err = p.count(at, p.s[at:p.i]); err != nil {
			return nil, err
		}
	}
	p.keyword("by")
	var err *Error
	if s.Keys, err = p.sortKeys(); err != nil {
		return nil, err
	}
	if p.word1("DESC", "D") != "" {
		for i := range s.Keys {
			s.Keys[i].Desc = !s.Keys[i].Desc
		}
	}
	return s, nil
}

// sortKeys reads [+-]field or [+-]num(field), up to the end. A sign by itself
// counts for the field that follows.
func (p *parser) sortKeys() ([]SortKey, *Error) {
	var out []SortKey
	for {
		for p.eat(',') {
		}
		if p.end() || len(out) > 0 && p.atDesc() {
			break
		}
		k := SortKey{}
		switch p.oneOf("+-") {
		case "-":
			k.Desc = true
		}
		p.space()
		if w := p.peekWord(); slices.Contains([]string{"num", "str", "ip", "auto"}, w) && strings.HasPrefix(p.s[p.i+len(w):], "(") {
			p.i += len(w) + 1
			k.How = strings.TrimPrefix(w, "auto")
			f, err := p.name("(),=")
			if err != nil {
				return nil, err
			}
			if !p.eat(')') {
				return nil, p.expected("a closing parenthesis")
			}
			k.Field = f
		} else {
			f, err := p.name(",=")
			if err != nil {
				return nil, err
			}
			k.Field = f
		}
		out = append(out, k)
	}
	if out == nil {
		return nil, p.expected("a field name")
	}
	return out, nil
}

// atDesc says whether the word desc ends the command.
func (p *parser) atDesc() bool {
	at := p.i
	w := p.word1("DESC", "D")
	last := w != "" && p.end()
	p.i = at
	return last
}

func parseHead(p *parser, o Origin) (Command, *Error) {
	h := &Head{Origin: o, N: 10, Tail: o.Name == "tail"}
	if p.end() {
		return h, nil
	}
	at := p.i
	name, v, err := p.option("limit")
	if err != nil {
		return nil, err
	}
	if name == "" {
		n := value.Digits(p.s[p.i:])
		if n == 0 {
			return nil, p.fault(at, "condition", fmt.Sprintf("is not supported in the %s command", o.Name))
		}
		v = p.s[p.i : p.i+n]
		p.i += n
	}
	h.N, err = p.count(at, v)
	return h, err
}

func parseReverse(_ *parser, o Origin) (Command, *Error) { return &Reverse{o}, nil }

func parseDedup(p *parser, o Origin) (Command, *Error) {
	d := &Dedup{Origin: o, N: 1}
	p.space()
	if n := value.Digits(p.s[p.i:]); n > 0 && n < 6 && p.i+n < len(p.s) && p.s[p.i+n] <= ' ' {
		var err *Error
		if d.N, err = p.count(p.i, p.s[p.i:p.i+n]); err != nil {
			return nil, err
		}
		p.i += n
	}
	for {
		for p.eat(',') {
		}
		if p.end() {
			break
		}
		if at := p.i; p.keyword("sortby") {
			var err *Error
			d.Sort, err = p.sortKeys()
			return d, err
		} else {
			p.i = at
		}
		if err := p.dedupArg(d); err != nil {
			return nil, err
		}
	}
	if d.Fields == nil || d.N == 0 {
		return nil, p.expected("a field name")
	}
	return d, nil
}

func (p *parser) dedupArg(d *Dedup) *Error {
	at := p.i
	name, v, err := p.option("keepevents", "keepempty", "consecutive")
	if err != nil {
		return err
	}
	if name == "" {
		f, err := p.name(",()=")
		d.Fields = append(d.Fields, f)
		return err
	}
	yes, err := p.truth(at, v)
	switch name {
	case "keepempty":
		d.KeepEmpty = yes
	case "consecutive":
		d.Run = yes
	default:
		if yes && err == nil {
			err = p.fault(at, "option keepevents", "is not supported")
		}
	}
	return err
}

func parseTop(p *parser, o Origin) (Command, *Error) {
	t := &Top{Origin: o, N: 10, Least: o.Name == "rare", Count: "count", Share: "percent"}
	p.space()
	if n := value.Digits(p.s[p.i:]); n > 0 && p.i+n < len(p.s) && p.s[p.i+n] <= ' ' {
		var err *Error
		if t.N, err = p.count(p.i, p.s[p.i:p.i+n]); err != nil {
			return nil, err
		}
		p.i += n
	}
	into := &t.Fields
	for {
		for p.eat(',') {
		}
		if p.end() {
			break
		}
		if at := p.i; p.keyword("by") {
			into = &t.By
			continue
		} else {
			p.i = at
		}
		read, err := p.topOption(t)
		if err != nil {
			return nil, err
		}
		if !read {
			f, err := p.name(",()=")
			if err != nil {
				return nil, err
			}
			*into = append(*into, f)
		}
	}
	if t.Fields == nil {
		return nil, p.expected("a field name")
	}
	return t, nil
}

func (p *parser) topOption(t *Top) (bool, *Error) {
	at := p.i
	name, v, err := p.option("limit", "countfield", "percentfield", "showcount", "showperc")
	if err != nil || name == "" {
		return false, err
	}
	switch name {
	case "limit":
		t.N, err = p.count(at, v)
	case "countfield":
		t.Count = v
	case "percentfield":
		t.Share = v
	default:
		yes, e := p.truth(at, v)
		if err = e; !yes && name == "showcount" {
			t.Count = ""
		} else if !yes {
			t.Share = ""
		}
	}
	return true, err
}

func parseLookup(p *parser, o Origin) (Command, *Error) {
	l := &LookupCmd{Origin: o}
	for {
		name, _, err := p.option("local", "update", "append", "event_time_field")
		if err != nil {
			return nil, err
		}
		if name == "" {
			break
		}
	}
	p.space()
	l.at = p.i
	var err *Error
	if l.Name, err = p.name(",()="); err != nil {
		return nil, err
	}
	into := &l.In
	for {
		for p.eat(',') {
		}
		if p.end() {
			break
		}
		switch p.word1("OUTPUTNEW", "OUTPUT") {
		case "OUTPUTNEW":
			l.New = true
			into = &l.Out
			continue
		case "OUTPUT":
			into = &l.Out
			continue
		}
		f, err := p.name(",()=")
		if err != nil {
			return nil, err
		}
		lf := LookupField{f, f}
		if err := p.as(&lf.Field); err != nil {
			return nil, err
		}
		*into = append(*into, lf)
	}
	if l.In == nil {
		return nil, p.expected("a field name")
	}
	return l, nil
}
