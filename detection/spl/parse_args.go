package spl

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"escutcheon/detection/spl/rx"
	"escutcheon/detection/spl/value"
)

// What the arguments of several commands have in common.

// option is name=value as a command is given it; its name is "" where there
// is none.
type option struct {
	name, value string
	at          int // where it stands
}

// option reads name=value if it is next and the name, in any case, is one of
// names. The value may be quoted.
func (p *parser) option(names ...string) (option, *Error) { return p.optionTo(",", names...) }

// optionTo is option where a value without quotes ends before a byte of stop.
func (p *parser) optionTo(stop string, names ...string) (option, *Error) {
	p.space()
	o := option{at: p.i}
	w := strings.ToLower(p.peekWord())
	if !slices.Contains(names, w) {
		return o, nil
	}
	p.i += len(w)
	if !p.eat('=') {
		p.i = o.at
		return o, nil
	}
	var err *Error
	o.name = w
	o.value, err = p.value(stop)
	return o, err
}

// truth reads t, f, true, false, 1 or 0.
func (p *parser) truth(o option) (bool, *Error) {
	switch strings.ToLower(o.value) {
	case "t", "true", "1":
		return true, nil
	case "f", "false", "0":
		return false, nil
	}
	return false, p.fault(o.at, fmt.Sprintf("value %q", o.value), "is neither true nor false")
}

// flags sets what options that are true or false are kept in; unless is set to the
// opposite. An option that is not among them changes nothing.
func (p *parser) flags(o option, to map[string]*bool, unless map[string]*bool) *Error {
	yes, err := p.truth(o)
	if err != nil {
		return err
	}
	if at := to[o.name]; at != nil {
		*at = yes
	}
	if at := unless[o.name]; at != nil {
		*at = !yes
	}
	return nil
}

// count reads a whole number from 0 on.
func (p *parser) count(o option) (int, *Error) {
	n, err := strconv.Atoi(o.value)
	if err != nil || n < 0 || value.Digits(o.value) != len(o.value) {
		return 0, p.fault(o.at, fmt.Sprintf("value %q", o.value), "is no whole number")
	}
	return n, nil
}

// digitsAt reads the first n bytes as a whole number.
func (p *parser) digitsAt(n int) (int, *Error) {
	o := option{value: p.s[p.i : p.i+n], at: p.i}
	p.i += n
	return p.count(o)
}

// leadingCount reads the number that may stand before a command's fields, with
// white space behind it, into to.
func (p *parser) leadingCount(to *int) (err *Error) {
	p.space()
	n := value.Digits(p.s[p.i:])
	if n == 0 || p.i+n == len(p.s) || p.s[p.i+n] > ' ' {
		return nil
	}
	*to, err = p.digitsAt(n)
	return err
}

// unsupported is the error of an option that cannot be had.
func (p *parser) unsupported(o option) *Error {
	return p.fault(o.at, "option "+o.name, "is not supported")
}

// field reads one name that ends where a list of them would go on.
func (p *parser) field() (string, *Error) { return p.name(",()=") }

// as reads AS name into to, if it is next.
func (p *parser) as(to *string) *Error {
	at := p.i
	if !p.keyword("as") {
		p.i = at
		return nil
	}
	n, err := p.name(",=")
	if err == nil {
		*to = n
	}
	return err
}

// names reads fields, separated by spaces or commas, up to the end.
func (p *parser) names() ([]string, *Error) {
	var out []string
	for p.more() {
		n, err := p.name(",()=[]")
		if err != nil {
			return nil, err
		}
		out = append(out, n)
	}
	return out, nil
}

// someNames is names that wants at least one.
func (p *parser) someNames() ([]string, *Error) {
	out, err := p.names()
	if err == nil && out == nil {
		err = p.expected("a field name")
	}
	return out, err
}

// more passes over commas and says whether arguments follow.
func (p *parser) more() bool {
	for p.eat(',') {
	}
	return !p.end()
}

// pattern is a regular expression and its text.
type pattern struct {
	text string
	re   *rx.Regexp
}

// pattern reads a regular expression: quoted, or one word.
func (p *parser) pattern() (pattern, *Error) {
	p.space()
	at := p.i
	s, err := p.value("")
	if err != nil {
		return pattern{}, err
	}
	return p.compilePattern(at, s)
}

func (p *parser) compilePattern(at int, text string) (pattern, *Error) {
	re, e := rx.Compile(text)
	if e != nil {
		return pattern{}, p.fault(at, "regular expression", e.Error())
	}
	return pattern{text, re}, nil
}
