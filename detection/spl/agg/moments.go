package agg

import (
	"errors"
	"math"
	"math/big"

	"escutcheon/detection/spl/value"
)

// moments are the sums of the values that are numbers and of their squares.
type moments struct {
	n       int64
	sum     big.Int // in billionths
	squares big.Int // in billionths of billionths
}

func (m *moments) Add(in Input) {
	x, ok := billionths(in.Text)
	if !ok {
		return
	}
	m.n += in.N
	all := new(big.Int).Mul(x, big.NewInt(in.N))
	m.sum.Add(&m.sum, all)
	m.squares.Add(&m.squares, all.Mul(all, x))
}

func (m *moments) join(o *moments) {
	m.n += o.n
	m.sum.Add(&m.sum, &o.sum)
	m.squares.Add(&m.squares, &o.squares)
}

// variance of the values themselves, or, when they are a sample, of what they
// are one of. Of one value as a sample it is 0.
func (m *moments) variance(sample bool) (f float64, ok bool) {
	below := m.n
	if sample {
		below--
	}
	switch {
	case m.n == 0:
		return 0, false
	case below == 0:
		return 0, true
	}
	return ratio(m.spread(), 18, new(big.Int).Mul(big.NewInt(m.n), big.NewInt(below))), true
}

// spread is n·Σx² − (Σx)², n² times the variance.
func (m *moments) spread() *big.Int {
	x := new(big.Int).Mul(&m.squares, big.NewInt(m.n))
	return x.Sub(x, new(big.Int).Mul(&m.sum, &m.sum))
}

func (m *moments) varianceValue(sample bool) value.Value {
	if f, ok := m.variance(sample); ok {
		return value.Num(f)
	}
	return value.Null
}

// deviation is the variance's root.
func (m *moments) deviation(sample bool) value.Value {
	if f, ok := m.variance(sample); ok {
		return value.Num(math.Sqrt(f))
	}
	return value.Null
}

func (m *moments) Encode(s *Stored) {
	if s.N = m.n; m.n > 0 {
		s.U, s.Q = new(big.Int).Set(&m.sum), new(big.Int).Set(&m.squares)
	}
}

func (m *moments) Decode(s *Stored) error {
	if s.U == nil || s.Q == nil {
		return errors.New("there is no sum, or none of squares")
	}
	m.n = s.N
	m.sum.Set(s.U)
	m.squares.Set(s.Q)
	if m.spread().Sign() < 0 {
		return errors.New("the squares are less than the values allow")
	}
	return nil
}
