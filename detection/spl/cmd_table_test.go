package spl_test

import (
	"strings"
	"testing"
)

func TestTable(t *testing.T) {
	runCases(t, []runCase{
		{`* | table c, a`, []string{"a=1; b=2; c=3"}, []string{"c=3 a=1"}},
		{`* | table a z`, []string{"a=1"}, []string{"a=1"}},
		{`* | table a a`, []string{"a=1"}, []string{"a=1"}},
		{`* | table "a b"`, []string{"a b=1"}, []string{"a b=1"}},
		{`* | table a | table a b`, []string{"a=1; b=2"}, []string{"a=1"}},
		{`* | table a | stats count by b`, []string{"a=1; b=2"}, nil},
		{`* | table a | fillnull | stats count by a b`, []string{"a=1; b=2"}, nil},
	})
}

// On rows the columns stand in the order of the names; wildcards take those
// that match in the order in which they stood.
func TestTableOnRows(t *testing.T) {
	in := []string{"ab=1; ac=2; b=3"}
	by := `* | stats count by ab ac b `
	runCases(t, []runCase{
		{by + `| table count, b`, in, []string{"count=1 b=3"}},
		{by + `| table *`, in, []string{"ab=1 ac=2 b=3 count=1"}},
		{by + `| table b a*`, in, []string{"b=3 ab=1 ac=2"}},
		{by + `| table *b`, in, []string{"ab=1 b=3"}},
		{by + `| table ac, a*`, in, []string{"ac=2 ab=1"}},
		{by + `| table z ab`, in, []string{"ab=1"}},
	})
	if got := strings.Join(compileCase(t, by+`| table z ab`).Columns(), " "); got != "z ab" {
		t.Error(got)
	}
}

// Wildcards on events leave the columns unknown.
func TestTableWildcardsOnEvents(t *testing.T) {
	runCases(t, []runCase{
		{`* | table * | stats count by a`, []string{"a=1; b=2"}, []string{"a=1 count=1"}},
		{`* | table a* | stats count by b`, []string{"a=1; b=2"}, []string{"b=2 count=1"}},
	})
}

func TestTableRefusals(t *testing.T) {
	refusals(t, "table", []refusal{
		{`a=1 | table`,
			`end of the search at line 1, column 12 (offset 11) stands where the table command needs a field name`},
		{`a=1 | table , | head`, `pipe at line 1, column 15 (offset 14) stands where the table command needs a field name`},
		{`a=1 | table a=b`, `"=" at line 1, column 14 (offset 13) stands where the table command needs a field name`},
	})
}
