package spl_test

import (
	"strings"
	"testing"
)

func TestRename(t *testing.T) {
	runCases(t, []runCase{
		{`* | rename a as b | table a b`, []string{"a=1", "a=2; b=3", "b=4"}, []string{"", "b=1", "b=2"}},
		{`* | rename a AS b, c as d | table b d`, []string{"a=1; c=2"}, []string{"b=1 d=2"}},
		{`* | rename a as b c as d | table b d`, []string{"a=1; c=2"}, []string{"b=1 d=2"}},
		{`* | rename a as b, b as c | table a b c`, []string{"a=1; b=2"}, []string{"c=1"}},
		{`* | rename a as a | table a`, []string{"a=1"}, []string{"a=1"}},
		{`* | rename "a b" as "c d" | table "c d"`, []string{"a b=1"}, []string{"c d=1"}},
		{`* | rename 'a' as b | table b`, []string{"a=1"}, []string{"b=1"}},
	})
}

// A name that is taken is given up by its column, even where there is nothing
// to rename.
func TestRenameOnRows(t *testing.T) {
	in := []string{"a=1; b=2"}
	runCases(t, []runCase{
		{`* | stats count by a b | rename a as x`, in, []string{"x=1 b=2 count=1"}},
		{`* | stats count by a b | rename a as b`, in, []string{"b=1 count=1"}},
		{`* | stats count by a b | rename b as a`, in, []string{"a=2 count=1"}},
		{`* | stats count by a b | rename q as a`, in, []string{"b=2 count=1"}},
		{`* | stats count by a b | rename a as x, x as y`, in, []string{"y=1 b=2 count=1"}},
	})
}

func TestRenameWildcards(t *testing.T) {
	in := []string{"P.a=1; P.b=2; c.P.d=3"}
	by := `* | stats count by P.a P.b c.P.d `
	runCases(t, []runCase{
		{by + `| rename P.* as *`, in, []string{"a=1 b=2 c.P.d=3 count=1"}},
		{by + `| rename P.* as Q.*`, in, []string{"Q.a=1 Q.b=2 c.P.d=3 count=1"}},
		{by + `| rename *.P.* as *-*`, in, []string{"P.a=1 P.b=2 c-d=3 count=1"}},
		{by + `| rename *.* as *_*`, in, []string{"P_a=1 P_b=2 c_P.d=3 count=1"}},
		{by + `| rename x* as y*`, in, []string{"P.a=1 P.b=2 c.P.d=3 count=1"}},
		{by + `| rename p.* as *`, in, []string{"P.a=1 P.b=2 c.P.d=3 count=1"}},
		{`* | eval P.x=1 | rename P.* as * | table x`, in, []string{"x=1"}},
	})
	for search, want := range map[string]string{
		`* | stats count by aXbXc | rename a*c as *`:    "XbX count",
		`* | stats count by ab ac | rename a* as *`:     "b c count",
		`* | stats count by ab ac | rename a* as x`:     "x count",
		`* | stats count by ab b | rename a* as *`:      "b count",
		`* | stats count by aba ab | rename a*a as <*>`: "<b> ab count",
		`* | stats count by aa a | rename a*a as <*>`:   "<> a count",
	} {
		if got := strings.Join(compileCase(t, search).Columns(), " "); got != want {
			t.Errorf("%s: %s, want %s", search, got, want)
		}
	}
}

func TestRenameRefusals(t *testing.T) {
	refusals(t, "rename", []refusal{
		{`a=1 | rename`,
			`end of the search at line 1, column 13 (offset 12) stands where the rename command needs a field name`},
		{`a=1 | rename a`, `end of the search at line 1, column 15 (offset 14) stands where the rename command needs AS`},
		{`a=1 | rename a as`,
			`end of the search at line 1, column 18 (offset 17) stands where the rename command needs a field name`},
		{`a=1 | rename a* as *b*`,
			`"a*" AS "*b*" at line 1, column 14 (offset 13) has not the same number of wildcards on both sides`},
		{`a=1 | rename a as b*`,
			`"a" AS "b*" at line 1, column 14 (offset 13) has not the same number of wildcards on both sides`},
	})
}
