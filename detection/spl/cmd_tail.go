package spl

import (
	"slices"
	"strconv"
)

// Tail keeps the last N rows and turns their order.
type Tail struct {
	Origin
	N int
}

var _ = register("tail", parseTail)

func parseTail(p *parser, o Origin) (*Tail, *Error) {
	n, err := p.howMany()
	return &Tail{o, n}, err
}

func (x *Tail) String() string { return "tail " + strconv.Itoa(x.N) }

// Reads is nothing.
func (x *Tail) Reads() []string { return nil }

// Sets is nothing.
func (x *Tail) Sets() []string { return nil }

// Place is all rows.
func (x *Tail) Place() Place { return AllRows }

func (x *Tail) compile(_ *compiler, in shape) (step, shape, *Error) {
	return step{all: func(rows []*rec) []*rec {
		rows = rows[len(rows)-min(x.N, len(rows)):]
		slices.Reverse(rows)
		return rows
	}, chooses: true}, in, nil
}
