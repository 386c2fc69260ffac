package value_test

import (
	"math"
	"strings"
	"testing"

	"escutcheon/detection/spl/value"
)

func TestParseFloat(t *testing.T) {
	for text, want := range map[string]float64{
		"0":      0,
		"1":      1,
		"-1.5":   -1.5,
		"+2":     2,
		".5":     0.5,
		"5.":     5,
		"1e3":    1000,
		"1E-3":   0.001,
		"1e+2":   100,
		" 7\t":   7,
		"007":    7,
		"1e-400": 0, "1.7976931348623157e308": math.MaxFloat64, strings.Repeat("0", 399) + "1": 1,
	} {
		if n, ok := value.ParseFloat(text); n != want || !ok {
			t.Errorf("%q: %v, %v", text, n, ok)
		}
	}
	for _, text := range []string{"", " ", "a", "0x10", "0b1", "1_000", "Inf", "-inf", "NaN", "1e400", "-1e400",
		"1e", "e1", "--1", "1.2.3", "1 2",
		"1,5", "0x1p-2", "infinity", strings.Repeat("0", 400) + "1"} {
		if n, ok := value.ParseFloat(text); ok {
			t.Errorf("%q: %v", text, n)
		}
	}
}

func TestFormatNumber(t *testing.T) {
	for _, c := range []struct {
		n    float64
		want string
	}{
		{0, "0"},
		{math.Copysign(0, -1), "0"},
		{1, "1"},
		{-1.5, "-1.5"},
		{0.1, "0.1"},
		{1e6, "1000000"},
		{123456789.125, "123456789.125"},
		{1e20, "100000000000000000000"},
		{999999999999999868928, "999999999999999900000"},
		{1e21, "1e+21"},
		{-1e21, "-1e+21"},
		{1e-9, "0.000000001"},
		{9.9e-10, "9.9e-10"},
		{-1e-10, "-1e-10"},
		{1.0 / 3, "0.3333333333333333"},
	} {
		if got := value.FormatNumber(c.n); got != c.want {
			t.Errorf("%v: %s, not %s", c.n, got, c.want)
		}
	}
}
