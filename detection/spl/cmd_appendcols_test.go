package spl_test

import "testing"

func TestAppendcolsRefusals(t *testing.T) {
	wholeRefusals(t, "appendcols", []refusal{
		{`* | appendcols override=x [search b]`, `value "x" at line 1, column 16 (offset 15) is neither true nor false`},
		{`* | appendcols`, `end of the search at line 1, column 15 (offset 14) stands where the appendcols command needs ` +
			`a subsearch in brackets`},
	})
}
