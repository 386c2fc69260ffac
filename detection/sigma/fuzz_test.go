package sigma_test

import (
	"fmt"
	"strings"
	"testing"
	"unicode"

	"escutcheon/detection"
	"escutcheon/detection/sigma"
)

// FuzzParse: whatever a file holds is read or refused, and what can be written as a
// search is one that compiles.
func FuzzParse(f *testing.F) {
	for _, c := range conformanceCases(f) {
		f.Add(c.rules(f))
	}
	f.Add([]byte("title: T\nlogsource: &a {product: windows}\ndetection: {s: *a, condition: 1 of them}"))
	f.Add([]byte("title: T\nlogsource: {product: windows}\ndetection: {s: [[[a]]], condition: not (s)}"))
	env := detection.Env(detection.BuiltInMacros(), nil)
	f.Fuzz(func(t *testing.T, data []byte) {
		sigma.Is(data)
		docs, err := sigma.Parse(data)
		if err != nil {
			return
		}
		find := func(ref string) (*sigma.Document, bool) {
			for i := range docs {
				if docs[i].ID == ref || docs[i].Name == ref {
					return &docs[i], true
				}
			}
			return nil, false
		}
		for i := range docs {
			search, err := docs[i].Search(sigma.Env{Values: sigma.Values{"a": {"b*", "c"}}, Find: find})
			if err != nil {
				if _, ok := err.(*sigma.Error); !ok {
					t.Errorf("%T %v", err, err)
				}
				continue
			}
			if _, err := env.Compile(search); err != nil && !ofRegex(err) {
				t.Errorf("%v\n%s", err, search)
			}
		}
	})
}

// ofRegex says whether a search is refused for a regular expression of its own, which
// only its compiler can judge, or for its length.
func ofRegex(err error) bool {
	return strings.Contains(err.Error(), "regular expression") || strings.Contains(err.Error(), "longer than") ||
		strings.Contains(err.Error(), "too long")
}

// FuzzPattern: a value with wildcards finds what they say, read one character after the
// other.
func FuzzPattern(f *testing.F) {
	for _, s := range [][2]string{{`a\*b?c*`, "a*bxcd"}, {`\\*`, `\x`}, {`\\\*`, `\*`}, {`*\`, `a\`}, {`**a??`, "xabc"},
		{`\\\\srv`, `\\srv`}, {"`*`", "`x`"}, {`"?"`, `"x"`}, {"a*b*c", "a\nbc"}, {`C:\Win*\x`, `c:\windows\X`}} {
		f.Add(s[0], s[1])
	}
	env := detection.Env(detection.BuiltInMacros(), nil)
	f.Fuzz(func(t *testing.T, value, text string) {
		if len(value)+len(text) > 200 || !simple(value) || !simple(text) || text == "" ||
			strings.Trim(value, "0123456789.+-eE") == "" {
			return // numbers are compared as numbers; letters beyond ASCII have cases of their own
		}
		docs, err := sigma.Parse(fmt.Appendf(nil, "title: T\nlogsource: {product: windows, service: application}\n"+
			"detection: {s: {A: %q}, condition: s}", value)) // which is also how YAML quotes
		if err != nil {
			t.Fatal(err)
		}
		search, err := docs[0].Search(sigma.Env{})
		if err != nil {
			t.Fatal(err)
		}
		p, err := env.Compile(search)
		if err != nil {
			t.Fatalf("%v\n%s", err, search)
		}
		want := fits([]rune(strings.ToLower(value)), []rune(strings.ToLower(text)))
		if got := findings(p, eventOf(map[string]string{"A": text})) == 1; got != want {
			t.Errorf("%q on %q: %v\n%s", value, text, got, search)
		}
	})
}

func simple(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r > unicode.MaxASCII || r < ' ' && r != '\n' && r != '\t' }) < 0
}

// fits says whether a text is what a value says.
func fits(value, text []rune) bool {
	if len(value) == 0 {
		return len(text) == 0
	}
	switch c := value[0]; {
	case c == '\\' && len(value) > 1 && strings.ContainsRune(`*?\`, value[1]):
		return len(text) > 0 && text[0] == value[1] && fits(value[2:], text[1:])
	case c == '*':
		for i := range len(text) + 1 {
			if fits(value[1:], text[i:]) {
				return true
			}
		}
		return false
	case c == '?':
		return len(text) > 0 && fits(value[1:], text[1:])
	default:
		return len(text) > 0 && text[0] == c && fits(value[1:], text[1:])
	}
}
