package spl_test

import "testing"

func TestEval(t *testing.T) {
	runCases(t, []runCase{
		{`* | eval b=a+1 | table a b`, []string{"a=1", "a=x"}, []string{"a=1 b=2", "a=x"}},
		{`* | eval b=a+1, c=b*2 | table b c`, []string{"a=1"}, []string{"b=2 c=4"}},
		{`* | eval a=a."!" | table a`, []string{"a=x"}, []string{"a=x!"}},
		{`* | eval a=null() | table a b`, []string{"a=x; b=1"}, []string{"b=1"}},
		{`* | eval "my field"=a | table "my field"`, []string{"a=x"}, []string{"my field=x"}},
		{`* | eval 'b'=a | table b`, []string{"a=x"}, []string{"b=x"}},
		{`* | eval b=(a=1) | table b`, []string{"a=1"}, []string{"b=true"}},
		{`* | eval b=1, | table b`, []string{"a=1"}, []string{"b=1"}},
		{`* | eval b=split(a,",") | table b`, []string{"a=x,y"}, []string{"b=[x|y]"}},
	})
}

// On rows the new columns stand at the end; one that is there keeps its place.
func TestEvalColumns(t *testing.T) {
	runCases(t, []runCase{
		{`* | stats count by a | eval z=1, a=a."!"`, []string{"a=x"}, []string{"a=x! count=1 z=1"}},
		{`* | stats count by a | eval z=null()`, []string{"a=x"}, []string{"a=x count=1"}},
	})
}

func TestEvalRefusals(t *testing.T) {
	refusals(t, "eval", []refusal{
		{`a=1 | eval`,
			`end of the search at line 1, column 11 (offset 10) stands where the eval command needs a field name`},
		{`a=1 | eval b`, `end of the search at line 1, column 13 (offset 12) stands where the eval command needs =`},
		{`a=1 | eval b=`,
			`end of the search at line 1, column 14 (offset 13) stands where the eval command needs an expression`},
		{`a=1 | eval b=1 c=2`, `"c" at line 1, column 16 (offset 15) is not expected in the eval command`},
		{`a=1 | eval b=nosuch(1)`, `function "nosuch" at line 1, column 14 (offset 13) is not supported`},
	})
}
