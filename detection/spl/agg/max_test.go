package agg_test

import "testing"

func TestMax(t *testing.T) {
	for _, c := range []check{
		{"max", nil, null},
		{"max", l("9 10 8"), "10"},
		{"max", l("-10 -9"), "-9"},
		{"max", l("10 9 a"), "a"},
		{"max", l("10 9 !"), "9"},
		{"max", l("b a B"), "b"},
		{"max", []string{"5", ""}, "5"},
		{"max", l("1.0 1 01"), "01"}, // equal: the first as text here too
		{"max", l("9007199254740993 9007199254740992"), "9007199254740993"},
		{"max", l("\xff é"), "\xff"},
	} {
		c.run(t)
	}
}
