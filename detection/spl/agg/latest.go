package agg

var _ = Register("latest", func() latest { return latest{} })

// latest is the value of the last event in time.
type latest struct{ end }

func (e *latest) Add(in Input) { e.take(byTime(in), 1) }

func (e *latest) Merge(o *latest) { e.join(&o.end, 1) }
