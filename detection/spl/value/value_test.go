package value_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"escutcheon/detection/spl/value"
)

// a value of each kind, and what it says of itself.
var kinds = []struct {
	name                                 string
	v                                    value.Value
	text                                 string
	list                                 []string
	num                                  float64
	isNum                                bool
	null, isText, isList, truth, yes, no bool
}{
	{"null", value.Null, "", nil, 0, false, true, false, false, false, false, false},
	{"text", value.Text("a"), "a", []string{"a"}, 0, false, false, true, false, false, false, false},
	{"empty text", value.Text(""), "", []string{""}, 0, false, false, true, false, false, false, false},
	{"numeric text", value.Text(" -1.50 "), " -1.50 ", []string{" -1.50 "}, -1.5, true, false, true, false,
		false, false, false},
	{"number", value.Num(1.5), "1.5", []string{"1.5"}, 1.5, true, false, false, false, false, true, false},
	{"negative", value.Num(-2), "-2", []string{"-2"}, -2, true, false, false, false, false, true, false},
	{"zero", value.Num(0), "0", []string{"0"}, 0, true, false, false, false, false, false, false},
	{"true", value.Truth(true), "true", []string{"true"}, 1, true, false, false, false, true, true, false},
	{"false", value.Truth(false), "false", []string{"false"}, 0, true, false, false, false, true, false, true},
	{"list", value.ListOf([]string{"a", "", "b"}), "a\n\nb", []string{"a", "", "b"}, 0, false, false, false,
		true, false, false, false},
	{"list of numbers", value.ListOf([]string{"1", "2"}), "1\n2", []string{"1", "2"}, 0, false, false, false,
		true, false, false, false},
}

func TestKinds(t *testing.T) {
	for _, c := range kinds {
		if got := c.v.Text(); got != c.text {
			t.Errorf("%s: text %q", c.name, got)
		}
		if got := c.v.List(); !slices.Equal(got, c.list) || (got == nil) != (c.list == nil) {
			t.Errorf("%s: list %q", c.name, got)
		}
		if n, ok := c.v.Number(); n != c.num || ok != c.isNum {
			t.Errorf("%s: number %v, %v", c.name, n, ok)
		}
		got := []bool{c.v.IsNull(), c.v.IsText(), c.v.IsList(), c.v.IsTruth(), c.v.IsTrue(), c.v.IsFalse()}
		if want := []bool{c.null, c.isText, c.isList, c.truth, c.yes, c.no}; !slices.Equal(got, want) {
			t.Errorf("%s: null, text, list, truth, true, false: %v, not %v", c.name, got, want)
		}
	}
}

// Values of one text are told apart by their kind.
func TestKind(t *testing.T) {
	same := []value.Value{value.Null, value.Text("1"), value.Num(1), value.Truth(true),
		value.ListOf([]string{"1", "1"})}
	for i, a := range same {
		for j, b := range same {
			if (a.Kind() == b.Kind()) != (i == j) {
				t.Errorf("%d and %d: %v, %v", i, j, a.Kind(), b.Kind())
			}
		}
	}
	if value.Text("x").Kind() != value.Whole("").Kind() {
		t.Error("texts of two kinds")
	}
}

func TestNum(t *testing.T) {
	for _, n := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		if v := value.Num(n); !v.IsNull() {
			t.Errorf("%v is %q", n, v.Text())
		}
	}
	for _, n := range []float64{0, math.MaxFloat64, -math.MaxFloat64, math.SmallestNonzeroFloat64} {
		if got, ok := value.Num(n).Number(); got != n || !ok {
			t.Errorf("%v is %v", n, got)
		}
	}
}

// What an expression makes is cut, what an event holds is not.
func TestTextLimit(t *testing.T) {
	for n, want := range map[int]int{value.MaxText - 1: value.MaxText - 1, value.MaxText: value.MaxText,
		value.MaxText + 1: value.MaxText} {
		s := strings.Repeat("x", n)
		if got := len(value.Text(s).Text()); got != want {
			t.Errorf("%d: %d", n, got)
		}
		if got := len(value.Whole(s).Text()); got != n {
			t.Errorf("whole, %d: %d", n, got)
		}
		if got := len(value.ListOf([]string{s}).Text()); got != want {
			t.Errorf("in a list, %d: %d", n, got)
		}
	}
}

func TestListOf(t *testing.T) {
	if v := value.ListOf(nil); !v.IsNull() {
		t.Errorf("none: %q", v.Text())
	}
	if v := value.ListOf([]string{"x"}); !v.IsText() || v.Text() != "x" {
		t.Errorf("one: %q", v.Text())
	}
	if v := value.ListOf([]string{"", ""}); !v.IsList() || len(v.List()) != 2 {
		t.Errorf("two: %q", v.List())
	}
	for n, want := range map[int]int{value.MaxList: value.MaxList, value.MaxList + 1: value.MaxList} {
		if got := len(value.ListOf(make([]string, n)).List()); got != want {
			t.Errorf("%d: %d", n, got)
		}
	}
}

// A list's values together are cut to MaxSum, but for a first that is longer.
func TestListSum(t *testing.T) {
	quarter := strings.Repeat("x", value.MaxSum/4)
	for _, c := range []struct {
		list []string
		want int
	}{
		{[]string{quarter, quarter, quarter, quarter}, 4},
		{[]string{quarter, quarter, quarter, quarter, ""}, 5},
		{[]string{quarter, quarter, quarter, quarter, "y"}, 4},
		{[]string{quarter + "y", quarter, quarter, quarter, ""}, 3},
		{[]string{strings.Repeat("x", value.MaxSum+1), "y"}, 1},
	} {
		if got := len(value.ListOf(c.list).List()); got != c.want {
			t.Errorf("%d values of %d bytes: %d", len(c.list), len(c.list[0]), got)
		}
	}
}

func TestEachText(t *testing.T) {
	double := func(s string) string { return s + s }
	for _, c := range []struct {
		in, want value.Value
	}{
		{value.Null, value.Null},
		{value.Text("a"), value.Text("aa")},
		{value.Num(1), value.Text("11")},
		{value.Truth(true), value.Text("truetrue")},
		{value.ListOf([]string{"a", "b"}), value.ListOf([]string{"aa", "bb"})},
	} {
		got := c.in.EachText(double)
		if got.Kind() != c.want.Kind() || !slices.Equal(got.List(), c.want.List()) {
			t.Errorf("%q: %q", c.in.List(), got.List())
		}
	}
	list := []string{"a", "b"}
	value.ListOf(list).EachText(double)
	if list[0] != "a" {
		t.Error("the list itself was changed")
	}
}

func TestAnyText(t *testing.T) {
	is1 := func(s string) bool { return s == "1" }
	for _, c := range []struct {
		v    value.Value
		want bool
	}{
		{value.Null, false},
		{value.Text("1"), true},
		{value.Num(1), true},
		{value.Truth(true), false},
		{value.ListOf([]string{"2", "1"}), true},
		{value.ListOf([]string{"2", "3"}), false},
	} {
		if got := c.v.AnyText(is1); got != c.want {
			t.Errorf("%q: %v", c.v.List(), got)
		}
	}
	if value.Null.AnyText(func(string) bool { return true }) {
		t.Error("null has a text")
	}
}
