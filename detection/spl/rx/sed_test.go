package rx_test

import (
	"strings"
	"testing"

	"escutcheon/detection/spl/rx"
	"escutcheon/detection/spl/value"
)

// Search Reference, rex: mode=sed takes s/regex/replacement/flags, the flags being
// g or a number, and y/one/another/.
func TestSed(t *testing.T) {
	for _, c := range []struct{ sed, in, want string }{
		{`s/a/b/`, "aaa", "baa"},
		{`s/a/b/g`, "aaa", "bbb"},
		{`s/a/b/2`, "aaa", "aba"},
		{`s/a/b/4`, "aaa", "aaa"},
		{`s/a//g`, "abab", "bb"},
		{`s/x/y/`, "a", "a"},
		{`s/(\d+)-(\d+)/\2-\1/g`, "1-2 3-4", "2-1 4-3"},
		{`s/a/[\0]/`, "bab", "b[a]b"},
		{`s/A/b/i`, "aA", "bA"},
		{`s/A/b/gi`, "aA", "bb"},
		{`s/A/b/I`, "a", "b"},
		{`s#a/b#c#`, "a/b", "c"},
		{`s/a\/b/c\/d/`, "a/b", "c/d"},
		{`s/\d/\\/`, "1", `\`},
		{`s/a/\n\t/`, "a", "\n\t"},
		{`s/a/\./`, "a", "."},
		{`s/^/x/`, "a", "xa"},
		{`s/$/x/`, "a", "ax"},
		{`s/(?<=a)b/c/g`, "abbab", "acbac"},
		{`s/(a)|b/<\1>/g`, "ab", "<a><>"},
		{`s/a/$0$0/`, "a", "aa"},
		{`s/a/$x$/`, "a", "$x$"},
		{`s/a/\9/`, "a", ""},
		{`s/a/b\`, "", "!"},
		{` s/a/b/ `, "a", "b"},
		{`s///`, "ab", "ab"},
		{`s/é/e/`, "é", "e"},
		{`s/x*/-/g`, "ab", "-a-b-"},
		{`y/abc/xyz/`, "aabbcd", "xxyyzd"},
		{`y/é/e/`, "éa", "ea"},
		{`y///`, "a", "a"},
		{`y/ab/ba/`, "ab", "ba"},
		{`y,a/,b-,`, "a/", "b-"},
	} {
		x, err := rx.ParseSed(c.sed)
		if c.want == "!" {
			if err == nil {
				t.Errorf("%s: taken", c.sed)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", c.sed, err)
			continue
		}
		if got := x.Apply(c.in, rx.Plenty()); got != c.want {
			t.Errorf("%s on %q: %q, not %q", c.sed, c.in, got, c.want)
		}
	}
}

func TestSedRefuses(t *testing.T) {
	for sed, want := range map[string]string{
		``:         "is not of the form",
		`s`:        "is not of the form",
		`s//`:      "is not of the form",
		`s/a/b`:    "is not of the form",
		`s/a/b/g/`: "is not of the form",
		`x/a/b/`:   "is not of the form",
		`s/a/b/x`:  "has a flag that is not supported",
		`s/a/b/0`:  "has a flag",
		`s/a/b/-1`: "has a flag",
		`s/a/b/g2`: "has a flag",
		`s/(/b/`:   "cannot be read",
		`y/ab/c/`:  "has not as many characters on both sides",
		`y/a/bc/`:  "has not as many", `y/é/ee/`: "has not as many",
	} {
		if x, err := rx.ParseSed(sed); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, %v", sed, x, err)
		}
	}
}

func TestReplace(t *testing.T) {
	for _, c := range []struct {
		pattern, with, in string
		n                 int
		want              string
	}{
		{`a`, "b", "aaa", 0, "bbb"},
		{`a`, "b", "aaa", 1, "baa"},
		{`a`, "b", "aaa", 3, "aab"},
		{`a`, "", "aaa", 0, ""},
		{`a`, "b", "", 0, ""},
		{`^`, "", "a", 0, "a"},
		{`(.)(.)?`, `\2\1`, "abc", 0, "bac"},
		{`(?=(b))`, `[\1]`, "ab", 0, "a[b]b"},
		{`a$`, "b", "a\n", 0, "b\n"},
		{`(?!(a))(b)`, `<\1\2>`, "ab", 0, "a<b>"},
	} {
		re, err := rx.Compile(c.pattern)
		if err != nil {
			t.Fatal(err)
		}
		if got := rx.Template(c.with).Replace(re, c.in, c.n, rx.Plenty()); got != c.want {
			t.Errorf("%s, %s, %q, %d: %q, not %q", c.pattern, c.with, c.in, c.n, got, c.want)
		}
	}
}

// A result ends soon after it is as long as a text may be, and no more than
// 100,000 matches are replaced.
func TestReplaceLimits(t *testing.T) {
	re, err := rx.Compile(`a`)
	if err != nil {
		t.Fatal(err)
	}
	long := strings.Repeat("x", 1000)
	got := rx.Template(long).Replace(re, strings.Repeat("a", 5000), 0, rx.Plenty())
	if len(got) <= value.MaxText || len(got) > value.MaxText+len(long) {
		t.Errorf("%d bytes", len(got))
	}
	got = rx.Template("b").Replace(re, strings.Repeat("a", 100_001), 0, rx.Plenty())
	if strings.Count(got, "b") != 100_000 || got[100_000] != 'a' {
		t.Errorf("%d replaced", strings.Count(got, "b"))
	}
}
