package spl_test

import "testing"

func TestAppendpipeRefusals(t *testing.T) {
	wholeRefusals(t, "appendpipe", []refusal{
		{`* | appendpipe stats count`, `"stats" at line 1, column 16 (offset 15) stands where the appendpipe command ` +
			`needs a subsearch in brackets`},
	})
	wholeRefusals(t, "tstats", []refusal{
		{`* | appendpipe [| tstats count]`, `command "tstats" at line 1, column 19 (offset 18) is supported as the first ` +
			`command only`},
	})
}
