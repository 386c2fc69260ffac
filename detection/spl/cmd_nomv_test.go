package spl_test

import "testing"

func TestNomv(t *testing.T) {
	runCases(t, []runCase{
		{`* | eval a=split(a,",") | nomv a | table a`, []string{"a=x,y", "b=1"}, []string{"", "a=x y"}},
		{`* | nomv a | table a`, []string{"a=x"}, []string{"a=x"}},
		{`* | stats values(a) as a by b | nomv a`, []string{"a=y; b=1", "a=x; b=1"}, []string{"b=1 a=x y"}},
	})
	refusals(t, "nomv", []refusal{
		{`a=1 | nomv`,
			`end of the search at line 1, column 11 (offset 10) stands where the nomv command needs a field name`},
		{`a=1 | nomv a b`, `"b" at line 1, column 14 (offset 13) is not expected in the nomv command`},
	})
}
