package spl_test

import "testing"

// Each row keeps what it has and gets the aggregates of its tuple; one that
// lacks a BY field keeps what it has.
func TestEventstats(t *testing.T) {
	in := []string{"k=1; h=x; n=1", "k=2; h=x; n=3", "k=3; h=y; n=5", "k=4; n=7"}
	runCases(t, []runCase{
		{`* | table k h n | eventstats sum(n) as s by h`, in,
			[]string{"k=1 h=x n=1 s=4", "k=2 h=x n=3 s=4", "k=3 h=y n=5 s=5", "k=4 n=7"}},
		{`* | table k n | eventstats count avg(n) as a | where k=4`, in, []string{"k=4 n=7 count=4 a=4"}},
		{`* | table k h n | eventstats max(n) as n by h | where h="x"`, in, []string{"k=1 h=x n=3", "k=2 h=x n=3"}},
		{`* | table k h n | eventstats min(q) as q by h | where h="y"`, in, []string{"k=3 h=y n=5"}},
		{`* | stats sum(n) as s by h | eventstats sum(s) as all | eval p=s/all`, in,
			[]string{"h=x s=4 all=9 p=0.4444444444444444", "h=y s=5 all=9 p=0.5555555555555556"}},
		{`* | table k n | eventstats sum(*) as t* | where k=1`, in, []string{"k=1 n=1 tk=10 tn=16"}},
		{`* | eval h=split("p,q",",") | table k h | eventstats count by h | where k=1`, in,
			[]string{"k=1 h=[p|q] count=4"}},
	})
}

// On events it works on those that are different; equal ones count as often
// as they are there.
func TestEventstatsOfEvents(t *testing.T) {
	in := []string{"h=x; n=1", "h=x; n=1", "h=y; n=1"}
	runCases(t, []runCase{
		{`* | table h n | eventstats count by h`, in, []string{"h=x n=1 count=2", "h=y n=1 count=1"}},
		{`* | eventstats count by h | table h count`, in, []string{"h=x count=2", "h=y count=1"}},
	})
}

func TestEventstatsRefusals(t *testing.T) {
	refusals(t, "eventstats", []refusal{
		{`* | eventstats`,
			`end of the search at line 1, column 15 (offset 14) stands where the eventstats command needs an ` +
				`aggregate such as count`},
		{`* | eventstats window=2 count`, `option "window=2" at line 1, column 16 (offset 15) is not supported`},
		{`* | table a | eventstats count(eval(nosuch(a)))`,
			`function "nosuch" at line 1, column 37 (offset 36) is not supported`},
	})
}
