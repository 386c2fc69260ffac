package spl_test

import "testing"

var four = []string{"n=1", "n=2", "n=3", "n=4"}

func TestHead(t *testing.T) {
	runCases(t, []runCase{
		{`* | table n | head 2`, four, []string{"n=1", "n=2"}},
		{`* | table n | head limit=3`, four, []string{"n=1", "n=2", "n=3"}},
		{`* | table n | head 1`, four, []string{"n=1"}},
		{`* | table n | head 0`, four, nil},
		{`* | table n | head 4`, four, four},
		{`* | table n | head 5`, four, four},
		{`* | table n | head 2 | where n=2`, four, []string{"n=2"}},
		{`* | stats count by n | head 1`, four, []string{"n=1 count=1"}},
	})
	if got := len(compileCase(t, `* | table n | head`).Run(evs(append(four, "n=5", "n=6", "n=7", "n=8", "n=9",
		"n=10", "n=11", "n=12")...)).Rows); got != 10 {
		t.Errorf("head alone keeps %d rows", got)
	}
}

func TestHeadRefusals(t *testing.T) {
	refusals(t, "head", []refusal{
		{`a=1 | head x`, `condition at line 1, column 12 (offset 11) is not supported in the head command`},
		{`a=1 | head (a=1)`, `condition at line 1, column 12 (offset 11) is not supported in the head command`},
		{`a=1 | head limit=x`, `value "x" at line 1, column 12 (offset 11) is no whole number`},
		{`a=1 | head 5 6`, `"6" at line 1, column 14 (offset 13) is not expected in the head command`},
		{`a=1 | head 99999999999999999999`,
			`value "99999999999999999999" at line 1, column 12 (offset 11) is no whole number`},
	})
}
