package spl_test

import (
	"strings"
	"testing"
)

func TestFields(t *testing.T) {
	in := []string{"a=1; b=2; c=3"}
	runCases(t, []runCase{
		{`* | fields a b | stats count by a b`, in, []string{"a=1 b=2 count=1"}},
		{`* | fields a, b | stats count by c`, in, nil},
		{`* | fields + a | stats count by a`, in, []string{"a=1 count=1"}},
		{`* | fields - a | stats count by a`, in, nil},
		{`* | fields - a | stats count by b c`, in, []string{"b=2 c=3 count=1"}},
		{`* | fields - a* b | eval x=coalesce(a,b,c) | table x`, in, []string{"x=3"}},
		{`* | eval x=1 | fields - x* | stats count by x`, in, nil},
		{`* | fields - a | eval a=9 | table a`, in, []string{"a=9"}},
		{`* | fields - a | fields - b | stats count by c a`, in, nil},
	})
}

// fields keeps _time, which table does not.
func TestFieldsKeepsTime(t *testing.T) {
	runCases(t, []runCase{
		{`* | fields a | eval t=_time | stats count by a t`, []string{"a=1"}, []string{"a=1 t=1000 count=1"}},
		{`* | table a | eval t=_time | stats count by a t`, []string{"a=1"}, nil},
		{`* | fields _time a | eval t=_time | stats count by a t`, []string{"a=1"}, []string{"a=1 t=1000 count=1"}},
		{`* | fields - _time | eval t=_time | stats count by a t`, []string{"a=1"}, nil},
	})
}

// On rows the columns keep the order that they had.
func TestFieldsOnRows(t *testing.T) {
	in := []string{"ab=1; ac=2; b=3"}
	by := `* | stats count by ab ac b `
	runCases(t, []runCase{
		{by + `| fields count, b`, in, []string{"b=3 count=1"}},
		{by + `| fields a*`, in, []string{"ab=1 ac=2"}},
		{by + `| fields + b`, in, []string{"b=3"}},
		{by + `| fields - count`, in, []string{"ab=1 ac=2 b=3"}},
		{by + `| fields - a*, count`, in, []string{"b=3"}},
		{by + `| fields - z`, in, []string{"ab=1 ac=2 b=3 count=1"}},
	})
	for search, want := range map[string]string{
		by + `| fields - a*`:                     "b count",
		by + `| fields b z`:                      "b",
		by + `| rename b as _time | fields ab`:   "ab _time",
		by + `| rename b as _time | fields - ab`: "ac _time count",
		by + `| rename b as _time | table ab`:    "ab",
	} {
		if got := strings.Join(compileCase(t, search).Columns(), " "); got != want {
			t.Errorf("%s: %s, want %s", search, got, want)
		}
	}
}

func TestFieldsRefusals(t *testing.T) {
	refusals(t, "fields", []refusal{
		{`a=1 | fields`,
			`end of the search at line 1, column 13 (offset 12) stands where the fields command needs a field name`},
		{`a=1 | fields -`,
			`end of the search at line 1, column 15 (offset 14) stands where the fields command needs a field name`},
	})
}
