package agg

var _ = Register("min", func() least { return least{} })

// least is the least value, as extreme has it.
type least struct{ extreme }

func (l *least) Add(in Input) { l.take(in, -1) }

func (l *least) Merge(o *least) { l.join(&o.extreme, -1) }
