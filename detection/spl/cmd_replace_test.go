package spl_test

import "testing"

func TestReplaceRefusals(t *testing.T) {
	refusals(t, "replace", []refusal{
		{`* | replace`, `end of the search at line 1, column 12 (offset 11) stands where the replace command needs a value`},
		{`* | replace a b`, `"b" at line 1, column 15 (offset 14) stands where the replace command needs WITH`},
		{`* | replace a WITH b IN`, `end of the search at line 1, column 24 (offset 23) stands where the replace command ` +
			`needs a field name`},
		{`* | replace a WITH b*`, `"b*" at line 1, column 19 (offset 18) has not the same number of wildcards as what it ` +
			`stands for`},
	})
}

// Without fields all that an event names are meant, but those that begin with _.
func TestReplaceAllFields(t *testing.T) {
	runCases(t, []runCase{
		{`* | eval b="x" | replace x WITH y | table a b`, []string{"a=x"}, []string{"a=y b=y"}},
		{`* | makemv delim="," a | replace x WITH z IN a | table a`, []string{"a=x,y"}, []string{"a=[z|y]"}},
	})
}
