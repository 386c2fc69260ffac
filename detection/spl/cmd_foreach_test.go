package spl_test

import "testing"

func TestForeachRefusals(t *testing.T) {
	refusals(t, "foreach", []refusal{
		{`* | foreach [eval a=1]`, `"[" at line 1, column 13 (offset 12) stands where the foreach command needs ` +
			`a field name`},
		{`* | foreach a`, `end of the search at line 1, column 14 (offset 13) stands where the foreach command needs ` +
			`commands in brackets`},
		{`* | foreach a [eval b=1`, `bracket at line 1, column 15 (offset 14) is not closed`},
		{`* | foreach a [ ]`, `bracket at line 1, column 15 (offset 14) has no command in it`},
		{`* | foreach a [stats count]`, `command "stats" at line 1, column 5 (offset 4) is not supported in foreach`},
		{`* | foreach a [nosuch]`, `command "nosuch" at line 1, column 5 (offset 4) is not supported (for the field "a")`},
		{`* | foreach mode=auto_collections a [eval b=1]`, `option "mode=auto_collections" at line 1, column 13 ` +
			`(offset 12) is not supported`},
		{`* | foreach a [eval b="]"`, `bracket at line 1, column 15 (offset 14) is not closed`},
	})
}

// Where the columns are not known, wildcards stand for the fields of each event.
func TestForeachOfEvents(t *testing.T) {
	runCases(t, []runCase{
		{`* | foreach n_* [eval sum=coalesce(sum,0)+'<<FIELD>>'] | table sum`, []string{"n_a=1; n_b=2", "n_c=5"},
			[]string{"sum=3", "sum=5"}},
		{`* | foreach a b [eval <<FIELD>>="[".<<FIELD>>."]"] | stats count by a b`, []string{"a=1; b=2"},
			[]string{"a=[1] b=[2] count=1"}},
	})
}
