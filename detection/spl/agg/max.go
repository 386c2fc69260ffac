package agg

var _ = Register("max", func() greatest { return greatest{} })

// greatest is the greatest value, as extreme has it.
type greatest struct{ extreme }

func (g *greatest) Add(in Input) { g.take(in, 1) }

func (g *greatest) Merge(o *greatest) { g.join(&o.extreme, 1) }
