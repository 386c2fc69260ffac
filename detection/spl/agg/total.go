package agg

import (
	"errors"
	"math/big"
)

// total is the sum of the values that are numbers.
type total struct {
	n   int64   // of those
	sum big.Int // in billionths
}

func (t *total) Add(in Input) {
	if x, ok := billionths(in.Text); ok {
		t.n += in.N
		t.sum.Add(&t.sum, x.Mul(x, big.NewInt(in.N)))
	}
}

func (t *total) join(o *total) {
	t.n += o.n
	t.sum.Add(&t.sum, &o.sum)
}

func (t *total) Encode(s *Stored) {
	if s.N = t.n; t.n > 0 {
		s.U = new(big.Int).Set(&t.sum)
	}
}

func (t *total) Decode(s *Stored) error {
	if s.U == nil {
		return errors.New("there is no sum")
	}
	t.n = s.N
	t.sum.Set(s.U)
	return nil
}
