package agg

import (
	"errors"
	"slices"
)

// bag counts distinct values. Of more than MaxValues it keeps the first in the
// order of bytes, whatever order they come in: a value among the first of all is
// among the first at any time before.
type bag struct {
	n     int64
	count map[string]int64 // may have as many values again that do not count
}

func (b *bag) Add(in Input) {
	b.n += in.N
	b.put(in.Text, in.N)
}

func (b *bag) put(v string, n int64) {
	if b.count == nil {
		b.count = map[string]int64{}
	}
	b.count[v] += n
	if len(b.count) > 2*MaxValues {
		b.cut()
	}
}

// cut leaves the values that count.
func (b *bag) cut() {
	first := make(map[string]int64, MaxValues)
	for _, v := range b.values() {
		first[v] = b.count[v]
	}
	b.count = first
}

func (b *bag) join(o *bag) {
	b.n += o.n
	for v, n := range o.count {
		b.put(v, n)
	}
}

// values are the values that count, in order.
func (b *bag) values() []string {
	all := make([]string, 0, len(b.count))
	for v := range b.count {
		all = append(all, v)
	}
	slices.Sort(all)
	return all[:min(len(all), MaxValues)]
}

func (b *bag) Encode(s *Stored) {
	s.N = b.n
	for _, v := range b.values() {
		s.V = append(s.V, Times{Bytes(v), b.count[v]})
	}
}

func (b *bag) Decode(s *Stored) error {
	if len(s.V) == 0 || len(s.V) > MaxValues {
		return errors.New("there are no values, or too many")
	}
	b.n, b.count = s.N, make(map[string]int64, len(s.V))
	for _, t := range s.V {
		if t.N < 1 {
			return errors.New("a value is there less than once")
		}
		if _, twice := b.count[string(t.V)]; twice {
			return errors.New("a value is counted twice")
		}
		b.count[string(t.V)] = t.N
	}
	return nil
}
