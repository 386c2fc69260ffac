package agg

var _ = Register("first", func() first { return first{} })

// first is the value that stands first in the input.
type first struct{ end }

func (e *first) Add(in Input) { e.take(byPlace(in), -1) }

func (e *first) Merge(o *first) { e.join(&o.end, -1) }
