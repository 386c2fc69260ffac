package spl_test

import "testing"

func TestChartRefusals(t *testing.T) {
	wholeRefusals(t, "chart", []refusal{
		{`* | chart by a`, `end of the search at line 1, column 15 (offset 14) stands where the chart command needs ` +
			`an aggregate such as count`},
		{`* | chart count by a b c`, `BY at line 1, column 25 (offset 24) has too many fields for chart: one for the rows ` +
			`and one for the columns`},
		{`* | chart limit=x count by a`, `value "x" at line 1, column 11 (offset 10) is no whole number`},
		{`* | chart count where x by a`, `where at line 1, column 17 (offset 16) is not supported in the chart command`},
		{`* | chart bins=5 count by a`, `option bins at line 1, column 11 (offset 10) is not supported`},
		{`* | chart span=x count by a`, `option "span=x" at line 1, column 11 (offset 10) is not supported`},
	})
}
