package spl_test

import "testing"

func TestAppendRefusals(t *testing.T) {
	wholeRefusals(t, "append", []refusal{
		{`* | append a`, `"a" at line 1, column 12 (offset 11) stands where the append command needs ` +
			`a subsearch in brackets`},
		{`* | append maxout=x [search b]`, `value "x" at line 1, column 12 (offset 11) is no whole number`},
	})
	wholeRefusals(t, "stats", []refusal{
		{`* | append [search b | stats]`, `"]" at line 1, column 29 (offset 28) stands where the stats command needs ` +
			`an aggregate such as count`},
	})
}
