package spl

import (
	"fmt"
	"slices"
	"strings"
)

// maxDepth bounds how deep parentheses and NOT may nest.
const maxDepth = 200

// wordEnd ends a bare word of the search command, valueEnd a value after an
// operator, listEnd a value of IN.
const (
	wordEnd  = `()[],=<>`
	valueEnd = `()[]`
	listEnd  = `()[],`
)

// and is the loosest: in search, NOT binds first, then OR, then AND.
func (p *parser) and() (Expr, *Error) {
	var parts And
	for {
		x, err := p.or()
		if err != nil {
			return nil, err
		}
		parts = append(parts, x)
		if p.operator("AND") {
			continue
		}
		if p.end() || p.s[p.i] == ')' || p.depth == 0 && p.stopped() {
			break
		}
	}
	if len(parts) == 1 {
		return parts[0], nil
	}
	return parts, nil
}

func (p *parser) or() (Expr, *Error) {
	var parts Or
	for {
		x, err := p.not()
		if err != nil {
			return nil, err
		}
		parts = append(parts, x)
		if !p.operator("OR") {
			break
		}
	}
	if len(parts) == 1 {
		return parts[0], nil
	}
	return parts, nil
}

func (p *parser) not() (Expr, *Error) {
	p.space()
	at := p.i
	if !p.operator("NOT") {
		return p.primary()
	}
	if p.depth++; p.depth > maxDepth {
		return nil, p.fault(at, "NOT", fmt.Sprintf("is nested more than %d deep", maxDepth))
	}
	defer func() { p.depth-- }()
	x, err := p.not()
	if err != nil {
		return nil, err
	}
	return Not{x}, nil
}

// operator eats AND, OR or NOT: in capitals, and a word by itself.
func (p *parser) operator(name string) bool {
	p.space()
	at := p.i
	if p.word() == name {
		return true
	}
	p.i = at
	return false
}

// callWords are words before parentheses that are not part of them.
var callWords = map[string]bool{"NOT": true, "AND": true, "OR": true, "TERM": true, "CASE": true}

// word reads a bare word of the search command. The ! of != ends it too.
func (p *parser) word() string {
	start := p.i
	w := p.until(wordEnd)
	for w != "" && strings.HasPrefix(p.s[p.i:], "()") && !callWords[w] { // GetCurrent()
		p.i += 2
		p.until(wordEnd)
		w = p.s[start:p.i]
	}
	if strings.HasSuffix(w, "!") && !p.done() && p.s[p.i] == '=' {
		p.i--
		w = w[:len(w)-1]
	}
	if i := strings.Index(w, "!="); i >= 0 {
		p.i, w = start+i, w[:i]
	}
	return w
}

func (p *parser) primary() (Expr, *Error) {
	p.space()
	at := p.i
	switch {
	case p.end():
		return nil, p.expected("a search term")
	case p.s[p.i] == '(':
		return p.group()
	case p.s[p.i] == '[':
		return p.asked("", "")
	case p.s[p.i] == '"':
		text, err := p.quoted()
		if err != nil {
			return nil, err
		}
		return p.fieldOrTerm(at, text)
	}
	w := p.word()
	switch {
	case w == "":
		return nil, p.unexpected()
	case w == "AND" || w == "OR":
		return nil, p.fault(at, w, "stands where the search command needs a search term")
	case (w == "TERM" || w == "CASE") && !p.done() && p.s[p.i] == '(':
		return p.termCall(at, w)
	}
	return p.fieldOrTerm(at, unescape(w))
}

func (p *parser) group() (Expr, *Error) {
	at := p.i
	if p.depth++; p.depth > maxDepth {
		return nil, p.fault(at, "parenthesis", fmt.Sprintf("is nested more than %d deep", maxDepth))
	}
	defer func() { p.depth-- }()
	p.i++
	x, err := p.and()
	if err != nil {
		return nil, err
	}
	if !p.eat(')') {
		return nil, p.fault(at, "parenthesis", "is not closed")
	}
	return x, nil
}

// termCall reads TERM(x), which stands between major breakers, and CASE(x), whose
// case counts.
func (p *parser) termCall(at int, of string) (Expr, *Error) {
	p.i++
	start := p.i
	if p.space(); !p.done() && p.s[p.i] == '"' {
		text, err := p.quoted()
		if err == nil && !p.eat(')') {
			err = p.fault(at, "parenthesis", "is not closed")
		}
		return &Term{text, of}, err
	}
	end := strings.IndexByte(p.s[start:], ')')
	if end <= 0 {
		return nil, p.fault(at, "parenthesis", "is not closed")
	}
	p.i = start + end + 1
	return &Term{strings.TrimSpace(p.s[start : start+end]), of}, nil
}

// fieldOrTerm goes on after a word: a comparison when an operator or IN
// follows, else the word is looked for in _raw.
func (p *parser) fieldOrTerm(at int, name string) (Expr, *Error) {
	after := p.i
	op := p.comparison()
	switch {
	case op == "=" && slices.Contains(timeModifiers, name):
		pos, _ := p.src.pos(at)
		v, err := p.value(valueEnd)
		return &When{Name: name, Value: v, Pos: pos}, err
	case op != "":
		if p.space(); !p.done() && p.s[p.i] == '[' {
			return p.asked(name, op)
		}
		v, err := p.value(valueEnd)
		if name == indexField && op == "=" && onlyStars(v) {
			return And{}, err
		}
		return &Compare{name, op, v}, err
	case p.operator("NOT") && p.keyword("IN") && p.eat('('):
		in, err := p.list(name)
		if name == indexField && err == nil {
			return inNone(in), nil
		}
		return Not{in}, err
	}
	p.i = after
	if p.keyword("IN") && p.eat('(') {
		return p.list(name)
	}
	p.i = after
	return &Term{Text: name}, nil
}

// inNone is a condition that an index is none of some: one that names no index apart
// turns nothing away, as != does not.
func inNone(in *In) Expr {
	var out And
	for _, v := range in.Values {
		out = append(out, &Compare{in.Field, "!=", v})
	}
	return out
}

// started says whether something stood before the command being read, so that
// an empty search is one that matches all.
func (p *parser) started() bool { return strings.Contains(p.s[:p.i], "|") }

// comparison eats a comparison operator; == is taken as =.
func (p *parser) comparison() string {
	p.space()
	for _, op := range []string{"!=", "<=", ">=", "==", "=", "<", ">"} {
		if strings.HasPrefix(p.s[p.i:], op) {
			p.i += len(op)
			if op == "==" {
				return "="
			}
			return op
		}
	}
	return ""
}

func (p *parser) value(stop string) (string, *Error) {
	p.space()
	if !p.done() && p.s[p.i] == '"' {
		return p.quoted()
	}
	start := p.i
	for p.until(stop) != "" && strings.IndexByte(stop, '(') >= 0 && p.calls() {
	}
	if p.i == start {
		return "", p.expected("a value")
	}
	return unescape(p.s[start:p.i]), nil
}

// calls eats parentheses that stand within a bare word, such as GetCurrent(),
// with what is in them: no white space, and no other word.
func (p *parser) calls() bool {
	end := p.i
	for depth := 0; end < len(p.s); end++ {
		switch c := p.s[end]; {
		case c == '(':
			depth++
		case c == ')':
			if depth--; depth == 0 {
				p.i = end + 1
				return true
			}
		case c <= ' ' || strings.IndexByte(`"|=<>[],`, c) >= 0:
			return false
		}
		if depth == 0 {
			return false
		}
	}
	return false
}

// list reads the values of IN; the opening parenthesis is eaten.
func (p *parser) list(field string) (*In, *Error) {
	at := p.i - 1
	in := &In{Field: field}
	for {
		for p.eat(',') { // commas at both ends are let pass, as Splunk does
		}
		if in.Values != nil && p.eat(')') {
			return in, nil
		}
		v, err := p.value(listEnd)
		if err != nil {
			return nil, err
		}
		in.Values = append(in.Values, v)
		comma := p.eat(',')
		if p.eat(')') {
			return in, nil
		}
		if p.end() {
			return nil, p.fault(at, "parenthesis", "is not closed")
		}
		if !comma && (p.s[p.i] == '(' || p.s[p.i] == '[') {
			return nil, p.expected("a comma between the values of IN")
		}
	}
}

// until1 reads a condition of the search command that ends before one of the
// words.
func (p *parser) until1(words ...string) (Expr, *Error) {
	p.stop = words
	defer func() { p.stop = nil }()
	return p.and()
}

// stopped says whether one of the words is next that end a condition.
func (p *parser) stopped() bool {
	if p.stop == nil {
		return false
	}
	p.space()
	at := p.i
	w := p.word1(p.stop...)
	ends := w != "" && (p.done() || strings.IndexByte(" \t\r\n\v\f|", p.s[p.i]) >= 0 || p.closes())
	p.i = at
	return ends
}
