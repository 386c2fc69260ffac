package spl_test

import "testing"

// where keeps the rows for which its condition is true: null is not.
func TestWhere(t *testing.T) {
	runCases(t, []runCase{
		{`* | where n>5 | table n`, []string{"n=5", "n=6", "n=x", "m=1"}, []string{"n=6", "n=x"}},
		{`* | where n>=5 AND n<7 | table n`, []string{"n=4", "n=5", "n=6", "n=7"}, []string{"n=5", "n=6"}},
		{`* | where NOT n>5 | table n`, []string{"n=5", "n=6"}, []string{"n=5"}},
		{`* | where NOT n>5 | table m`, []string{"m=1"}, []string{"m=1"}},
		{`* | where n | table n`, []string{"n=1"}, nil},
		{`* | where null() | table n`, []string{"n=1"}, nil},
		{`* | where true() | table n`, []string{"n=1"}, []string{"n=1"}},
		{`* | where a="X" | table a`, []string{"a=x", "a=X"}, []string{"a=X"}},
		{`* | where a=b | table a`, []string{"a=1; b=1.0", "a=2; b=3"}, []string{"a=1"}},
	})
}

func TestWhereOnRows(t *testing.T) {
	runCases(t, []runCase{
		{`* | stats count by a | where count>1`, []string{"a=x", "a=x", "a=y"}, []string{"a=x count=2"}},
		{`* | stats count min(q) as q by a | where isnull(q)`, []string{"a=x", "a=y; q=1"}, []string{"a=x count=1"}},
		{`* | stats count by a | where count>1 | where a="x"`, []string{"a=x", "a=y", "a=y"}, nil},
	})
}

func TestWhereRefusals(t *testing.T) {
	refusals(t, "where", []refusal{
		{`a=1 | where`,
			`end of the search at line 1, column 12 (offset 11) stands where the where command needs an expression`},
		{`a=1 | where a=1 b`, `"b" at line 1, column 17 (offset 16) is not expected in the where command`},
		{`a=1 | where (a=1`, `parenthesis at line 1, column 13 (offset 12) is not closed`},
		{`a=1 | where a IN 1`,
			`"1" at line 1, column 18 (offset 17) stands where the where command needs a list in parentheses after IN`},
		{`a=1 | where a=1, b=2`, `"," at line 1, column 16 (offset 15) is not expected in the where command`},
	})
}
