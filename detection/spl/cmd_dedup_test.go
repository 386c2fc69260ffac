package spl_test

import "testing"

var pairs = []string{"a=1; b=1", "a=1; b=2", "a=1; b=3", "a=2; b=1"}

func TestDedup(t *testing.T) {
	runCases(t, []runCase{
		{`* | table a b | dedup a`, pairs, []string{"a=1 b=1", "a=2 b=1"}},
		{`* | table a b | dedup 1 a`, pairs, []string{"a=1 b=1", "a=2 b=1"}},
		{`* | table a b | dedup 2 a`, pairs, []string{"a=1 b=1", "a=1 b=2", "a=2 b=1"}},
		{`* | table a b | dedup 3 a`, pairs, []string{"a=1 b=1", "a=1 b=2", "a=1 b=3", "a=2 b=1"}},
		{`* | table a b | dedup a b`, pairs, []string{"a=1 b=1", "a=1 b=2", "a=1 b=3", "a=2 b=1"}},
		{`* | table a b | dedup b, a`, pairs, []string{"a=1 b=1", "a=1 b=2", "a=1 b=3", "a=2 b=1"}},
		{`* | table a b | dedup a keepevents=f`, pairs, []string{"a=1 b=1", "a=2 b=1"}},
		{`* | dedup a | table a`, []string{"a=x; b=1", "a=x; b=2"}, []string{"a=x"}},
	})
}

// sortby orders the rows before.
func TestDedupSortby(t *testing.T) {
	runCases(t, []runCase{
		{`* | table a b | dedup a sortby -b`, pairs, []string{"a=1 b=3", "a=2 b=1"}},
		{`* | table a b | dedup a sortby b -a`, pairs, []string{"a=2 b=1", "a=1 b=1"}},
		{`* | table a b | dedup 2 a sortby -num(b)`, pairs, []string{"a=1 b=3", "a=1 b=2", "a=2 b=1"}},
	})
}

// A row that lacks a field goes, but with keepempty.
func TestDedupNulls(t *testing.T) {
	in := []string{"a=1; b=1", "b=1", "b=2", "a=1; b=3"}
	runCases(t, []runCase{
		{`* | table a b | dedup a`, in, []string{"a=1 b=1"}},
		{`* | table a b | dedup a keepempty=f`, in, []string{"a=1 b=1"}},
		{`* | table a b | dedup keepempty=t a`, in, []string{"b=1", "b=2", "a=1 b=1"}},
		{`* | table a b | dedup keepempty=t a b`, in, []string{"b=1", "b=2", "a=1 b=1", "a=1 b=3"}},
	})
}

// consecutive counts within a run of equal values only.
func TestDedupConsecutive(t *testing.T) {
	in := []string{"k=1; a=x", "k=2; a=x", "k=3; a=y", "k=4; a=x", "k=5; a=x", "k=6; a=x"}
	runCases(t, []runCase{
		{`* | table k a | dedup a consecutive=t`, in, []string{"k=1 a=x", "k=3 a=y", "k=4 a=x"}},
		{`* | table k a | dedup 2 a consecutive=t`, in, []string{"k=1 a=x", "k=2 a=x", "k=3 a=y", "k=4 a=x", "k=5 a=x"}},
		{`* | table k a | dedup a consecutive=f`, in, []string{"k=1 a=x", "k=3 a=y"}},
	})
}

func TestDedupRefusals(t *testing.T) {
	refusals(t, "dedup", []refusal{
		{`a=1 | dedup`,
			`end of the search at line 1, column 12 (offset 11) stands where the dedup command needs a field name`},
		{`a=1 | dedup 0 a`, `value "0" at line 1, column 13 (offset 12) is not supported`},
		{`a=1 | dedup a keepevents=t`, `option keepevents at line 1, column 15 (offset 14) is not supported`},
		{`a=1 | dedup a keepempty=x`, `value "x" at line 1, column 15 (offset 14) is neither true nor false`},
		{`a=1 | dedup a sortby`,
			`end of the search at line 1, column 21 (offset 20) stands where the dedup command needs a field name`},
	})
}
