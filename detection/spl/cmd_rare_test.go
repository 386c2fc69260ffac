package spl_test

import "testing"

func TestRare(t *testing.T) {
	runCases(t, []runCase{
		{`* | table f k | rare f`, fruits, []string{"f=fig count=1 percent=25.000000",
			"f=kiwi count=1 percent=25.000000", "f=apple count=2 percent=50.000000"}},
		{`* | table f k | rare 1 f showperc=f`, fruits, []string{"f=fig count=1"}},
		{`* | table f k | rare limit=2 f showperc=f`, fruits, []string{"f=fig count=1", "f=kiwi count=1"}},
		{`* | table h f k | rare 1 f by h showperc=f`,
			[]string{"h=1; f=x; k=1", "h=1; f=x; k=2", "h=1; f=y; k=3", "h=0; f=x; k=4"},
			[]string{"h=0 f=x count=1", "h=1 f=y count=1"}},
	})
	refusals(t, "rare", []refusal{
		{`a=1 | rare`,
			`end of the search at line 1, column 11 (offset 10) stands where the rare command needs a field name`},
	})
}
