package spl_test

import "testing"

func TestRegex(t *testing.T) {
	runCases(t, []runCase{
		{`* | regex a="^\d+$" | table a`, []string{"a=12", "a=x1", "b=1"}, []string{"a=12"}},
		{`* | regex a = "\d" | table a`, []string{"a=12", "a=x"}, []string{"a=12"}},
		{`* | regex a!="\d" | table a b`, []string{"a=12", "a=x", "b=1"}, []string{"b=1", "a=x"}},
		{`* | regex "w.d" | table a`, []string{"_raw=a wxd; a=1", "_raw=wd; a=2", "a=3"}, []string{"a=1"}},
		{`* | regex w.d | table a`, []string{"_raw=a wxd; a=1", "_raw=wd; a=2"}, []string{"a=1"}},
		{`* | regex a="X" | table a`, []string{"a=x", "a=X"}, []string{"a=X"}},
		{`* | regex a="(?i)X" | table a`, []string{"a=x", "a=X"}, []string{"a=X", "a=x"}},
	})
}

// Of several values one that matches is enough; with != one that matches is
// enough to go.
func TestRegexOfSeveralValues(t *testing.T) {
	in := []string{"a=x1,y; b=1", "a=y,z; b=2"}
	runCases(t, []runCase{
		{`* | eval a=split(a,",") | regex a="\d" | table b`, in, []string{"b=1"}},
		{`* | eval a=split(a,",") | regex a!="\d" | table b`, in, []string{"b=2"}},
		{`* | stats values(a) as v by b | regex v="\d"`, in, []string{"b=1 v=x1,y"}},
	})
}

func TestRegexRefusals(t *testing.T) {
	refusals(t, "regex", []refusal{
		{`a=1 | regex`, `end of the search at line 1, column 12 (offset 11) stands where the regex command needs a value`},
		{`a=1 | regex a=`,
			`end of the search at line 1, column 15 (offset 14) stands where the regex command needs a value`},
		{`a=1 | regex a="x" b`, `"b" at line 1, column 19 (offset 18) is not expected in the regex command`},
		{`a=1 | regex a<"x"`, `"\"" at line 1, column 15 (offset 14) is not expected in the regex command`},
	})
}
