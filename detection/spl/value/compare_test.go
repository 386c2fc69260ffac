package value_test

import (
	"slices"
	"testing"

	"escutcheon/detection/spl/value"
)

// Each list is in ascending order; what stands together is equal.
func TestCompareText(t *testing.T) {
	for _, order := range [][][]string{
		{{"-10"}, {"-9"}, {"-0.5"}, {"-0", "0", "0.0", "+0", "00"}, {"0.5", ".5", "0.50"}, {"9"}, {"10", "10.0",
			"1e1", " 10 "}, {"1e3"}},
		{{"9223372036854775806"}, {"9223372036854775807"}, {"9223372036854775807.000000001"},
			{"10000000000000000000"}}, // beyond a float
		{{""}, {" "}, {"10a"}, {"9a"}, {"A"}, {"a"}, {"b"}, {"é"},
			{"\xff"}}, // texts by their bytes
		{{"10"}, {"9x"}}, // one is a text, so both are
		{{"0x10"}, {"0x9"}},
	} {
		for i, as := range order {
			for j, bs := range order {
				for _, a := range as {
					for _, b := range bs {
						want := min(max(i-j, -1), 1)
						if got := value.CompareText(a, b); got != want {
							t.Errorf("%q, %q: %d, not %d", a, b, got, want)
						}
					}
				}
			}
		}
	}
}

// Eval's comparisons: Search Reference, where and eval.
func TestHolds(t *testing.T) {
	text, num, truth := value.Text, value.Num, value.Truth
	list := func(l ...string) value.Value { return value.ListOf(l) }
	for _, c := range []struct {
		a, b value.Value
		ops  string // those that hold, of = ! < l > g
	}{
		{text("a"), text("a"), "=lg"},
		{text("a"), text("A"), "!>g"}, // eval minds the case
		{text("9"), text("10"), "!<l"},
		{text("9"), text("10x"), "!>g"},
		{num(9), text("10"), "!<l"},
		{text("10"), num(10), "=lg"},
		{text(" 10 "), num(10), "=lg"},
		{num(9), text("1x"), "!>g"}, // as texts
		{num(2), num(1), "!>g"},
		{truth(true), num(1), "=lg"},
		{truth(false), text("0"), "=lg"},
		{truth(true), text("true"), "=lg"},
		{truth(true), text("x"), "!<l"},
		{value.Null, text(""), ""},
		{text(""), value.Null, ""},
		{value.Null, value.Null, ""},
		{text(""), text(""), "=lg"},
		{list("1", "5"), num(5), "=!<lg"},
		{num(5), list("1", "5"), "=!l>g"},
		{list("1", "5"), list("7", "8"), "!<l"},
		{list("1", "5"), value.Null, ""},
		{list("a", "b"), list("b", "c"), "=!<lg"},
	} {
		got := ""
		for _, op := range []struct{ op, mark string }{{"=", "="}, {"!=", "!"}, {"<", "<"}, {"<=", "l"}, {">",
			">"}, {">=", "g"}} {
			if value.Holds(op.op, c.a, c.b) {
				got += op.mark
			}
		}
		if got != c.ops {
			t.Errorf("%q and %q: %q holds, not %q", c.a.List(), c.b.List(), got, c.ops)
		}
	}
}

// Of two long lists only MaxList pairs are looked at: here the first of a with
// each of b, then the second, and so on.
func TestHoldsLimit(t *testing.T) {
	a := value.ListOf(append(slices.Repeat([]string{"x"}, 99), "y"))
	for n, want := range map[int]bool{99: true, 100: false} {
		b := value.ListOf(append(slices.Repeat([]string{"z"}, n), "y"))
		if got := value.Holds("=", a, b); got != want { // the pair of y is the 100·(n+1)th
			t.Errorf("%d pairs: %v", 100*(n+1), got)
		}
	}
}
