package value_test

import (
	"net/netip"
	"testing"

	"escutcheon/detection/spl/value"
)

// The search command's values: Search Reference, search; shared design 2.
func TestPatternMatch(t *testing.T) {
	for _, c := range []struct {
		pattern, v string
		want       bool
	}{
		// A number is compared as one, exactly.
		{"29", "29", true},
		{"29", "29.0", true},
		{"29", "029", true},
		{"29", "+29", true},
		{"29", "2.9e1", false},
		{"29", " 29", false},
		{"29", "", false},
		{"29", "x", false},
		{"-0", "0", true},
		{"9007199254740993", "9007199254740992", false},
		// A text without its case.
		{"Info", "INFO", true},
		{"Info", "Infos", false},
		{"Info", "nfo", false},
		{"Ärger", "äRGER", true},
		{"", "", true},
		{"", "x", false},
		{"\u212aelvin", "kelvin", true},
		{"a b", "A B", true},
		{"29x", "29", false},
		{"a?", "ab", false},
		// A star is any run of characters, also none.
		{"*", "", true},
		{"*", "x", true},
		{"**", "x", true},
		{"ab*", "AB", true},
		{"ab*", "abc", true},
		{"ab*", "xab", false},
		{"ab*", "a", false},
		{"*ab", "ab", true},
		{"*ab", "xAB", true},
		{"*ab", "abx", false},
		{"*ab*", "xaby", true},
		{"*ab*", "ab", true},
		{"*ab*", "axb", false},
		{"a*b", "ab", true},
		{"a*b", "aXXb", true},
		{"a*b", "aXb ", false},
		{"a*a", "a", false},
		{"a*a", "aa", true},
		{"a*b*c", "a-b-c", true},
		{"a*b*c", "a-c-b", false},
		{"a*b*c", "abc", true},
		{"a*b*b", "ab", false},
		{"*ab*ab*", "abab", true},
		{"*ab*ab*", "aba", false},
		{"a*bc*c", "abcc", true},
		{"a*bc*c", "abc", false},
		{"2*", "29", true},
		{"*\\x.exe", `C:\X.EXE`, true},
		{"ä*", "Äx", true},
		{"*k*", "\u212a", false}, // between stars of ASCII only ASCII letters fold
		{"*Ü", "xü", true},
		{"*i*", "a\nib", true},
		// A range of addresses holds those in it, and the text itself.
		{"10.0.0.0/8", "10.1.2.3", true},
		{"10.0.0.0/8", "11.0.0.0", false},
		{"10.0.0.0/8", "10.0.0.0/8", true},
		{"10.0.0.0/8", "x", false},
		{"10.0.0.0/8", "::ffff:10.1.2.3", true},
		{"fe80::/10", "fe80::1", true},
		{"fe80::/10", "10.1.2.3", false},
		{"10.0.0.0/33", "10.0.0.0", false},
		{"10.0.0.0/33", "10.0.0.0/33", true},
		{"10.0.0.5/8", "10.9.9.9", true},
		{"a/b", "A/B", true},
	} {
		p := value.NewPattern(c.pattern)
		if got := p.Match(c.v); got != c.want {
			t.Errorf("%q, %q: %v", c.pattern, c.v, got)
		}
	}
}

func TestPatternKinds(t *testing.T) {
	for _, c := range []struct {
		pattern             string
		wild, number, netip bool
	}{
		{"a", false, false, false},
		{"", false, false, false},
		{"5", false, true, false},
		{"-5.5", false, true, false},
		{"5*", true, false, false},
		{"*", true, false, false},
		{"10.0.0.0/8", false, false, true},
		{"a/b", false, false, false},
		{"10.0.0.0/*", true, false, false},
	} {
		p := value.NewPattern(c.pattern)
		if p.Wild() != c.wild || p.IsNumber() != c.number || p.IsRange() != c.netip {
			t.Errorf("%q: %v %v %v", c.pattern, p.Wild(), p.IsNumber(), p.IsRange())
		}
	}
}

// < and > compare numbers as such when both are, else texts without their case.
func TestPatternOrder(t *testing.T) {
	for _, c := range []struct {
		v, pattern string
		want       int
	}{
		{"9", "10", -1},
		{"10", "9", 1},
		{"10", "10.0", 0},
		{"-1", "1", -1},
		{"9", "10x", 1},
		{"9x", "10", 1},
		{"a", "B", -1},
		{"B", "a", 1},
		{"A", "a", 0},
		{"", "a", -1},
		{"a", "", 1},
		{"Ä", "ä", 0},
		{"a", "10", 1},
	} {
		p := value.NewPattern(c.pattern)
		if got := p.Order(c.v); got != c.want {
			t.Errorf("%q, %q: %d, not %d", c.v, c.pattern, got, c.want)
		}
	}
}

func TestInPrefix(t *testing.T) {
	ten, six := netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("2001:db8::/32")
	for _, c := range []struct {
		prefix netip.Prefix
		s      string
		want   bool
	}{
		{ten, "10.0.0.0", true}, {ten, "10.255.255.255", true}, {ten, "9.255.255.255", false}, {ten, "11.0.0.0",
			false}, {ten, "::ffff:10.0.0.1", true},
		{ten, "10.0.0", false}, {ten, "10.0.0.1 ", false}, {ten, "", false}, {six, "2001:db8::1", true}, {six,
			"2001:DB8:0::1", true},
		{six, "2001:db9::", false}, {six, "10.0.0.1", false}, {six, "2001:db8:0000:0000:0000:0000:0000:0001", true},
	} {
		if got := value.InPrefix(c.prefix, c.s); got != c.want {
			t.Errorf("%s in %s: %v", c.s, c.prefix, got)
		}
	}
}
