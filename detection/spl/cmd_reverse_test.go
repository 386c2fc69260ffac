package spl_test

import "testing"

func TestReverse(t *testing.T) {
	runCases(t, []runCase{
		{`* | table n | reverse | head 9`, four, []string{"n=4", "n=3", "n=2", "n=1"}},
		{`* | table n | reverse | head 1`, four, []string{"n=4"}},
		{`* | table n | reverse | reverse | head 1`, four, []string{"n=1"}},
		{`* | reverse | stats count`, four, []string{"count=4"}},
	})
	refusals(t, "reverse", []refusal{
		{`a=1 | reverse x`, `"x" at line 1, column 15 (offset 14) is not expected in the reverse command`},
	})
}
