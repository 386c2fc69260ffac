package spl

import (
	"fmt"
	"strings"
)

// Sub is a subsearch: a pipeline in brackets. It is run before what it stands
// in; of append and its kin it makes rows, in a condition or an expression text
// that stands in its place.
type Sub struct {
	Pipe Pipeline
	Pos  Pos    // of its bracket
	in   string // the command that it stands in
}

// SubExpr is a subsearch in a condition of the search command: what its rows
// come to (format, return) is the condition, or with Field the value that the
// field is compared with.
type SubExpr struct {
	Field, Op string
	Sub       *Sub
}

func (*SubExpr) expr() {}

// SubEx is a subsearch in an expression of eval or where: its text is part of
// the expression.
type SubEx struct{ Sub *Sub }

func (*SubEx) ex() {}

// Limits of how subsearches nest, and how many one search has: each of them
// is a search of its own.
const (
	maxSubDepth = 8
	maxSubs     = 64
)

// String writes a subsearch with its brackets.
func (s *Sub) String() string { return "[" + s.Pipe.String() + "]" }

// subsearch reads a pipeline in brackets.
func (p *parser) subsearch() (*Sub, *Error) {
	if !p.eat('[') {
		return nil, p.expected("a subsearch in brackets")
	}
	at := p.i - 1
	if p.made++; p.made > maxSubs || p.subs >= maxSubDepth {
		return nil, p.fault(at, "subsearch", fmt.Sprintf("is one of more than %d, or nested more than %d deep",
			maxSubs, maxSubDepth))
	}
	pos, _ := p.src.pos(at)
	sub := &Sub{Pos: pos, in: p.command}
	command, depth, stop := p.command, p.depth, p.stop
	p.subs++
	p.stop = nil
	pipe, err := p.pipeline()
	p.subs--
	p.command, p.depth, p.stop = command, depth, stop
	if err != nil {
		return nil, err
	}
	if !p.eat(']') {
		return nil, p.fault(at, "bracket", "is not closed")
	}
	sub.Pipe = pipe
	return sub, nil
}

// firstName is the name of the command that a pipeline starts with where no
// pipe stands before it: search, which needs no name, and in a subsearch any.
func (p *parser) firstName() (string, *Error) {
	at := p.i
	w := p.peekWord()
	low := strings.ToLower(w)
	p.i += len(w)
	p.space()
	bare := p.done() || strings.IndexByte("=<>!", p.s[p.i]) < 0
	switch {
	case low == "search":
		return low, nil
	case p.subs > 0 && bare && parsers[low] != nil:
		return low, nil
	case p.subs > 0 && bare && w != "" && w != "NOT" && p.i > at+len(w) && !p.keyword("IN"):
		p.command = low
		return "", p.fault(at, fmt.Sprintf("command %q", w), "is not supported").near(low)
	}
	p.i = at
	return "search", nil
}

// asked reads a subsearch in a condition.
func (p *parser) asked(field, op string) (Expr, *Error) {
	sub, err := p.subsearch()
	return &SubExpr{field, op, sub}, err
}

// nests is a command that has subsearches.
type nests interface{ subs() []*Sub }

// subsOf are the subsearches of a command, also those in its conditions.
func subsOf(c Command) []*Sub {
	if n, ok := c.(nests); ok {
		return n.subs()
	}
	return nil
}

// subsIn are the subsearches in a condition.
func subsIn(x Expr) (out []*Sub) {
	if x == nil {
		return nil
	}
	walkExpr(x, func(x Expr) {
		if s, ok := x.(*SubExpr); ok {
			out = append(out, s.Sub)
		}
	})
	return out
}

// subsInEx are the subsearches in expressions.
func subsInEx(xs ...Ex) (out []*Sub) {
	for _, x := range xs {
		walkEx(x, func(x Ex) {
			if s, ok := x.(*SubEx); ok {
				out = append(out, s.Sub)
			}
		})
	}
	return out
}

// without is what a condition asks at least, whatever its subsearches come to.
func without(x Expr) Expr {
	switch y := x.(type) {
	case And:
		var out And
		for _, z := range y {
			out = append(out, without(z))
		}
		return out
	case *SubExpr:
		return And{}
	}
	if len(subsIn(x)) > 0 {
		return And{}
	}
	return x
}
