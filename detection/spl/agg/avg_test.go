package agg_test

import "testing"

func TestAvg(t *testing.T) {
	for _, c := range []check{
		{"avg", nil, null},
		{"avg", l("x"), null},
		{"avg", l("3"), "3"},
		{"avg", l("1 2 x"), "1.5"}, // what is no number does not count
		{"mean", l("1 2 4"), "2.3333333333333335"},
		{"avg", l("-1 -2"), "-1.5"},
		{"avg", l("5 -5"), "0"},
		{"avg", l("0.1 0.1 0.1"), "0.1"},
	} {
		c.run(t)
	}
}
