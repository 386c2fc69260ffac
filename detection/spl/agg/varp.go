package agg

import "escutcheon/detection/spl/value"

var _ = Register("varp", func() variance { return variance{} })

// variance is the variance of the numbers themselves.
type variance struct{ moments }

func (m *variance) Merge(o *variance) { m.join(&o.moments) }

func (m *variance) Value() value.Value { return m.varianceValue(false) }
