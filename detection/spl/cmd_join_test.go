package spl_test

import "testing"

func TestJoinRefusals(t *testing.T) {
	wholeRefusals(t, "join", []refusal{
		{`* | join a`, `end of the search at line 1, column 11 (offset 10) stands where the join command needs ` +
			`a subsearch in brackets`},
		{`* | join type=cross a [search b]`, `option "type=cross" at line 1, column 10 (offset 9) is not supported`},
		{`* | join max=x a [search b]`, `value "x" at line 1, column 10 (offset 9) is no whole number`},
		{`* | join usetime=maybe a [search b]`, `value "maybe" at line 1, column 10 (offset 9) is neither true nor false`},
		{`* | join a [search b`, `bracket at line 1, column 12 (offset 11) is not closed`},
		{`* | join a [search b] c`, `"c" at line 1, column 23 (offset 22) is not expected in the join command`},
	})
	wholeRefusals(t, "nosuch", []refusal{
		{`* | join a [nosuch b]`, `command "nosuch" at line 1, column 13 (offset 12) is not supported`},
		{`* | join a [| nosuch b]`, `command "nosuch" at line 1, column 15 (offset 14) is not supported`},
	})
}

// Without Env.Whole what needs to be run whole is refused as it ever was.
func TestWholeIsRefused(t *testing.T) {
	refusals(t, "join", []refusal{{`* | join a [search b]`,
		`command "join" at line 1, column 5 (offset 4) is not supported`}})
	refusals(t, "search", []refusal{{`a=1 [search b]`, `subsearch at line 1, column 5 (offset 4) is not supported`}})
	refusals(t, "where", []refusal{{`* | where a=[search b | return c]`,
		`subsearch at line 1, column 13 (offset 12) is not supported`}})
}
