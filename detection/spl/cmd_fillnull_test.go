package spl_test

import "testing"

func TestFillnull(t *testing.T) {
	runCases(t, []runCase{
		{`* | fillnull b c | table a b c`, []string{"a=1"}, []string{"a=1 b=0 c=0"}},
		{`* | fillnull value=x b, c | table a b c`, []string{"a=1; b=2"}, []string{"a=1 b=2 c=x"}},
		{`* | fillnull value="" b | table a b`, []string{"a=1"}, []string{"a=1 b="}},
		{`* | fillnull b | table a b`, []string{"a=1; b="}, []string{"a=1 b="}},
		{`* | fillnull VALUE=7 b | table b`, []string{"a=1"}, []string{"b=7"}},
	})
}

// Without names all fields are filled: on events whichever are asked for, on
// rows the columns. _time is not.
func TestFillnullWithoutNames(t *testing.T) {
	runCases(t, []runCase{
		{`* | fillnull | table a b`, []string{"a=1", "b=1"}, []string{"a=0 b=1", "a=1 b=0"}},
		{`* | fillnull value=none | stats count by b`, []string{"a=1", "b=1"}, []string{"b=1 count=1", "b=none count=1"}},
		{`* | eval a=null() | fillnull | table a`, []string{"a=1"}, []string{"a=0"}},
		{`* | fillnull | eval a=null() | table a`, []string{"a=1"}, []string{""}},
		{`* | rename a as b | fillnull | table a b`, []string{"a=1"}, []string{"a=0 b=1"}},
		{`* | stats count min(q) as q by a | fillnull`, []string{"a=1"}, []string{"a=1 count=1 q=0"}},
		{`* | stats count min(q) as q by a | fillnull q`, []string{"a=1"}, []string{"a=1 count=1 q=0"}},
		{`* | stats count min(q) as q by a | fillnull z`, []string{"a=1"}, []string{"a=1 count=1 z=0"}},
		{`* | table _time a | fillnull | eval t=if(isnull(_time),"no","yes") | table t`, []string{"a=1"},
			[]string{"t=yes"}},
	})
}

// Names may hold wildcards where the columns are known.
func TestFillnullWildcards(t *testing.T) {
	runCases(t, []runCase{
		{`* | stats count min(q) as qa min(r) as qb min(s) as s by a | fillnull value=- q*`, []string{"a=1"},
			[]string{"a=1 count=1 qa=- qb=-"}},
	})
}

func TestFillnullRefusals(t *testing.T) {
	refusals(t, "fillnull", []refusal{
		{`a=1 | fillnull value=`,
			`end of the search at line 1, column 22 (offset 21) stands where the fillnull command needs a value`},
		{`a=1 | fillnull a=1`, `"=" at line 1, column 17 (offset 16) stands where the fillnull command needs a field name`},
		{`a=1 | fillnull (a)`, `"(" at line 1, column 16 (offset 15) stands where the fillnull command needs a field name`},
	})
}
