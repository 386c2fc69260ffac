package spl_test

import "testing"

func TestMakeresultsRefusals(t *testing.T) {
	wholeRefusals(t, "makeresults", []refusal{
		{`| makeresults annotate=t`, `option annotate at line 1, column 15 (offset 14) is not supported`},
		{`* | makeresults`, `command "makeresults" at line 1, column 5 (offset 4) is supported as the first command only`},
		{`| makeresults a`, `"a" at line 1, column 15 (offset 14) is not expected in the makeresults command`},
	})
}
