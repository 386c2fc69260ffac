package agg_test

import "testing"

func TestMode(t *testing.T) {
	for _, c := range []check{
		{"mode", nil, null},
		{"mode", l("b a b"), "b"},
		{"mode", l("b a"), "a"}, // as frequent: the first
		{"mode", l("c b b c"), "b"},
		{"mode", l("10 9 9.0 9.0"), "9.0"}, // texts, whatever they say
		{"mode", []string{"", "", "x"}, ""},
	} {
		c.run(t)
	}
}
