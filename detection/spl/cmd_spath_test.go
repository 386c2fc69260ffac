package spl_test

import "testing"

const someJSON = `j={"a":{"b":1,"c":["x","y"]},"d e":"z"}`

func TestSpath(t *testing.T) {
	in := []string{someJSON}
	runCases(t, []runCase{
		{`* | spath input=j path=a.b | table a.b`, in, []string{"a.b=1"}},
		{`* | spath input=j a.b | table a.b`, in, []string{"a.b=1"}},
		{`* | spath input=j path=a.b output=x | table x`, in, []string{"x=1"}},
		{`* | spath output=x input=j path=a.c{} | table x`, in, []string{"x=[x|y]"}},
		{`* | spath output=x input=j path=a.c{1} | table x`, in, []string{"x=y"}},
		{`* | spath output=x input=j path="d e" | table x`, in, []string{"x=z"}},
		{`* | spath output=x input=j path=nope | table x`, []string{someJSON + "; x=old"}, []string{"x=old"}},
		{`* | spath output=x a | table x`, []string{`_raw={"a":"b"}`, "j=1"}, []string{"", "x=b"}},
		{`* | stats count by j | spath input=j path=a.b output=x | table x`, in, []string{"x=1"}},
	})
}

// Without a path every value gets a field.
func TestSpathWithoutPath(t *testing.T) {
	runCases(t, []runCase{
		{`* | spath input=j | table a.b a.c{} "d e"`, []string{someJSON}, []string{"a.b=1 a.c{}=[x|y] d e=z"}},
		{`* | spath | table a`, []string{`_raw={"a":"b"}`}, []string{"a=b"}},
		{`* | spath input=j | table A`, []string{"j=<r><A>1</A></r>"}, []string{"A=1"}},
	})
}

func TestSpathRefusals(t *testing.T) {
	refusals(t, "spath", []refusal{
		{`* | spath a b`, `"b" at line 1, column 13 (offset 12) is not expected in the spath command`},
		{`* | spath path=`,
			`end of the search at line 1, column 16 (offset 15) stands where the spath command needs a value`},
		{`* | stats count | spath input=count`,
			`command "spath" at line 1, column 19 (offset 18) is not supported after stats`},
	})
}
