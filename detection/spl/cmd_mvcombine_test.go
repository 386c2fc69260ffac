package spl_test

import "testing"

func TestMvcombine(t *testing.T) {
	in := []string{"a=1; b=y", "a=1; b=x", "a=2; b=z"}
	runCases(t, []runCase{
		{`* | table a b | mvcombine b`, in, []string{"a=1 b=[x|y]", "a=2 b=z"}},
		{`* | table a b | mvcombine delim="," b`, in, []string{"a=1 b=[x|y]", "a=2 b=z"}},
		{`* | table a b | mvcombine a`, in, []string{"a=1 b=x", "a=1 b=y", "a=2 b=z"}},
		{`* | table a b | mvcombine z`, in, []string{"a=1 b=x", "a=1 b=y", "a=2 b=z"}},
		{`* | stats values(b) as b by a n | fields - n | mvcombine b`,
			[]string{"a=1; b=x; n=1", "a=1; b=y; n=1", "a=1; b=z; n=2"}, []string{"a=1 b=[x|y|z]"}},
	})
}

// A row without the field is joined to none; a null and an empty value differ.
func TestMvcombineNulls(t *testing.T) {
	runCases(t, []runCase{
		{`* | stats count by a k | table a b | mvcombine b`, []string{"a=1; k=1", "a=1; k=2"}, []string{"a=1", "a=1"}},
		{`* | table a b c | mvcombine b`, []string{"a=1; b=x; c=", "a=1; b=y"}, []string{"a=1 b=x c=", "a=1 b=y"}},
	})
}

// The row is of the events of all that were joined.
func TestMvcombineState(t *testing.T) {
	rows := compileCase(t, `* | table a b | mvcombine b`).Run(evs("a=1; b=y; _time=5", "a=1; b=x; _time=3")).Rows
	if len(rows) != 1 || rows[0].State.Count() != 2 || len(rows[0].Groups) != 2 {
		t.Fatalf("%+v", rows)
	}
	if first, last, ok := rows[0].State.Times(); !ok || first != 3e9 || last != 5e9 {
		t.Error(first, last)
	}
	refusals(t, "mvcombine", []refusal{
		{`a=1 | mvcombine`,
			`end of the search at line 1, column 16 (offset 15) stands where the mvcombine command needs a field name`},
	})
}
