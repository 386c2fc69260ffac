package spl

import (
	"fmt"
	"strconv"

	"escutcheon/detection/spl/value"
)

// Head keeps the first N rows.
type Head struct {
	Origin
	N int
}

var _ = register("head", parseHead)

func parseHead(p *parser, o Origin) (*Head, *Error) {
	n, err := p.howMany()
	return &Head{o, n}, err
}

// howMany reads the number of head and tail: N or limit=N, 10 without.
func (p *parser) howMany() (int, *Error) {
	if p.end() {
		return 10, nil
	}
	opt, err := p.option("limit")
	if err != nil {
		return 0, err
	}
	if opt.name != "" {
		return p.count(opt)
	}
	n := value.Digits(p.s[p.i:])
	if n == 0 {
		return 0, p.fault(p.i, "condition", fmt.Sprintf("is not supported in the %s command", p.command))
	}
	return p.digitsAt(n)
}

func (x *Head) String() string { return "head " + strconv.Itoa(x.N) }

// Reads is nothing.
func (x *Head) Reads() []string { return nil }

// Sets is nothing.
func (x *Head) Sets() []string { return nil }

// Place is all rows.
func (x *Head) Place() Place { return AllRows }

func (x *Head) compile(_ *compiler, in shape) (step, shape, *Error) {
	first := func(rows []*rec) []*rec { return rows[:min(x.N, len(rows))] }
	return step{all: first, chooses: true, most: max(x.N, 1)}, in, nil
}
