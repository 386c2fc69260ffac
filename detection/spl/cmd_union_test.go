package spl_test

import "testing"

func TestUnionRefusals(t *testing.T) {
	wholeRefusals(t, "union", []refusal{
		{`| union`, `end of the search at line 1, column 8 (offset 7) stands where the union command needs a subsearch in ` +
			`brackets`},
		{`| union a`, `"a" at line 1, column 9 (offset 8) stands where the union command needs a subsearch in brackets`},
	})
}
