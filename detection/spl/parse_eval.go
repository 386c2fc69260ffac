package spl

import (
	"fmt"
	"strings"

	"escutcheon/detection/spl/value"
)

// In eval and where, NOT binds first, then AND, then OR and XOR: not as in the
// search command.

// maxNodes bounds an expression's size: what follows walks it.
const maxNodes = 20_000

// expression reads an expression of eval and where.
func (p *parser) expression() (Ex, *Error) { return p.exOr() }

// deeper counts one more level of nesting; the caller takes it back.
func (p *parser) deeper() *Error {
	if p.depth++; p.depth > maxDepth {
		return p.fault(p.i, "expression", fmt.Sprintf("is nested more than %d deep", maxDepth))
	}
	return nil
}

// word1 eats one of the words, in any case, and returns it in capitals.
func (p *parser) word1(words ...string) string {
	p.space()
	w := p.peekWord()
	for _, x := range words {
		if strings.EqualFold(w, x) {
			p.i += len(w)
			return x
		}
	}
	return ""
}

// chain reads operands with left-associative operators between.
func (p *parser) chain(next func() (Ex, *Error), op func() string) (Ex, *Error) {
	l, err := next()
	if err != nil {
		return nil, err
	}
	for {
		o := op()
		if o == "" {
			return l, nil
		}
		r, err := next()
		if err != nil {
			return nil, err
		}
		if p.nodes++; p.nodes > maxNodes {
			return nil, p.fault(p.i, "expression", "is too long")
		}
		l = &Binary{o, l, r}
	}
}

func (p *parser) exOr() (Ex, *Error) {
	if err := p.deeper(); err != nil {
		return nil, err
	}
	defer func() { p.depth-- }()
	return p.chain(p.exAnd, func() string { return p.word1("OR", "XOR") })
}

func (p *parser) exAnd() (Ex, *Error) {
	return p.chain(p.exNot, func() string { return p.word1("AND") })
}

func (p *parser) exNot() (Ex, *Error) {
	at := p.i
	if p.word1("NOT") == "" {
		return p.exCompare()
	}
	if p.eat('=') { // a field of that name
		p.i = at
		return p.exCompare()
	}
	if err := p.deeper(); err != nil {
		return nil, err
	}
	defer func() { p.depth-- }()
	x, err := p.exNot()
	return &Unary{"NOT", x}, err
}

func (p *parser) exCompare() (Ex, *Error) {
	l, err := p.exAdd()
	if err != nil {
		return nil, err
	}
	for {
		at := p.i
		if op := p.comparison(); op != "" {
			r, err := p.exAdd()
			if err != nil {
				return nil, err
			}
			l = &Binary{op, l, r}
			continue
		}
		not := p.word1("NOT") != ""
		switch p.word1("LIKE", "IN") {
		case "LIKE":
			r, err := p.exAdd()
			if err != nil {
				return nil, err
			}
			l = &Call{"like", []Ex{l, r}, at}
		case "IN":
			if !p.eat('(') {
				return nil, p.expected("a list in parentheses after IN")
			}
			args, err := p.exArgs(at)
			if err != nil {
				return nil, err
			}
			l = &Call{"in", append([]Ex{l}, args...), at}
		default:
			p.i = at
			return l, nil
		}
		if not {
			l = &Unary{"NOT", l}
		}
	}
}

func (p *parser) exAdd() (Ex, *Error) {
	return p.chain(p.exMul, func() string { return p.oneOf("+-.") })
}

func (p *parser) exMul() (Ex, *Error) {
	return p.chain(p.exSign, func() string { return p.oneOf("*/%") })
}

// oneOf eats one of the bytes.
func (p *parser) oneOf(set string) string {
	p.space()
	if p.done() || strings.IndexByte(set, p.s[p.i]) < 0 {
		return ""
	}
	p.i++
	return p.s[p.i-1 : p.i]
}

func (p *parser) exSign() (Ex, *Error) {
	switch p.oneOf("+-") {
	case "":
		return p.exPrimary()
	case "+":
		return p.exSign()
	}
	if err := p.deeper(); err != nil {
		return nil, err
	}
	defer func() { p.depth-- }()
	x, err := p.exSign()
	return &Unary{"-", x}, err
}

func (p *parser) exPrimary() (Ex, *Error) {
	p.space()
	if p.nodes++; p.nodes > maxNodes {
		return nil, p.fault(p.i, "expression", "is too long")
	}
	if p.end() {
		return nil, p.expected("an expression")
	}
	at := p.i
	switch c := p.s[p.i]; {
	case c == '(':
		p.i++
		x, err := p.exOr()
		if err == nil && !p.eat(')') {
			err = p.fault(at, "parenthesis", "is not closed")
		}
		return x, err
	case c == '"':
		s, err := p.quoted()
		return &Lit{value.Text(s)}, err
	case c == '\'':
		s, err := p.quotedName()
		return &Ref{s}, err
	case c == '[':
		sub, err := p.subsearch()
		return &SubEx{sub}, err
	case '0' <= c && c <= '9' || c == '.' && p.i+1 < len(p.s) && value.Digits(p.s[p.i+1:]) > 0:
		return p.exNumber()
	}
	w := p.exWord()
	if w == "" {
		return nil, p.unexpected()
	}
	if p.eat('(') {
		return p.exCall(strings.ToLower(w), at)
	}
	return &Ref{w}, nil
}

// exWord reads a field's name or a function's.
func (p *parser) exWord() string {
	start := p.i
	for !p.done() {
		c := p.s[p.i]
		if !isWordByte(c) && c != '$' && c != '@' && c != ':' && c < 0x80 && !strings.HasPrefix(p.s[p.i:], "{}") {
			break
		}
		p.i++
		if c == '{' {
			p.i++
		}
	}
	return p.s[start:p.i]
}

func (p *parser) exNumber() (Ex, *Error) {
	at := p.i
	p.i += value.Digits(p.s[p.i:])
	if !p.done() && p.s[p.i] == '.' && value.Digits(p.s[p.i+1:]) > 0 { // else the dot joins texts
		p.i++
		p.i += value.Digits(p.s[p.i:])
	}
	if !p.done() && p.s[p.i]|0x20 == 'e' {
		n := p.i + 1
		if n < len(p.s) && (p.s[n] == '+' || p.s[n] == '-') {
			n++
		}
		if d := value.Digits(p.s[n:]); d > 0 {
			p.i = n + d
		}
	}
	s := p.s[at:p.i]
	if p.peekWord() != "" { // a name that starts with a digit
		return &Ref{s + p.exWord()}, nil
	}
	if _, ok := value.ParseFloat(s); !ok {
		return nil, p.fault(at, fmt.Sprintf("number %q", s), "is too large")
	}
	return &Lit{value.Whole(s)}, nil
}

// quotedName reads 'a name'.
func (p *parser) quotedName() (string, *Error) {
	at := p.i
	end := strings.IndexByte(p.s[p.i+1:], '\'')
	if end < 0 {
		return "", p.fault(at, "single quote", "is not closed")
	}
	p.i += end + 2
	return p.s[at+1 : p.i-1], nil
}

// exArgs reads arguments up to the closing parenthesis; the opening one is
// eaten.
func (p *parser) exArgs(at int) ([]Ex, *Error) {
	if p.eat(')') {
		return nil, nil
	}
	var args []Ex
	for {
		x, err := p.exOr()
		if err != nil {
			return nil, err
		}
		args = append(args, x)
		if p.eat(',') {
			continue
		}
		if p.eat(')') {
			return args, nil
		}
		if p.end() {
			return nil, p.fault(at, "parenthesis", "is not closed")
		}
		return nil, p.unexpected()
	}
}

func (p *parser) exCall(fn string, at int) (Ex, *Error) {
	f, ok := functions[fn]
	if !ok {
		return nil, p.fault(at, fmt.Sprintf("function %q", fn), "is not supported").ofFunction(fn)
	}
	args, err := p.exArgs(at)
	if err != nil {
		return nil, err
	}
	if !f.takes.fits(len(args)) {
		e := p.fault(at, fmt.Sprintf("function %q", fn), fmt.Sprintf("does not take %d arguments", len(args)))
		if usage, _, ok := strings.Cut(functionHelp[fn], ": "); ok {
			e.Hint = "it is " + fn + usage
		}
		return nil, e
	}
	return &Call{fn, args, at}, nil
}
