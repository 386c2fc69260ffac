package agg_test

import "testing"

func TestValues(t *testing.T) {
	for _, c := range []check{
		{"values", nil, null},
		{"values", l("b a b"), "a\nb"},
		{"values", l("10 9"), "10\n9"}, // as texts
		{"values", l("a A"), "A\na"},
		{"values", []string{"", "a", ""}, "\na"},
		{"values", []string{""}, ""},
		{"values", []string{"a\nb"}, "a\nb"},
	} {
		c.run(t)
	}
}
