package agg_test

import "testing"

// The usual textbook numbers: mean 5, sum of the squared differences 32.
var eight = l("2 4 4 4 5 5 7 9")

func TestSpread(t *testing.T) {
	for _, c := range []check{
		{"varp", eight, "4"},
		{"stdevp", eight, "2"},
		{"var", eight, "4.571428571428571"},
		{"stdev", eight, "2.138089935299395"},
		{"sumsq", eight, "232"},
		{"var", l("1 3"), "2"},
		{"varp", l("1 3"), "1"},
		{"stdev", l("-1 -4 x"), "2.1213203435596424"},
		{"stdevp", l("-1 -4 x"), "1.5"},
		{"varp", l("1000000000 1000000000.000000001"), "2.5e-19"}, // exact
		{"sumsq", l("0.1 0.1 0.1"), "0.03"},
		{"sumsq", l("-3 4"), "25"},
		{"sumsq", l("0"), "0"},
	} {
		c.run(t)
	}
}

// A lone number does not spread; equal ones do not either.
func TestSpreadOfOne(t *testing.T) {
	for _, name := range l("stdev stdevp var varp") {
		check{name, l("-7.5"), "0"}.run(t)
		check{name, l("x 7"), "0"}.run(t)
		check{name, l("0.3 0.3 0.3"), "0"}.run(t)
		check{name, nil, null}.run(t)
		check{name, l("x"), null}.run(t)
	}
	check{"sumsq", nil, null}.run(t)
}
