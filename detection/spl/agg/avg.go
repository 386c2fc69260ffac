package agg

import (
	"math/big"

	"escutcheon/detection/spl/value"
)

var _ = Register("avg mean", func() mean { return mean{} })

// mean is the arithmetic mean of the values that are numbers.
type mean struct{ total }

func (m *mean) Merge(o *mean) { m.join(&o.total) }

func (m *mean) Value() value.Value {
	if m.n == 0 {
		return value.Null
	}
	return value.Num(ratio(&m.sum, 9, big.NewInt(m.n)))
}
