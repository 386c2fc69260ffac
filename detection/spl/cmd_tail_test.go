package spl_test

import "testing"

// tail keeps the last rows and turns their order.
func TestTail(t *testing.T) {
	runCases(t, []runCase{
		{`* | table n | tail 2`, four, []string{"n=4", "n=3"}},
		{`* | table n | tail limit=1`, four, []string{"n=4"}},
		{`* | table n | tail 0`, four, nil},
		{`* | table n | tail 4`, four, []string{"n=4", "n=3", "n=2", "n=1"}},
		{`* | table n | tail 9`, four, []string{"n=4", "n=3", "n=2", "n=1"}},
		{`* | table n | tail`, four, []string{"n=4", "n=3", "n=2", "n=1"}},
	})
	refusals(t, "tail", []refusal{
		{`a=1 | tail x`, `condition at line 1, column 12 (offset 11) is not supported in the tail command`},
	})
}
