package agg_test

import (
	"testing"

	"escutcheon/detection/spl/agg"
)

func TestSum(t *testing.T) {
	for _, c := range []check{
		{"sum", nil, null},
		{"sum", l("x y"), null},
		{"sum", l("1 2.5 x -4"), "-0.5"},
		{"sum", l("5 -5"), "0"},
		{"sum", l("-0"), "0"},
		{"sum", l("0.1 0.2"), "0.3"}, // no binary fractions
		{"sum", l("+7 007 7."), "21"},
		{"sum", []string{" 7 ", "7\t"}, "14"},
		{"sum", l("1e3 1E-3 -2e0"), "998.001"},
		{"sum", l("9223372036854775807 9223372036854775807"), "18446744073709551614"},
		{"sum", l("0.000000001 0.000000001"), "0.000000002"},
		{"sum", l("0.0000000019 0.0000000019"), "0.000000002"}, // beyond billionths nothing counts
		{"sum", l("-0.0000000019"), "-0.000000001"},
		{"sum", l("1.10 2.90"), "4"},
	} {
		c.run(t)
	}
}

// Numbers have 30 digits before the point at most.
func TestSumLimits(t *testing.T) {
	const most = "999999999999999999999999999999"
	for _, c := range []check{
		{"sum", l(most), most},
		{"sum", l("-" + most), "-" + most},
		{"sum", l("0000" + most), most},
		{"sum", l("1" + most + " 2"), "2"},
		{"sum", l("1e29 2"), "99999999999999991433150857218"}, // the nearest to 1e29 that a float is
		{"sum", l("1.1e30 2"), "2"},
		{"sum", l("-1.1e30 2"), "2"},
		{"sum", l("1e31 2"), "2"},
		{"sum", l("1e-9"), "0.000000001"},
		{"sum", l("4e-10"), "0"},
	} {
		c.run(t)
	}
}

func TestSumTimes(t *testing.T) {
	k := keep(t, "sum")
	k.Add(agg.Input{Text: "1.5", N: 3})
	k.Add(agg.Input{Text: "-1", N: 2})
	if text(k) != "2.5" || store(t, k) != `{"n":5,"u":2500000000}` {
		t.Error(text(k), store(t, k))
	}
}
