package agg_test

import "testing"

func TestRange(t *testing.T) {
	for _, c := range []check{
		{"range", nil, null},
		{"range", l("x"), null},
		{"range", l("5"), "0"},
		{"range", l("5 5"), "0"},
		{"range", l("1 2.5 x 4.5"), "3.5"},
		{"range", l("4.5 2.5 1"), "3.5"},
		{"range", l("-3 -1"), "2"},
		{"range", l("-3 4"), "7"},
		{"range", l("0.1 0.3"), "0.2"},
	} {
		c.run(t)
	}
}

// Each end merges by itself: the parts lie apart, or one in the other.
func TestRangeMerge(t *testing.T) {
	for _, c := range []struct{ a, b, stored string }{
		{"1 2", "3 5", `{"n":4,"u":1000000000,"q":5000000000}`},
		{"3 5", "1 2", `{"n":4,"u":1000000000,"q":5000000000}`},
		{"1 9", "3 5", `{"n":4,"u":1000000000,"q":9000000000}`},
		{"3 5", "1 9", `{"n":4,"u":1000000000,"q":9000000000}`},
		{"3 5", "x", `{"n":2,"u":3000000000,"q":5000000000}`},
		{"x", "3 5", `{"n":2,"u":3000000000,"q":5000000000}`},
	} {
		a, b := keep(t, "range"), keep(t, "range")
		for _, in := range inputs(l(c.a)...) {
			a.Add(in)
		}
		for _, in := range inputs(l(c.b)...) {
			b.Add(in)
		}
		if err := a.Merge(b); err != nil || store(t, a) != c.stored {
			t.Errorf("%s and %s: %s, %v", c.a, c.b, store(t, a), err)
		}
	}
}
