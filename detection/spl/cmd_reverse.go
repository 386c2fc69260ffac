package spl

import "slices"

// Reverse turns the order of the rows.
type Reverse struct{ Origin }

var _ = register("reverse", parseReverse)

func parseReverse(_ *parser, o Origin) (*Reverse, *Error) { return &Reverse{o}, nil }

func (x *Reverse) String() string { return "reverse" }

// Reads is nothing.
func (x *Reverse) Reads() []string { return nil }

// Sets is nothing.
func (x *Reverse) Sets() []string { return nil }

// Place is the order of the rows.
func (x *Reverse) Place() Place { return Ordering }

func (x *Reverse) compile(_ *compiler, in shape) (step, shape, *Error) {
	return step{all: func(rows []*rec) []*rec {
		slices.Reverse(rows)
		return rows
	}, orders: true}, in, nil
}
