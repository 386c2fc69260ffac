package agg

import (
	"cmp"
	"errors"
	"slices"

	"escutcheon/detection/spl/value"
)

var _ = Register("list", func() list { return list{} })

// list are the values in the order of input, with those that are the same; of
// many the first MaxListed.
type list struct {
	n     int64
	first []Placed
}

func (l *list) Add(in Input) {
	l.n += in.N
	for range min(in.N, MaxListed) {
		l.put(Placed{in.Pos, Bytes(in.Text)})
	}
}

// put keeps the order. Values in one place stand in the order of bytes, so that
// the order in which they come does not matter.
func (l *list) put(x Placed) {
	i, _ := slices.BinarySearchFunc(l.first, x, comparePlaced)
	if i < MaxListed {
		l.first = slices.Insert(l.first, i, x)
		l.first = l.first[:min(len(l.first), MaxListed)]
	}
}

func comparePlaced(a, b Placed) int {
	return cmp.Or(cmp.Compare(a.P, b.P), cmp.Compare(a.V, b.V))
}

func (l *list) Merge(o *list) {
	l.n += o.n
	for _, x := range o.first {
		l.put(x)
	}
}

func (l *list) Value() value.Value {
	out := make([]string, len(l.first))
	for i, x := range l.first {
		out[i] = string(x.V)
	}
	return value.ListOf(out)
}

func (l *list) Encode(s *Stored) { s.N, s.L = l.n, slices.Clone(l.first) }

func (l *list) Decode(s *Stored) error {
	if len(s.L) == 0 || len(s.L) > MaxListed || !slices.IsSortedFunc(s.L, comparePlaced) {
		return errors.New("there are no values, too many, or not in order")
	}
	l.n, l.first = s.N, slices.Clone(s.L)
	return nil
}
