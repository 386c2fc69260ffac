package agg

var _ = Register("last", func() last { return last{} })

// last is the value that stands last in the input.
type last struct{ end }

func (e *last) Add(in Input) { e.take(byPlace(in), 1) }

func (e *last) Merge(o *last) { e.join(&o.end, 1) }
