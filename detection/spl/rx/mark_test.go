package rx_test

import (
	"strings"
	"testing"
)

// pcre2pattern, "Lookahead assertions".
func TestLookahead(t *testing.T) {
	checkAll(t, []found{
		{`a(?=b)`, "acab", "a"},
		{`a(?=b)`, "ac", "no"},
		{`a(?!b)`, "abac", "a"},
		{`a(?!b)`, "ab", "no"},
		{`a(?!b)`, "a", "a"},
		{`foo(?!bar)\w`, "foobarfoox", "foox"},
		{`(?!foo)bar`, "foobar", "bar"},
		{`^(?!.*foo).*bar`, "bar foo", "no"},
		{`^(?!.*foo).*bar`, "fo bar", "fo bar"},
		{`(?=.*\d)(?=.*x)\w+`, "a1x", "a1x"},
		{`(?=.*\d)(?=.*x)\w+`, "aax", "no"},
		{`(?=a|b).`, "cb", "b"},
		{`(?!a|b).`, "abc", "c"},
		{`(?!)a`, "a", "no"},
		{`(?=)a`, "a", "a"},
		{`a(?=(?!b)c)`, "ab ac", "a"},
		{`a(?!(?!b))`, "ac ab", "a"},
	})
}

// pcre2pattern, "Lookbehind assertions".
func TestLookbehind(t *testing.T) {
	checkAll(t, []found{
		{`(?<=a)b`, "bab", "b"},
		{`(?<=a)b`, "bcb", "no"},
		{`(?<!a)b`, "abb", "b"},
		{`(?<!a)b`, "ab", "no"},
		{`(?<!a)b`, "b", "b"},
		{`(?<=foo|ba)x`, "bax", "x"},
		{`(?<=foo|ba)x`, "oox", "no"},
		{`(?<!foo)bar`, "foobar", "no"},
		{`(?<=\d{3})(?<!999)foo`, "999foo123foo", "foo"},
		{`(?<=(?<!foo)bar)baz`, "foobarbaz barbaz", "baz"},
		{`(?<=(?<!foo)bar)baz`, "foobarbaz", "no"},
		{`(?<=é)x`, "ex éx", "x"},
		{`(?<=^a)b`, "bab", "no"},
		{`(?<=^a)b`, "ab", "b"},
		{`(?<!^)b`, "bb", "b"},
		{`(?<!^)b`, "b", "no"},
		{`(?<=\ba)b`, "cab ab", "b"},
		{`(?<=\ba)b`, "cab", "no"},
		{`(?<=\Bé)x`, "éx", "x"},
	})
}

// An assertion sees the text around it, not a part of it.
func TestLookSeesAround(t *testing.T) {
	long := strings.Repeat("x", 1100)
	checkAll(t, []found{
		{`(?!^)a`, "aba", "a"},
		{`(?!^)a`, "ab", "no"},
		{`(?!\A)a`, "ab", "no"},
		{`(?=\bb)b`, "ab", "no"},
		{`(?=\bb)b`, "a b", "b"},
		{`(?=\Bb)b`, "b ab", "b"},
		{`(?=(?<=a)b)b`, "bab", "b"},
		{`(?=(?<=a)b)b`, "bb", "no"},
		{`(?<=a(?=b))b`, "bab", "b"},
		{`(?<=a(?=c))b`, "ab", "no"},
		{`(?<=a\b)-`, "a-", "-"},
		{`(?<=a\b).`, "ab", "no"},
		{`(?m)(?=^b)b`, "ab\nb", "b"},
		{`(?<!^x)a`, long + "a", "a"},
		{`(?<=^x)a`, long + "a", "no"},
	})
}

// A look behind sees 1,000 bytes.
func TestLookbehindFar(t *testing.T) {
	for n, want := range map[int]string{998: "c", 999: "no"} {
		text := "a" + strings.Repeat("b", n) + "c"
		found{`c(?<=ab*c)`, text, want}.check(t)         // in Go's engine
		found{`c(?<=\bab*c)`, " " + text, want}.check(t) // in ours
	}
}

// pcre2pattern, "Assertions": a positive one sets groups, and is not gone back
// into; a negative one sets none.
func TestLookGroups(t *testing.T) {
	checkAll(t, []found{
		{`(?=(a))(.)(b)`, "ab", "ab|a|a|b"},
		{`(?=(a)|(b))(.)`, "b", "b|-|b|b"},
		{`(?!(a))(b)`, "b", "b|-|b"},
		{`(?<=(a))(b)`, "ab", "b|a|b"},
		{`(?=(\w+))(\w)\b`, "ab", "b|b|b"},
		{`(?=(a+))a*b\1`, "aaaba", "aba|a"},
		{`(?=(\ba))a`, "a", "a|a"},
		{`(?!(\ba))(.)`, "b", "b|-|b"},
		{`(?<=(\ba))b`, "ab", "b|a"},
		{`(a)(?=\1)`, "abaa", "a|a"},
		{`(a)(?!\1)`, "aab", "a|a"},
		{`((a)|b)(?=(c))`, "bc", "b|b|-|c"},
		{`(?:(?=(a))a|b)+c`, "abc", "abc|a"},
		{`(?:(?=(a))ax|ab)`, "ab", "ab|-"},
		{`(?:(?=(\ba))ax|ab)`, "ab", "ab|-"},
		{`(?=(?<x>a))\k<x>`, "a", "a|a"},
		{`(?=(?=(a)))(a)`, "a", "a|a|a"},
	})
}

// pcre2pattern, "Atomic grouping and possessive quantifiers".
func TestAtomic(t *testing.T) {
	checkAll(t, []found{
		{`(?>\d+)foo`, "123456foo", "123456foo"},
		{`(?>a+)ab`, "aaab", "no"},
		{`a(?>bc|b)c`, "abc", "no"},
		{`a(?>bc|b)c`, "abcc", "abcc"},
		{`(?>a|ab)c`, "abc", "no"},
		{`(?>a*)a`, "aaa", "no"},
		{`(?>a*?)a`, "aaa", "a"},
		{`a++b`, "aab", "aab"},
		{`a++a`, "aaa", "no"},
		{`a*+a`, "aa", "no"},
		{`a?+a`, "a", "no"},
		{`a?+a`, "aa", "aa"},
		{`a{1,2}+a`, "aa", "no"},
		{`a{1,2}+a`, "aaa", "aaa"},
		{`[ab]++b`, "abab", "no"},
		{`(ab)++c`, "ababc", "ababc|ab"},
		{`(a|ab)++c`, "abac", "ac|a"},
		{`(?:(a)|b)*+c`, "abc", "abc|a"},
		{`(a)(?>(b))(c)\2`, "abcb", "abcb|a|b|c"},
		{`(a)(b)++(c)\2`, "abbcb", "abbcb|a|b|c"},
		{`(?i)(?>A)b++`, "aBB", "aBB"},
		{`(?i:a)++b`, "aAB", "no"},
		{`(?>(?>a)b)c`, "abc", "abc"},
		{`"[^"]*+"`, `"a" "b`, `"a"`},
		{`\w++\.exe`, "w3wp.exe", "w3wp.exe"},
		{`é++x`, "ééx", "ééx"},
		{`\x41++B`, "AAB", "AAB"},
		{`((?>a+)b)+`, "aabab", "aabab|ab"},
		{`(?>a)|b`, "b", "b"},
		{`(?>(a))++(b)\2\1`, "abba", "abba|a|b"},
	})
}

// pcre2pattern, "Backreferences".
func TestReferences(t *testing.T) {
	checkAll(t, []found{
		{`(sens|respons)e and \1ibility`, "sense and sensibility", "sense and sensibility|sens"},
		{`(sens|respons)e and \1ibility`, "sense and responsibility", "no"},
		{`((?i)rah)\s+\1`, "RAH RAH", "RAH RAH|RAH"},
		{`((?i)rah)\s+\1`, "RAH rah", "no"},
		{`(?i)(rah)\s+\1`, "RAH rah", "RAH rah|RAH"},
		{`(?<p1>(?i)rah)\s+\k<p1>`, "rah rah", "rah rah|rah"},
		{`(?'p1'a)\k{p1}`, "aa", "aa|a"},
		{`(?P<p1>a)(?P=p1)`, "aa", "aa|a"},
		{`(?<p1>a)\g{p1}\k'p1'`, "aaa", "aaa|a"},
		{`(a)(b)\g1\g{2}`, "abab", "abab|a|b"},
		{`(a)(b)\g{-1}\g{-2}`, "abba", "abba|a|b"},
		{`(a|(bc))\2`, "aa", "no"},
		{`(a|(bc))\2`, "bcbc", "bcbc|bc|bc"},
		{`(\w)\1`, "abccd", "cc|c"},
		{`(a*)b\1c`, "aabac", "abac|a"},
		{`(.)(.)(.)(.)(.)(.)(.)(.)(.)(.)\10`, "abcdefghijj", "abcdefghijj|a|b|c|d|e|f|g|h|i|j"},
		{`(a)\1+b`, "aaab", "aaab|a"},
		{`(a)\1{2}`, "aaa", "aaa|a"},
		{`(a)\g{1}0`, "aa0", "aa0|a"},
		{`(\wb|\1){2}`, "1cabb", "no"},
		{`(?:(a)|b\1)+`, "aba", "aba|a"},
		{`(é)\1`, "éé", "éé|é"},
		{`(a)\1`, "a", "no"},
		{`^(a*)*b\1`, "b", "b|"},
	})
	refuse(t, map[string]string{
		`(a)\2`:     "refers back to a group that is not there",
		`\1`:        "not there",
		`\1(a)`:     "not there",
		`(a)\g{-2}`: "not there",
		`\k<x>`:     "not there",
		`(?P=x)`:    "not there",
		`(a)\g0`:    "not there",
		`(a)\12`:    "not there",
		`\k{}`:      "in a way",
		`\k`:        "in a way that is not supported",
		`\gx`:       "in a way",
		`\k<x`:      "in a way",
		`(?P=x`:     "not closed",
	})
}

// pcre2pattern, "Internal option setting": a change holds to the end of its
// group, also in what looks around.
func TestFlags(t *testing.T) {
	checkAll(t, []found{
		{`(?i)a(?=B)b`, "Ab", "Ab"},
		{`(a(?i)b)c`, "aBc", "aBc|aB"},
		{`(a(?i)b)c`, "aBC", "no"},
		{`(a(?i)b)(?=c)`, "aBC", "no"},
		{`(a(?i)b)(?=c)`, "aBc", "aB|aB"},
		{`(?i:a(?=b))`, "AB", "A"},
		{`(?i:a)(?=b)`, "AB", "no"},
		{`(?i)a(?-i)(?=b)`, "AB", "no"},
		{`(?i)a(?-i)(?=b)`, "Ab", "A"},
		{`(?i)(?<=a)b`, "AB", "B"},
		{`(?s)a(?=.b)`, "a\nb", "a"},
		{`a(?=.b)`, "a\nb", "no"},
		{`(?i)(a)(?-i)\1`, "Aa", "no"},
		{`(?-i)(a)\1`, "aA", "no"},
		{`(?i-s:(a)\1)`, "aA", "aA|a"},
		{`a(?i)b|c`, "C", "C"},
		{`(?U)a+(?=a)`, "aaa", "a"},
		{`(?i)(?!a|b)\w`, "ABc", "c"},
		{`(?is)(?>a.)b`, "A\nB", "A\nB"},
	})
	refuse(t, map[string]string{`(?#a`: "has a comment that is not closed"})
	found{`a(?#b(c)d`, "ad", "ad"}.check(t)
	found{`(?i`, "", ""}.refused(t, "not closed")
}

func (f found) refused(t *testing.T, why string) {
	t.Helper()
	refuse(t, map[string]string{f.pattern: why})
}

// Marks are limited in number and depth.
func TestMarkLimits(t *testing.T) {
	found{strings.Repeat(`(?=a)`, 100) + "a", "a", "a"}.check(t)
	found{strings.Repeat(`(?=`, 10) + "a" + strings.Repeat(")", 10), "a", ""}.check(t)
	refuse(t, map[string]string{
		strings.Repeat(`(?=a)`, 101):                              "looks around too often",
		strings.Repeat(`(?=`, 11) + "a" + strings.Repeat(")", 11): "looks around too deep",
	})
}

func TestBranchReset(t *testing.T) {
	checkAll(t, []found{{`(?|a|b)c`, "bc", "bc"}, {`x(?|a|b)+(c)`, "xabc", "xabc|c"}})
	refuse(t, map[string]string{`(?|(a)|(b))`: "has groups in (?|, which is not supported", `(?|a`: "not closed"})
}
