package value_test

import (
	"testing"

	"escutcheon/detection/spl/value"
)

func TestIsASCII(t *testing.T) {
	for s, want := range map[string]bool{"": true, "az\x00\x7f": true, "\x80": false, "aé": false, "\xff": false} {
		if value.IsASCII(s) != want {
			t.Errorf("%q", s)
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
