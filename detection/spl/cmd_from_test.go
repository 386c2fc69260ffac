package spl_test

import "testing"

func TestFromRefusals(t *testing.T) {
	wholeRefusals(t, "from", []refusal{
		{`| from savedsearch:x`, `dataset "savedsearch" at line 1, column 8 (offset 7) is not supported`},
		{`| from datamodel:Email.All_Email`, `data model "Email.All_Email" at line 1, column 8 (offset 7) is not supported`},
		{`| from datamodel`, `end of the search at line 1, column 17 (offset 16) stands where the from command needs ` +
			`a dataset such as datamodel:Endpoint.Processes`},
		{`| from lookup:nope`, `lookup table "nope" at line 1, column 8 (offset 7) is not known`},
	})
}
