package agg

import (
	"errors"
	"math/big"

	"escutcheon/detection/spl/value"
)

var _ = Register("range", func() span { return span{} })

// span is how far apart the least and the greatest of the values are that are
// numbers.
type span struct {
	n               int64
	least, greatest *big.Int // in billionths; nil of no values
}

func (r *span) Add(in Input) {
	if x, ok := billionths(in.Text); ok {
		r.Merge(&span{in.N, x, x})
	}
}

func (r *span) Merge(o *span) {
	if o.n == 0 {
		return
	}
	if r.n == 0 || o.least.Cmp(r.least) < 0 {
		r.least = o.least
	}
	if r.n == 0 || o.greatest.Cmp(r.greatest) > 0 {
		r.greatest = o.greatest
	}
	r.n += o.n
}

func (r *span) Value() value.Value {
	if r.n == 0 {
		return value.Null
	}
	return value.Text(decimal(new(big.Int).Sub(r.greatest, r.least)))
}

func (r *span) Encode(s *Stored) { s.N, s.U, s.Q = r.n, r.least, r.greatest }

func (r *span) Decode(s *Stored) error {
	if s.U == nil || s.Q == nil || s.U.Cmp(s.Q) > 0 {
		return errors.New("there is no least or no greatest number")
	}
	r.n, r.least, r.greatest = s.N, s.U, s.Q
	return nil
}
