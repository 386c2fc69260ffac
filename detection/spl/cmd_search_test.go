package spl_test

import (
	"strings"
	"testing"
)

// Search Reference, search: NOT binds first, then OR, then AND; terms side by
// side are ANDed.
func TestSearchPrecedence(t *testing.T) {
	matchCases(t, []matchCase{
		{`a=1 b=1`, []string{"a=1; b=1"}, []string{"a=1", "b=1", "a=1; b=2"}},
		{`a=1 AND b=1`, []string{"a=1; b=1"}, []string{"a=1", "b=1"}},
		{`a=1 OR b=1`, []string{"a=1", "b=1", "a=1; b=1"}, []string{"a=2; b=2"}},
		{`a=1 OR b=1 c=1`, []string{"a=1; c=1", "b=1; c=1"}, []string{"a=1", "b=1", "c=1"}},
		{`a=1 b=1 OR c=1`, []string{"a=1; b=1", "a=1; c=1"}, []string{"a=1", "b=1; c=1"}},
		{`a=1 OR b=1 AND c=1`, []string{"a=1; c=1", "b=1; c=1"}, []string{"a=1"}},
		{`a=1 OR (b=1 AND c=1)`, []string{"a=1", "b=1; c=1"}, []string{"b=1", "c=1"}},
		{`NOT a=1 OR b=1`, []string{"a=2", "x=1", "a=1; b=1"}, []string{"a=1"}},
		{`NOT (a=1 OR b=1)`, []string{"a=2; b=2", "x=1"}, []string{"a=1", "b=1"}},
		{`NOT NOT a=1`, []string{"a=1"}, []string{"a=2", "x=1"}},
		{`NOT a=1 b=1`, []string{"b=1", "a=2; b=1"}, []string{"a=1; b=1", "c=1"}},
		{`((a=1))`, []string{"a=1"}, []string{"a=2"}},
	})
}

// != needs the field to exist, NOT does not.
func TestSearchComparisons(t *testing.T) {
	matchCases(t, []matchCase{
		{`a=1`, []string{"a=1", "a=1.0", "a=01"}, []string{"a=10", "a=x", "b=1"}},
		{`a==1`, []string{"a=1"}, []string{"a=2"}},
		{`a!=1`, []string{"a=2", "a="}, []string{"a=1", "b=1"}},
		{`NOT a=1`, []string{"a=2", "b=1"}, []string{"a=1"}},
		{`a<2`, []string{"a=1", "a=-3", "a=1.9"}, []string{"a=2", "a=10", "b=1"}},
		{`a<=2`, []string{"a=1", "a=2"}, []string{"a=2.1", "b=1"}},
		{`a>2`, []string{"a=3", "a=10"}, []string{"a=2", "a=1", "b=3"}},
		{`a>=2`, []string{"a=2", "a=3"}, []string{"a=1.9", "b=2"}},
		{`a!=x*`, []string{"a=y"}, []string{"a=xy", "a=X", "b=1"}},
		{`a = "b c"`, []string{"a=b c", "a=B C"}, []string{"a=b"}},
		{`"a b"=1`, []string{"a b=1"}, []string{"a=1", "b=1"}},
		{`a=""`, []string{"a="}, []string{"a=x", "b="}},
		{`a=*`, []string{"a=x", "a="}, []string{"b=1"}},
		{`*`, []string{"a=x", "x="}, nil},
		{`a="C:\\Windows\\*"`, []string{`a=c:\windows\x`}, []string{`a=c:\win`}},
		{`a="C:\Windows\x"`, []string{`a=c:\windows\x`}, []string{`a=c:windowsx`}},
		{`a="say \"hi\""`, []string{`a=say "hi"`}, []string{`a=say hi`}},
	})
}

func TestSearchIn(t *testing.T) {
	matchCases(t, []matchCase{
		{`a IN (1, 2)`, []string{"a=1", "a=2"}, []string{"a=3", "b=1"}},
		{`a in ("x y" z*)`, []string{"a=x y", "a=zz"}, []string{"a=x", "a=y"}},
		{`a IN (,1,,2,)`, []string{"a=1", "a=2"}, []string{"a=3", "a="}},
		{`a NOT IN (1, 2)`, []string{"a=3", "b=1"}, []string{"a=1", "a=2"}},
		{`NOT a IN (1)`, []string{"a=3", "b=1"}, []string{"a=1"}},
		{`a IN (1) OR b IN (1)`, []string{"a=1", "b=1"}, []string{"c=1"}},
	})
}

// A word is looked for in _raw as a term.
func TestSearchTerms(t *testing.T) {
	matchCases(t, []matchCase{
		{`foo`, []string{"_raw=a foo b", "_raw=FOO"}, []string{"_raw=food", "a=foo"}},
		{`foo bar`, []string{"_raw=bar foo"}, []string{"_raw=foo"}},
		{`"foo bar"`, []string{"_raw=a foo bar"}, []string{"_raw=bar foo"}},
		{`TERM(foo)`, []string{"_raw=a foo b"}, []string{"_raw=a"}},
		{`TERM( foo )`, []string{"_raw=a foo b"}, []string{"_raw=a"}},
		{`CASE("foo bar")`, []string{"_raw=foo bar"}, []string{"_raw=foo"}},
		{`TERM(foo) OR bar`, []string{"_raw=bar", "_raw=foo"}, []string{"_raw=a"}},
		{`and`, []string{"_raw=this and that"}, []string{"_raw=this"}},
		{`"AND"`, []string{"_raw=this and that"}, []string{"_raw=this"}},
		{`not a=1`, []string{"_raw=not; a=1"}, []string{"a=2"}},
	})
}

// The schedule gives the window and there is one index: earliest=, index= and
// the like match everything.
func TestSearchTimeModifiers(t *testing.T) {
	for _, m := range []string{"earliest=-7d", "latest=now", "starttime=1", "endtime=2", "timeformat=%s", "index=main",
		"_index_earliest=-1h", "_index_latest=now", "starthoursago=4", "enddaysago=1", "startminutesago=5", "index!=x",
		"starttimeu=1", "endtimeu=1", "startdaysago=1", "endhoursago=1", "endminutesago=1", "index IN (a, b)"} {
		matchCases(t, []matchCase{
			{m + " a=1", []string{"a=1"}, []string{"a=2"}},
			{"a=1 " + m, []string{"a=1"}, []string{"a=2"}},
			{m, []string{"a=1", "b=2"}, nil},
		})
	}
	matchCases(t, []matchCase{{`earliest_time=5`, []string{"earliest_time=5"}, []string{"a=1"}}})
}

func TestSearchOnRows(t *testing.T) {
	three := []string{"a=x; n=1", "a=y; n=5", "a=x; n=9"}
	runCases(t, []runCase{
		{`* | stats sum(n) as s by a | search s>=10`, three, []string{"a=x s=10"}},
		{`* | stats sum(n) as s by a | search NOT s=10`, three, []string{"a=y s=5"}},
		{`* | stats count by a | search`, three, []string{"a=x count=2", "a=y count=1"}},
		{`* | stats values(n) as n by a | search n=9`, three, []string{"a=x n=[1|9]"}},
		{`* | search a=x | search n=9 | table n`, three, []string{"n=9"}},
		{`| search a=y | table n`, three, []string{"n=5"}},
		{`search a=y | table n`, three, []string{"n=5"}},
	})
}

func TestSearchRefusals(t *testing.T) {
	refusals(t, "search", []refusal{
		{`a=1 )`, `")" at line 1, column 5 (offset 4) is not expected in the search command`},
		{`(a=1`, `parenthesis at line 1, column 1 (offset 0) is not closed`},
		{`TERM(a`, `parenthesis at line 1, column 1 (offset 0) is not closed`},
		{`TERM()`, `parenthesis at line 1, column 1 (offset 0) is not closed`},
		{`TERM("a"`, `parenthesis at line 1, column 1 (offset 0) is not closed`},
		{`a IN (1`, `parenthesis at line 1, column 6 (offset 5) is not closed`},
		{`a IN (1 (`,
			`"(" at line 1, column 9 (offset 8) stands where the search command needs a comma between the values of IN`},
		{`a IN ([b])`, `"[" at line 1, column 7 (offset 6) stands where the search command needs a value`},
		{`a=[b]`, `subsearch at line 1, column 3 (offset 2) is not supported`},
		{`a=1 [b]`, `subsearch at line 1, column 5 (offset 4) is not supported`},
		{`a=1 AND`, `end of the search at line 1, column 8 (offset 7) stands where the search command needs a search term`},
		{`a=1 AND | stats count`,
			`pipe at line 1, column 9 (offset 8) stands where the search command needs a search term`},
		{`a=`, `end of the search at line 1, column 3 (offset 2) stands where the search command needs a value`},
		{`a=1 AND OR b`, `OR at line 1, column 9 (offset 8) stands where the search command needs a search term`},
		{`= b`, `"=" at line 1, column 1 (offset 0) is not expected in the search command`},
	})
}

// Parentheses and NOT nest 200 deep, and no deeper.
func TestSearchDepth(t *testing.T) {
	deep := func(n int, open, end string) string { return strings.Repeat(open, n) + "a=1" + strings.Repeat(end, n) }
	for _, s := range []string{deep(200, "(", ")"), deep(200, "NOT ", ""), "a=1 | where " + deep(199, "(", ")")} {
		compileCase(t, s)
	}
	refusals(t, "search", []refusal{
		{deep(201, "(", ")"), `parenthesis at line 1, column 201 (offset 200) is nested more than 200 deep`},
		{deep(201, "NOT ", ""), `NOT at line 1, column 801 (offset 800) is nested more than 200 deep`},
	})
	refusals(t, "where", []refusal{{"a=1 | where " + deep(200, "(", ")"),
		`expression at line 1, column 213 (offset 212) is nested more than 200 deep`}})
}
