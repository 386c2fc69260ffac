package agg_test

import (
	"testing"

	"escutcheon/detection/spl/agg"
)

// inputs() has the first value the oldest, and the newest first in the input.
func TestEnds(t *testing.T) {
	for _, c := range []check{
		{"earliest", l("b c a"), "b"},
		{"latest", l("b c a"), "a"},
		{"first", l("b c a"), "a"},
		{"last", l("b c a"), "b"},
		{"earliest_time", l("b c a"), "1"},
		{"latest_time", l("b c a"), "3"},
		{"earliest", []string{"", "x"}, ""}, // an empty text is a value
		{"latest_time", l("x"), "1"},
	} {
		c.run(t)
	}
	for _, name := range l("earliest latest first last earliest_time latest_time") {
		check{name, nil, null}.run(t)
	}
}

// Time and place need not agree, may be negative, and have fractions.
func TestEndsOfEach(t *testing.T) {
	in := []agg.Input{
		{Text: "m", Time: 5, Pos: 7, N: 1},
		{Text: "old", Time: -1_500_000_000, Pos: 8, N: 1},
		{Text: "new", Time: 1_000_000_001, Pos: 6, N: 1},
		{Text: "head", Time: 6, Pos: -2, N: 1},
		{Text: "tail", Time: 4, Pos: 9, N: 1},
	}
	for name, want := range map[string]string{"earliest": "old", "latest": "new", "first": "head", "last": "tail",
		"earliest_time": "-1.5", "latest_time": "1.000000001"} {
		k := keep(t, name)
		for _, i := range in {
			k.Add(i)
		}
		if text(k) != want {
			t.Errorf("%s: %q, not %q", name, text(k), want)
		}
	}
}

// Of several in one place it is the first in the order of bytes, whichever came
// first.
func TestEndsTie(t *testing.T) {
	for _, name := range l("earliest latest first last") {
		for _, order := range []string{"a b", "b a", "b a b"} {
			k := keep(t, name)
			for _, v := range l(order) {
				k.Add(agg.Input{Text: v, Time: 3, Pos: 4, N: 1})
			}
			if text(k) != "a" {
				t.Errorf("%s of %s: %q", name, order, text(k))
			}
		}
	}
}
