package agg

import "escutcheon/detection/spl/value"

var _ = Register("stdevp", func() deviation { return deviation{} })

// deviation is the standard deviation of the numbers themselves.
type deviation struct{ moments }

func (m *deviation) Merge(o *deviation) { m.join(&o.moments) }

func (m *deviation) Value() value.Value { return m.deviation(false) }
