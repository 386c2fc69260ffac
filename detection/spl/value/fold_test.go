package value_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"escutcheon/detection/spl/value"
)

func TestIsASCII(t *testing.T) {
	for s, want := range map[string]bool{"": true, "az\x00\x7f": true, "\x80": false, "aé": false, "\xff": false} {
		if value.IsASCII(s) != want {
			t.Errorf("%q", s)
		}
	}
}

// Wherever it stands: eight bytes are looked at together.
func TestIsASCIIAnywhere(t *testing.T) {
	for n := range 100 {
		for at := range n {
			b := []byte(strings.Repeat("a", n))
			if b[at] = 0x80; value.IsASCII(string(b)) {
				t.Errorf("%q", b)
			}
		}
		if !value.IsASCII(strings.Repeat("\x7f", n)) {
			t.Error(n)
		}
	}
}

// Those letters beyond ASCII count that have an ASCII one in another case.
func TestFoldsToASCII(t *testing.T) {
	for r := rune(0); r <= unicode.MaxRune; r++ {
		want := r >= utf8.RuneSelf && unicode.ToLower(r) < utf8.RuneSelf
		for f := unicode.SimpleFold(r); f != r && r >= utf8.RuneSelf; f = unicode.SimpleFold(f) {
			want = want || f < utf8.RuneSelf
		}
		if value.FoldsToASCII("x"+string(r)) != want {
			t.Errorf("%q: %v", r, !want)
		}
	}
}

func TestLowerByte(t *testing.T) {
	for in, want := range map[byte]byte{'A': 'a', 'Z': 'z', 'M': 'm', 'a': 'a', 'z': 'z', '@': '@', '[': '[',
		'0': '0', 0xC4: 0xC4} {
		if got := value.LowerByte(in); got != want {
			t.Errorf("%q: %q", in, got)
		}
	}
}

func TestHasPrefixFold(t *testing.T) {
	for _, c := range []struct {
		s, lower string
		want     bool
	}{
		{"WinEventLog:x", "wineventlog", true},
		{"win", "win", true},
		{"wi", "win", false},
		{"wix", "win", false},
		{"", "", true},
		{"x", "", true},
		{"Äb", "äb", false},
		{"ab", "AB", false}, // it is for texts that are in lower case
	} {
		if got := value.HasPrefixFold(c.s, c.lower); got != c.want {
			t.Errorf("%q, %q: %v", c.s, c.lower, got)
		}
	}
}
