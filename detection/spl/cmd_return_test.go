package spl_test

import "testing"

func TestReturnRefusals(t *testing.T) {
	wholeRefusals(t, "return", []refusal{
		{`* | return`, `end of the search at line 1, column 11 (offset 10) stands where the return command needs ` +
			`a field name`},
		{`* | return $`, `end of the search at line 1, column 13 (offset 12) stands where the return command needs a field ` +
			`name`},
	})
}
