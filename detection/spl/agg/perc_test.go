package agg_test

import "testing"

func TestPercentile(t *testing.T) {
	five := l("50 15 20 35 40")
	for _, c := range []check{
		{"median", nil, null},
		{"median", l("x"), null},
		{"median", l("7"), "7"},
		{"median", five, "35"},
		{"median", l("4 1 3 2"), "2.5"}, // between two, in proportion
		{"perc25", l("1 2"), "1.25"},
		{"perc0", five, "15"},
		{"p100", five, "50"},
		{"exactperc40", five, "29"},
		{"upperperc75", five, "40"},
		{"perc99", l("7"), "7"},
		{"median", l("9 10 x"), "9.5"}, // numbers as numbers, others not at all
		{"median", l("1 1 1 9"), "1"},  // each as often as it is there
		{"perc75", l("1 9 9 9 9"), "9"},
		{"perc25", l("1 9 9 9 9"), "9"},
		{"perc20", l("1 1 9 9 9 9"), "1"},
		{"median", l("-5 5 1e1"), "5"},
		{"median", l("1 1.0 3"), "1"},
	} {
		c.run(t)
	}
}
