package spl_test

import (
	"fmt"
	"testing"
)

func TestSortKeys(t *testing.T) {
	in := []string{"n=2; a=x", "n=10; a=y", "n=1; a=x"}
	by := `* | stats count by n a | fields n a | sort `
	up, down := []string{"n=1 a=x", "n=2 a=x", "n=10 a=y"}, []string{"n=10 a=y", "n=2 a=x", "n=1 a=x"}
	runCases(t, []runCase{
		{by + `0 n | head 9`, in, up},
		{by + `0 +n | head 9`, in, up},
		{by + `0 -n | head 9`, in, down},
		{by + `0 - n | head 9`, in, down},
		{by + `- n | head 9`, in, down},
		{by + `n desc | head 9`, in, down},
		{by + `n d | head 9`, in, down},
		{by + `-n desc | head 9`, in, up},
		{by + `by n | head 9`, in, up},
		{by + `a, -n | head 9`, in, []string{"n=2 a=x", "n=1 a=x", "n=10 a=y"}},
		{by + `a -n | head 9`, in, []string{"n=2 a=x", "n=1 a=x", "n=10 a=y"}},
		{by + `-a n | head 9`, in, []string{"n=10 a=y", "n=1 a=x", "n=2 a=x"}},
		{by + `-a n desc | head 9`, in, []string{"n=2 a=x", "n=1 a=x", "n=10 a=y"}},
	})
}

// num, str and ip say how the values compare; without, as numbers where both
// are numbers, else as text.
func TestSortHow(t *testing.T) {
	runCases(t, []runCase{
		{`* | stats count by v | sort num(v) | table v | head 9`, []string{"v=10", "v=9"}, []string{"v=9", "v=10"}},
		{`* | stats count by v | sort auto(v) | table v | head 9`, []string{"v=10", "v=9"}, []string{"v=9", "v=10"}},
		{`* | stats count by v | sort str(v) | table v | head 9`, []string{"v=10", "v=9"}, []string{"v=10", "v=9"}},
		{`* | stats count by v | sort -str(v) | table v | head 9`, []string{"v=10", "v=9"}, []string{"v=9", "v=10"}},
		{`* | stats count by v | sort ip(v) | table v | head 9`, []string{"v=10.0.0.10", "v=10.0.0.9"},
			[]string{"v=10.0.0.9", "v=10.0.0.10"}},
		{`* | stats count by v | sort str(v) | table v | head 9`, []string{"v=10.0.0.10", "v=10.0.0.9"},
			[]string{"v=10.0.0.10", "v=10.0.0.9"}},
		{`* | stats count by v | sort v | table v | head 9`, []string{"v=b", "v=B", "v=a"}, []string{"v=B", "v=a", "v=b"}},
	})
}

// Rows without the field come last in either direction, and rows that are
// equal keep their order.
func TestSortNullsAndTies(t *testing.T) {
	in := []string{"k=1; n=5", "k=2", "k=3; n=7", "k=4; n=5"}
	by := `* | stats min(n) as n by k | sort `
	runCases(t, []runCase{
		{by + `n | head 9`, in, []string{"k=1 n=5", "k=4 n=5", "k=3 n=7", "k=2"}},
		{by + `-n | head 9`, in, []string{"k=3 n=7", "k=1 n=5", "k=4 n=5", "k=2"}},
	})
}

func TestSortLimit(t *testing.T) {
	in := []string{"n=1", "n=2", "n=3"}
	runCases(t, []runCase{
		{`* | stats count by n | table n | sort 2 -n`, in, []string{"n=3", "n=2"}},
		{`* | stats count by n | table n | sort limit=1 -n`, in, []string{"n=3"}},
		{`* | stats count by n | table n | sort 3 -n`, in, []string{"n=3", "n=2", "n=1"}},
		{`* | stats count by n | table n | sort 4 -n`, in, []string{"n=3", "n=2", "n=1"}},
		{`* | stats count by n | table n | sort 0 -n | head 9`, in, []string{"n=3", "n=2", "n=1"}},
		{`* | stats count by 2n | table 2n | sort 2n | head 9`, []string{"2n=5"}, []string{"2n=5"}},
	})
	var many []string
	for i := range 10_005 {
		many = append(many, fmt.Sprint("n=", i))
	}
	for search, want := range map[string]int{
		`* | stats count by n | sort n | tail 99999`:       10_000,
		`* | stats count by n | sort 0 n | tail 99999`:     10_005,
		`* | stats count by n | sort 10001 n | tail 99999`: 10_001,
	} {
		if got := len(compileCase(t, search).Run(evs(many...)).Rows); got != want {
			t.Errorf("%s: %d rows", search, got)
		}
	}
}

// A sort whose order nobody looks at leaves the plan local; one with a number
// does not.
func TestSortLocal(t *testing.T) {
	for search, want := range map[string]bool{
		`* | stats count by a | sort a`:                 true,
		`* | stats count by a | sort 0 a`:               true,
		`* | stats count by a | sort 10000 a`:           true,
		`* | stats count by a | sort 9999 a`:            false,
		`* | stats count by a | sort a | head 1`:        false,
		`* | stats count by a | head 1 | sort a`:        false,
		`* | stats count by a | sort a | streamstats c`: false,
		`* | sort a | stats count by a`:                 true,
		`* | sort a`:                                    true,
	} {
		if got := compileCase(t, search).Local(); got != want {
			t.Errorf("%s: local %v", search, got)
		}
	}
	in := []string{"a=1; _time=2", "a=2; _time=1"}
	runCases(t, []runCase{{`* | sort -a | stats first(a) as f`, in, []string{"f=1"}}})
}

func TestSortRefusals(t *testing.T) {
	refusals(t, "sort", []refusal{
		{`a=1 | sort`,
			`end of the search at line 1, column 11 (offset 10) stands where the sort command needs a field name`},
		{`a=1 | sort 5`,
			`end of the search at line 1, column 13 (offset 12) stands where the sort command needs a field name`},
		{`a=1 | sort num(a`,
			`end of the search at line 1, column 17 (offset 16) stands where the sort command needs a closing parenthesis`},
		{`a=1 | sort num()`, `")" at line 1, column 16 (offset 15) stands where the sort command needs a field name`},
		{`a=1 | sort limit=x a`, `value "x" at line 1, column 12 (offset 11) is no whole number`},
		{`a=1 | sort a=b`, `"=" at line 1, column 13 (offset 12) stands where the sort command needs a field name`},
	})
}
