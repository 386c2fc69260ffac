package value_test

import (
	"testing"

	"escutcheon/detection/spl/value"
)

func TestParseDecimal(t *testing.T) {
	for _, c := range []struct {
		text        string
		neg         bool
		whole, frac string
	}{
		{"0", false, "", ""},
		{"-0", false, "", ""},
		{"-0.00", false, "", ""},
		{"7", false, "7", ""},
		{"+7", false, "7", ""},
		{"-7", true, "7", ""},
		{"007.100", false, "7", "1"},
		{"100", false, "100", ""},
		{"1.", false, "1", ""},
		{".5", false, "", "5"},
		{"-.05", true, "", "05"},
		{"123456789012345678901234567890.000000000000000000001", false, "123456789012345678901234567890",
			"000000000000000000001"},
	} {
		d, ok := value.ParseDecimal(c.text)
		neg, whole, frac := d.Parts()
		if !ok || neg != c.neg || whole != c.whole || frac != c.frac {
			t.Errorf("%q: %v %q %q, %v", c.text, neg, whole, frac, ok)
		}
	}
	for _, text := range []string{"", "+", "-", ".", "-.", "1e3", "0x1", " 1", "1 ", "1,5", "1.2.3", "--1",
		"+-1", "1-", "a", "1a", "1.a", "١", "/", ":"} {
		if d, ok := value.ParseDecimal(text); ok || d != (value.Decimal{}) {
			t.Errorf("%q is a number", text)
		}
	}
}

func TestDecimalCompare(t *testing.T) {
	order := []string{"-100", "-99.9", "-1.5", "-1.25", "-1", "-.5", "0", ".05", ".5", "1", "1.25", "1.5", "9",
		"10", "99.9", "100", "18446744073709551616"}
	for i, a := range order {
		for j, b := range order {
			x, _ := value.ParseDecimal(a)
			y, _ := value.ParseDecimal(b)
			if got, want := x.Compare(y), min(max(i-j, -1), 1); got != want {
				t.Errorf("%s, %s: %d, not %d", a, b, got, want)
			}
		}
	}
}

func TestDigits(t *testing.T) {
	for s, want := range map[string]int{"": 0, "a1": 0, "1a": 1, "09": 2, "0/9": 1, "9:": 1, "1234": 4, "-1": 0,
		"٣": 0} {
		if got := value.Digits(s); got != want {
			t.Errorf("%q: %d", s, got)
		}
	}
}
