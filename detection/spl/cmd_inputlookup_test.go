package spl_test

import "testing"

func TestInputlookupRefusals(t *testing.T) {
	wholeRefusals(t, "inputlookup", []refusal{
		{`| inputlookup nope`, `lookup table "nope" at line 1, column 15 (offset 14) is not known`},
		{`| inputlookup right`, `lookup table "right" at line 1, column 15 (offset 14) is not known: did you mean "rights"?`},
		{`| inputlookup`, `end of the search at line 1, column 14 (offset 13) stands where the inputlookup command needs ` +
			`the name of a lookup table`},
		{`* | inputlookup rights`, `command "inputlookup" at line 1, column 5 (offset 4) is supported as the first command ` +
			`only`},
		{`| inputlookup rights tools`, `"tools" at line 1, column 22 (offset 21) is not expected in the inputlookup command`},
	})
}
