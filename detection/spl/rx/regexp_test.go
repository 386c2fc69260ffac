package rx_test

import (
	"slices"
	"strings"
	"testing"

	"escutcheon/detection/spl/rx"
)

// found is a pattern, a text, and what PCRE finds in it first: the match and its
// groups with | between, - for a group that has none, and "no" for no match.
type found struct{ pattern, text, want string }

func (f found) check(t *testing.T) {
	t.Helper()
	re, err := rx.Compile(f.pattern)
	if err != nil {
		t.Errorf("%s: %v", f.pattern, err)
		return
	}
	got := "no"
	if m := re.FindAllStringSubmatchIndex(f.text, 1); m != nil {
		got = groups(f.text, m[0])
	}
	if got != f.want {
		t.Errorf("%.80s on %.80q: %.80q, not %.80q", f.pattern, f.text, got, f.want)
	}
	if re.MatchString(f.text) != (f.want != "no") {
		t.Errorf("%.80s on %.80q: MatchString says %v", f.pattern, f.text, f.want == "no")
	}
}

func groups(s string, m []int) string {
	var parts []string
	for i := 0; i < len(m); i += 2 {
		part := "-"
		if m[i] >= 0 {
			part = s[m[i]:m[i+1]]
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, "|")
}

func checkAll(t *testing.T, all []found) {
	t.Helper()
	for _, f := range all {
		f.check(t)
	}
}

// refuse wants that patterns are refused with a reason.
func refuse(t *testing.T, reasons map[string]string) {
	t.Helper()
	for pattern, want := range reasons {
		if re, err := rx.Compile(pattern); err == nil || re != nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.80s: %v, not %q", pattern, err, want)
		}
	}
}

// pcre2pattern, "Circumflex and dollar": a dollar stands before a line end that
// is the last character, too; \z does not.
func TestDollar(t *testing.T) {
	checkAll(t, []found{
		{`a$`, "a", "a"},
		{`a$`, "a\n", "a"},
		{`a$`, "a\n\n", "no"},
		{`a$`, "a\nb", "no"},
		{`a$`, "b\na\n", "a"},
		{`a\Z`, "a\n", "a"},
		{`a\Z`, "a\nb", "no"},
		{`a\z`, "a\n", "no"},
		{`a\z`, "a", "a"},
		{`(.*)$`, "ab\n", "ab|ab"},
		{`(?s)(.*)$`, "ab\n", "ab\n|ab\n"},
		{`\n$`, "a\n", "\n"},
		{`$`, "\n", ""},
		{`(?m)a$`, "a\nb", "a"},
		{`(?m)a$`, "b\na\n", "a"},
		{`(?m:a$)b`, "ab", "no"},
		{`(?m)a\Z`, "a\nb", "no"},
		{`(?m)a\Z`, "a\n", "a"},
		{`(?=a$)a`, "a\n", "a"},
		{`(?=a$)a`, "a\nb", "no"},
		{`(?!a$)a`, "a\n", "no"},
		{`(?!a$)a`, "ab", "a"},
		{`(?=a\z)a`, "a\n", "no"},
		{`(?>a)$`, "a\n", "a"},
		{`(?>a)$\n`, "a\n", "a\n"},
		{`(?>a)\z`, "a\n", "no"},
		{`(?m)(?>a)$`, "a\nb", "a"},
	})
}

// The names of groups by number.
func TestNames(t *testing.T) {
	for pattern, want := range map[string][]string{
		`a`:                    {""},
		`(a)`:                  {"", ""},
		`(?<x>a)(b)(?P<y_2>c)`: {"", "x", "", "y_2"},
		`(?'x'a)`:              {"", "x"},
		`(?:a)(?i:b)(?<x>c)`:   {"", "x"},
		`(?=(?<x>a))(?<y>.)`:   {"", "x", "y"},
		`(?>(?<x>a))(?<y>b)`:   {"", "x", "y"},
		`(?<zmark0>a)`:         {"", "zmark0"},
		`(?<zmark7>a)(?=b)`:    {"", "zmark7"},
	} {
		re, err := rx.Compile(pattern)
		if err != nil || !slices.Equal(re.SubexpNames(), want) {
			t.Errorf("%s: %v, %v", pattern, re, err)
		}
	}
}

// All matches, n at most, one after the other; an empty one moves on by a
// character.
func TestFindAll(t *testing.T) {
	for _, c := range []struct {
		pattern, text string
		n             int
		want          string
	}{
		{`a`, "abaa", 9, "a a a"},
		{`a`, "abaa", 2, "a a"},
		{`a`, "abaa", 1, "a"},
		{`a`, "b", 9, ""},
		{`(?>a)`, "abaa", 9, "a a a"},
		{`(?>a)`, "abaa", 2, "a a"},
		{`(?>a)`, "b", 9, ""},
		{`(?>a)`, "abaa", 0, ""},
		{`(?=a)`, "éaa", 9, " "},
		{`(?<=é)`, "ééx", 9, " "},
		{`(?<=a)b?`, "abab", 9, "b b"},
		{`(?!x)`, "éx", 9, " "},
		{`a$`, "a\na\n", 9, "a"},
		{`\w+(?=;)`, "ab;cd;e", 9, "ab cd"},
	} {
		re, err := rx.Compile(c.pattern)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, m := range re.FindAllStringSubmatchIndex(c.text, c.n) {
			got = append(got, c.text[m[0]:m[1]])
		}
		if strings.Join(got, " ") != c.want || (c.want == " ") != (len(got) == 2 && got[0] == "") {
			t.Errorf("%s on %q, %d: %q", c.pattern, c.text, c.n, got)
		}
	}
}

// What an event holds may be small only, and nothing that goes back.
func TestCompileForeign(t *testing.T) {
	for pattern, want := range map[string]bool{
		`a`:          true,
		`(?i)a+$`:    true,
		`a{100}`:     true,
		`a{101}`:     false,
		`a{60}b{40}`: true,
		`a{60}b{41}`: false,
		`(?=a)`:      false,
		`(a)\1`:      false,
		`a++`:        false,
		`(`:          false, strings.Repeat("a", 200): true, strings.Repeat("a", 201): false,
	} {
		if re := rx.CompileForeign(pattern, rx.Plenty()); (re != nil) != want {
			t.Errorf("%.20s: %v", pattern, re != nil)
		}
	}
	if re := rx.CompileForeign(`b$`, rx.Plenty()); !re.MatchString("ab\n") || re.MatchString("ba") {
		t.Error("it does not match as others do")
	}
}

func TestCompileRefuses(t *testing.T) {
	refuse(t, map[string]string{
		`(`:         "cannot be read: missing closing ): `(`",
		`)`:         "cannot be read: unexpected )",
		`*a`:        "cannot be read: missing argument",
		`(?<x`:      "not closed",
		`(?<a-b>a)`: "cannot be read",
		`(?R)`:      "cannot be read",
		`(?1)`:      "cannot be read",
		`(?(1)a|b)`: "cannot be read",
		`(?x)a`:     "cannot be read",
		`(?&x)`:     "cannot be read",
		`(?=(`:      "not closed",
		`(?=a`:      "not closed",
		`(?>a`:      "not closed",
		`(?=*)`:     "cannot be read",
		`(?>*)`:     "cannot be read", `(?<=*)`: "cannot be read", `(?<!(?<!*))`: "cannot be read",
		strings.Repeat("a", 1<<15+1): "is longer than 32768 bytes",
	})
	if _, err := rx.Compile(strings.Repeat("a", 1<<15)); err != nil {
		t.Error(err)
	}
}
