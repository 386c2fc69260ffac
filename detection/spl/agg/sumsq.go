package agg

import (
	"math/big"

	"escutcheon/detection/spl/value"
)

var _ = Register("sumsq", func() sumOfSquares { return sumOfSquares{} })

// sumOfSquares is the sum of the squares of the values that are numbers.
type sumOfSquares struct{ moments }

func (m *sumOfSquares) Merge(o *sumOfSquares) { m.join(&o.moments) }

func (m *sumOfSquares) Value() value.Value {
	if m.n == 0 {
		return value.Null
	}
	return value.Num(ratio(&m.squares, 18, big.NewInt(1)))
}
