package agg

var _ = Register("earliest", func() earliest { return earliest{} })

// earliest is the value of the first event in time.
type earliest struct{ end }

func (e *earliest) Add(in Input) { e.take(byTime(in), -1) }

func (e *earliest) Merge(o *earliest) { e.join(&o.end, -1) }
