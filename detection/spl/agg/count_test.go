package agg_test

import "testing"

func TestCount(t *testing.T) {
	for _, c := range []check{
		{"count", nil, "0"},
		{"count", l("a"), "1"},
		{"count", l("a a b"), "3"}, // duplicates count
		{"c", []string{"", ""}, "2"},
	} {
		c.run(t)
	}
}
