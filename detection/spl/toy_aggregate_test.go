package spl_test

import (
	"testing"

	"escutcheon/detection/spl"
	"escutcheon/detection/spl/agg"
	"escutcheon/detection/spl/value"
)

// A new aggregate is one file, below spl, and searches know it.
var _ = agg.Register("shortest", func() shortest { return shortest{} })

// shortest is the length of the shortest value.
type shortest struct{ n, length int64 }

func (x *shortest) Add(in agg.Input) { x.Merge(&shortest{in.N, int64(len(in.Text))}) }

func (x *shortest) Merge(o *shortest) {
	if o.n > 0 && (x.n == 0 || o.length < x.length) {
		x.length = o.length
	}
	x.n += o.n
}

func (x *shortest) Value() value.Value {
	if x.n == 0 {
		return value.Null
	}
	return value.Num(float64(x.length))
}

func (x *shortest) Encode(s *agg.Stored) { s.N, s.A = x.n, x.length }

func (x *shortest) Decode(s *agg.Stored) error {
	x.n, x.length = s.N, s.A
	return nil
}

func TestToyAggregate(t *testing.T) {
	p := compile(t, `* | stats shortest(a) as n count by b | eventstats shortest(n) as s | streamstats Shortest(n)`)
	rows := rows(p.Run(evs("a=ccc; b=1", "a=bb; b=1", "a=x; b=2", "b=3")))
	want := []string{"b=1 n=2 count=2 s=1 shortest(n)=1", "b=2 n=1 count=1 s=1 shortest(n)=1",
		"b=3 count=1 s=1 shortest(n)=1"}
	for i, w := range want {
		if i >= len(rows) || rows[i] != w {
			t.Errorf("%q, not %q", rows, want)
			break
		}
	}
	s := p.New()
	s.Add(spl.Map{"_time": "1", "a": "dddd", "b": "1"})
	if back := store(t, p, s); back.Count() != 1 {
		t.Error("its state is not stored")
	}
}
