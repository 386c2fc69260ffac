package views

import (
	"strings"
	"testing"
)

// TestDifferences: what is gone and new, word by word; put together, they are the two
// texts.
func TestDifferences(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ before, after, want string }{
		{"the module was added", "the module is added", "the module [-was][+is] added"},
		{"", "new", "[+new]"},
		{"gone", "", "[-gone]"},
		{"same", "same", "same"},
		{"a b c", "a c", "a[- b] c"},
		{"Ü*x*\n日本", "Ü*y*\n日本 語", "Ü*[-x][+y]*\n日本[+ 語]"},
		{"\x00\xffa", "\x00\xfeb", "\x00[-\xffa][+\xfeb]"},
		{strings.Repeat("w ", 3000) + "x", strings.Repeat("w ", 3000) + "y", strings.Repeat("w ", 3000) + "[-x][+y]"},
	} {
		var got, before, after strings.Builder
		for _, d := range differences(c.before, c.after) {
			switch {
			case d.Gone:
				got.WriteString("[-" + d.Text + "]")
				before.WriteString(d.Text)
			case d.New:
				got.WriteString("[+" + d.Text + "]")
				after.WriteString(d.Text)
			default:
				got.WriteString(d.Text)
				before.WriteString(d.Text)
				after.WriteString(d.Text)
			}
		}
		if got.String() != c.want {
			t.Errorf("%.40q, %.40q: %.80q, want %.80q", c.before, c.after, got.String(), c.want)
		}
		if before.String() != c.before || after.String() != c.after {
			t.Errorf("%.40q, %.40q: something is lost", c.before, c.after)
		}
	}
}

func FuzzDifferences(f *testing.F) {
	f.Add("a b", "a c")
	f.Fuzz(func(t *testing.T, a, b string) {
		var before, after strings.Builder
		for _, d := range differences(a, b) {
			if !d.New {
				before.WriteString(d.Text)
			}
			if !d.Gone {
				after.WriteString(d.Text)
			}
		}
		if before.String() != a || after.String() != b {
			t.Errorf("%q, %q: %q, %q", a, b, before.String(), after.String())
		}
	})
}
