package spl_test

import (
	"errors"
	"strings"
	"testing"

	"escutcheon/detection"
	"escutcheon/detection/spl"
)

func TestErrors(t *testing.T) {
	m := detection.BuiltInMacros().Overlay(spl.Macros{
		"loop":   {Definition: "`loop`"},
		"evil":   {Definition: "a=1 | map b"},
		"outer":  {Definition: "`evil`"},
		"two(2)": {Definition: "$a$ $b$", Args: []string{"a", "b"}},
		"quote":  {Definition: `a="`},
		"bomb":   {Definition: strings.Repeat("`bomb2` ", 200)},
		"bomb2":  {Definition: strings.Repeat("`bomb3` ", 200)},
		"bomb3":  {Definition: strings.Repeat("x ", 200)},
	})
	tables := spl.Tables{"tools": {Fields: []string{"name", "kind"}}}
	for _, tt := range []struct{ search, command, want string }{
		{"a=1\n| stats count\n      | transaction x", "transaction",
			`command "transaction" at line 3, column 9 (offset 26) is not supported`},
		{"| makeresults", "makeresults", `command "makeresults" at line 1, column 3 (offset 2) is not supported`},
		{"a=1 | stats sparkline(x)", "stats", `aggregate "sparkline" at line 1, column 13 (offset 12) is not supported`},
		{"a=1 | stats count(eval(x)", "stats", `parenthesis after "count" at line 1, column 13 (offset 12) is not closed`},
		{"é=1 | stats count | join x [search y]", "join", `command "join" at line 1, column 21 (offset 21) is not supported`},
		{"x=1 `outer`", "map", `command "map" at line 1, column 5 (offset 4), in macro "evil", is not supported`},
		{"a=1 | append [search b=2]", "append", `command "append" at`},
		{"a=1 | where b IN ([search c])", "where", `subsearch at line 1, column 19 (offset 18) is not supported`},
		{"a=1 | search b=[search c]", "search", `subsearch at`},
		{"| inputlookup x.csv", "inputlookup", `command "inputlookup" at`},
		{"a=1 | lookup nosuch b OUTPUT c", "lookup", `lookup table "nosuch" at line 1, column 14 (offset 13) is not known`},
		{"a=1 | lookup tools name AS b OUTPUT c", "lookup",
			`lookup table "tools" at line 1, column 14 (offset 13) has no field "c"`},
		{"a=1 | eval b=random()", "eval", `function "random" at line 1, column 14 (offset 13) is not supported`},
		{"a=1 | eval b=lower()", "eval", `function "lower" at line 1, column 14 (offset 13) does not take 0 arguments`},
		{"a=1 | eval b=if(c", "eval", `parenthesis at line 1, column 14 (offset 13) is not closed`},
		{"a=1 | eval b", "eval", `stands where the eval command needs =`},
		{"a=1 | where match(b, \"(\")", "where",
			`regular expression of "match" at line 1, column 13 (offset 12) cannot be read: missing closing )`},
		{"a=1 | where match(b, \"(?!x\")", "where", `has a group that is not closed`},
		{"a=1 | where match(b, \"(a)\\2\")", "where", `refers back to a group that is not there`},
		{"a=1 | rex \"a(b)\"", "rex", `regular expression at line 1, column 11 (offset 10) has no named group`},
		{"a=1 | rex mode=sed \"x\"", "rex", `sed expression at line 1, column 20 (offset 19) is not of the form s/…/…/`},
		{"a=1 | bin b", "bin", `command "bin" at line 1, column 7 (offset 6) is not supported`},
		{"| tstats count from datamodel=Email.All_Email by All_Email.src", "tstats",
			`data model "Email.All_Email" at line 1, column 31 (offset 30) is not supported`},
		{"| tstats prestats=t count", "tstats", `option prestats at`},
		{"a=1 | tstats count", "tstats",
			`command "tstats" at line 1, column 7 (offset 6) is supported as the first command only`},
		{"a=1 | stats values(*) as *", "stats",
			`wildcard in "values(*)" at line 1, column 7 (offset 6) is not supported where the fields are not known`},
		{"a=1 | where " + strings.Repeat("(", 300), "where", `is nested more than 200 deep`},
		{"a=1 | stats min", "stats", `aggregate "min" at line 1, column 13 (offset 12) needs a field in parentheses`},
		{"a=1 | stats", "stats",
			`end of the search at line 1, column 12 (offset 11) stands where the stats command needs an aggregate such as count`},
		{"a=1 | stats count by", "stats", `needs a field name`},
		{"a=1 | stats count as a by a", "stats", `column "a" at line 1, column 27 (offset 26) is there twice`},
		{"a=1 | stats count c(b) as count", "stats", `column "count" at line 1, column 19 (offset 18) is there twice`},
		{"a=1 | stats dc(b) as n, max(b) as n", "stats", `column "n" at line 1, column 25 (offset 24) is there twice`},
		{"`nope`", "", `macro "nope" at line 1, column 1 (offset 0) is not known`},
		{"`security_content_ctime`", "",
			`macro "security_content_ctime" at line 1, column 1 (offset 0) takes 1 arguments, not 0`},
		{"x `two(1)`", "", `macro "two" at line 1, column 3 (offset 2) takes 2 arguments, not 1`},
		{"`loop`", "",
			`macro "loop" at line 1, column 1 (offset 0), in macro "loop", is nested more than 32 deep: does it call itself?`},
		{"`bomb`", "", `with its macros`},
		{"x `quote`", "", `quote at line 1, column 3 (offset 2), in macro "quote", is not closed`},
		{"x `open", "", `backtick at line 1, column 3 (offset 2) is not closed`},
		{"`bad name`", "", `is not of the form`},
		{`a="x`, "", `quote at line 1, column 3 (offset 2) is not closed`},
		{"a=1 ``` x", "", `comment at line 1, column 5 (offset 4) is not closed`},
		{"(a=1", "search", `parenthesis at line 1, column 1 (offset 0) is not closed`},
		{"a=1)", "search", `")" at line 1, column 4 (offset 3) is not expected in the search command`},
		{"a IN (x", "search", `parenthesis at line 1, column 6 (offset 5) is not closed`},
		{"a IN ()", "search", `needs a value`},
		{"a=", "search", `end of the search at line 1, column 3 (offset 2) stands where the search command needs a value`},
		{"a=1 OR", "search", `needs a search term`},
		{"OR a=1", "search", `OR at line 1, column 1 (offset 0) stands where`},
		{"a=1 AND AND b=2", "search", `AND at line 1, column 9 (offset 8) stands where`},
		{"", "search",
			`end of the search at line 1, column 1 (offset 0) stands where the search command needs a search term`},
		{"a=1 [search b=2]", "search", `subsearch at line 1, column 5 (offset 4) is not supported`},
		{"a=1 | stats count | rename a.* as *.*", "rename", `has not the same number of wildcards`},
		{"a=1 | stats count | rename a b", "rename",
			`"b" at line 1, column 30 (offset 29) stands where the rename command needs AS`},
		{`a=1 | stats count | convert timeformat="%Y %q" ctime(a)`, "convert", `time format "%q" at`},
		{strings.Repeat("(", 300), "search", `is nested more than 200 deep`},
		{strings.Repeat("NOT ", 300) + "a", "search", `is nested more than 200 deep`},
	} {
		_, err := detection.Env(m, tables).Compile(tt.search)
		var e *spl.Error
		if !errors.As(err, &e) {
			t.Errorf("%q: %v", tt.search, err)
			continue
		}
		if !strings.Contains(err.Error(), tt.want) || e.Command != tt.command {
			t.Errorf("%q:\n got %v (command %q)\nwant %s (command %q)", tt.search, err, e.Command, tt.want, tt.command)
		}
	}
}

func TestMacros(t *testing.T) {
	m := spl.Macros{
		"in":      {Definition: `a IN ($v$)`, Args: []string{"v"}},
		"in(1)":   {Definition: `a IN ($v$)`, Args: []string{"v"}},
		"eq(2)":   {Definition: "$f$=\"$v$\" `deep`", Args: []string{"f", "v"}},
		"deep":    {Definition: "b=2"},
		"one":     {Definition: "c=1"},
		"drop(1)": {Definition: "rename $o$.* as *", Args: []string{"o"}},
	}
	p, err := spl.Compile("`one` OR `eq(a, \"x, y\")` \"`not a macro`\"=1 | stats count by P.z | `drop(\"P\")`", m)
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(p.Columns(), " "); got != "z count" {
		t.Error(got)
	}
	if !p.Matches(ev("a=X, Y; b=2; `not a macro`=1")) || p.Matches(ev("a=X, Y; `not a macro`=1; b=3")) {
		t.Error("the macro's text is not what is matched")
	}
}
