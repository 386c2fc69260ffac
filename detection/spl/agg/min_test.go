package agg_test

import "testing"

// Numbers are compared as numbers as long as all values are, else all as texts:
// Search Reference, min().
func TestMin(t *testing.T) {
	for _, c := range []check{
		{"min", nil, null},
		{"min", l("10 9 11"), "9"},
		{"min", l("-10 -9"), "-10"},
		{"min", l("10 9 a"), "10"},   // one text makes texts of all
		{"min", l("a 10 9"), "10"},   // whenever it comes
		{"min", l("10 9 1e0"), "10"}, // an exponent is no number of min's
		{"min", l("b a B"), "B"},     // in the order of bytes
		{"min", []string{"5", ""}, ""},
		{"min", []string{""}, ""},
		{"min", l("1.0 1 01"), "01"}, // equal: the first as text
		{"min", l("9007199254740993 9007199254740992"), "9007199254740992"},
		{"min", l("0.1 .05"), ".05"},
		{"min", l("\xff é"), "é"},
	} {
		c.run(t)
	}
}

// A lone value is both ends.
func TestExtremesOfOne(t *testing.T) {
	for _, v := range []string{"5", "x", "", "-0.5", "\xff"} {
		for _, written := range []string{"min", "max"} {
			check{written, []string{v}, v}.run(t)
		}
	}
}

// Parts of numbers and of texts merge to one of texts.
func TestExtremesMergeKinds(t *testing.T) {
	for _, c := range []struct{ written, numbers, texts, want string }{
		{"min", "10 9", "z", "10"},
		{"max", "10 9", "Z", "Z"},
		{"max", "10 9", "!", "9"},
		{"min", "10 9", "!", "!"},
	} {
		a, b := keep(t, c.written), keep(t, c.written)
		for _, in := range inputs(l(c.numbers)...) {
			a.Add(in)
		}
		for _, in := range inputs(l(c.texts)...) {
			b.Add(in)
		}
		ab, ba := keep(t, c.written), keep(t, c.written)
		for _, step := range []error{ab.Merge(a), ab.Merge(b), ba.Merge(b), ba.Merge(a)} {
			if step != nil {
				t.Fatal(step)
			}
		}
		if text(ab) != c.want || text(ba) != c.want {
			t.Errorf("%s of %s and %s: %q, %q, not %q", c.written, c.numbers, c.texts, text(ab), text(ba), c.want)
		}
	}
}
