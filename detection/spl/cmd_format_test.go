package spl_test

import "testing"

func TestFormatRefusals(t *testing.T) {
	wholeRefusals(t, "format", []refusal{
		{`* | format "a" "b"`, `end of the search at line 1, column 19 (offset 18) stands where the format command needs ` +
			`six texts in quotes`},
		{`* | format a`, `"a" at line 1, column 12 (offset 11) stands where the format command needs six texts in quotes`},
		{`* | format maxresults=x`, `value "x" at line 1, column 12 (offset 11) is no whole number`},
	})
}
