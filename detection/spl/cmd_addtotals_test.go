package spl_test

import "testing"

func TestAddtotals(t *testing.T) {
	in := []string{"a=1; b=2.5; c=x"}
	runCases(t, []runCase{
		{`* | addtotals a b | table Total`, in, []string{"Total=3.5"}},
		{`* | addtotals a, c | table Total`, in, []string{"Total=1"}},
		{`* | addtotals c z | table Total`, in, []string{""}},
		{`* | addtotals fieldname=sum a b | table sum`, in, []string{"sum=3.5"}},
		{`* | addtotals row=t col=f label=x labelfield=y a b | table Total`, in, []string{"Total=3.5"}},
		{`* | eval a=split("1,2,x",",") | addtotals a b | table Total`, in, []string{"Total=5.5"}},
		{`* | addtotals fieldname=a a b | table a`, in, []string{"a=3.5"}},
	})
}

// Without names all columns that hold a number are summed.
func TestAddtotalsOnRows(t *testing.T) {
	in := []string{"a=1; b=2; c=x", "a=1; b=2; c=x"}
	runCases(t, []runCase{
		{`* | stats count by a b c | addtotals`, in, []string{"a=1 b=2 c=x count=2 Total=5"}},
		{`* | stats count by a b c | addtotals b* count`, in, []string{"a=1 b=2 c=x count=2 Total=4"}},
		{`* | stats count as Total by a | addtotals a`, in, []string{"a=1 Total=1"}},
	})
}

func TestAddtotalsRefusals(t *testing.T) {
	refusals(t, "addtotals", []refusal{
		{`a=1 | addtotals col=t a`, `option col=t at line 1, column 17 (offset 16) is not supported`},
		{`a=1 | addtotals row=f a`, `option row=f at line 1, column 17 (offset 16) is not supported`},
		{`a=1 | addtotals row=x a`, `value "x" at line 1, column 17 (offset 16) is neither true nor false`},
		{`a=1 | addtotals a b=1`,
			`"=" at line 1, column 20 (offset 19) stands where the addtotals command needs a field name`},
	})
}
