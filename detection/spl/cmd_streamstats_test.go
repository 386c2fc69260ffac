package spl_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// Each row gets the aggregates of the rows of its tuple up to it: itself
// among them, unless current=f.
func TestStreamstats(t *testing.T) {
	in := []string{"k=1; h=x; n=1", "k=2; h=y; n=10", "k=3; h=x; n=2", "k=4; n=5", "k=5; h=x; n=3"}
	runCases(t, []runCase{
		{`* | table k n | streamstats count sum(n) as s | fields s count`, in,
			[]string{"count=1 s=1", "count=2 s=11", "count=3 s=13", "count=4 s=18", "count=5 s=21"}},
		{`* | table k n | streamstats current=f sum(n) as s count as c`, in,
			[]string{"k=1 n=1 c=0", "k=2 n=10 s=1 c=1", "k=3 n=2 s=11 c=2", "k=4 n=5 s=13 c=3", "k=5 n=3 s=18 c=4"}},
		{`* | table k h n | streamstats sum(n) as s by h`, in,
			[]string{"k=1 h=x n=1 s=1", "k=2 h=y n=10 s=10", "k=3 h=x n=2 s=3", "k=4 n=5", "k=5 h=x n=3 s=6"}},
		{`* | table k h n | streamstats current=f last(k) as before by h | where isnotnull(before)`, in,
			[]string{"k=3 h=x n=2 before=1", "k=5 h=x n=3 before=3"}},
		{`* | table k n | sort 0 -k | streamstats sum(n) as s | where k>3`, in, []string{"k=5 n=3 s=3", "k=4 n=5 s=8"}},
	})
}

// window=N: of the last N rows, the row itself among them unless current=f.
func TestStreamstatsWindow(t *testing.T) {
	in := []string{"k=1; n=1", "k=2; n=2", "k=3; n=4", "k=4; n=8"}
	for window, want := range map[string][4]int{
		"":                    {1, 3, 7, 15},
		"window=0":            {1, 3, 7, 15},
		"window=1":            {1, 2, 4, 8},
		"window=2":            {1, 3, 6, 12},
		"window=3":            {1, 3, 7, 14},
		"window=4":            {1, 3, 7, 15},
		"window=9 global=f":   {1, 3, 7, 15},
		"window=1 current=f":  {-1, 1, 2, 4},
		"window=2 current=f":  {-1, 1, 3, 6},
		"window=9 current=f":  {-1, 1, 3, 7},
		"current=t window=2 ": {1, 3, 6, 12},
	} {
		var out []string
		for i, n := range want {
			row := in[i][:1] + fmt.Sprint("=", i+1)
			if n >= 0 {
				row += fmt.Sprint(" s=", n)
			}
			out = append(out, row)
		}
		runCases(t, []runCase{{`* | table k n | streamstats ` + window + ` sum(n) as s | table k s`, in, out}})
	}
	runCases(t, []runCase{{`* | table k h n | streamstats window=1 current=f max(n) as m by h | table k m`,
		[]string{"k=1; h=x; n=1", "k=2; h=y; n=2", "k=3; h=x; n=4", "k=4; h=x; n=8"},
		[]string{"k=1", "k=2", "k=3 m=1", "k=4 m=4"}}})
}

// time_window=SPAN: of the rows whose times are no further away than the span, and that
// stand before.
func TestStreamstatsTimeWindow(t *testing.T) {
	in := []string{"_time=0; k=1; h=x; n=1; u=a", "_time=10; k=2; h=x; n=2; u=b", "_time=20; k=3; h=x; n=4; u=a",
		"_time=20; k=4; h=y; n=8; u=a", "_time=21; k=5; h=x; n=16; u=c", "_time=100; k=6; h=x; n=32"}
	runCases(t, []runCase{
		{`* | table _time k h n u | sort 0 _time | streamstats time_window=10s sum(n) as s count dc(u) as d min(n) as m by h |
			table k s count d m`, in, []string{"k=1 s=1 count=1 d=1 m=1", "k=2 s=3 count=2 d=2 m=1", "k=3 s=6 count=2 d=2 m=2",
			"k=4 s=8 count=1 d=1 m=8", "k=5 s=20 count=2 d=2 m=4", "k=6 s=32 count=1 d=0 m=32"}},
		{`* | table _time k n | sort 0 -_time -k | streamstats time_window=1m sum(n) as s | table k s | where k<6`, in,
			[]string{"k=5 s=16", "k=4 s=24", "k=3 s=28", "k=2 s=30", "k=1 s=31"}},
		{`* | table k n | streamstats time_window=1m sum(n) as s | table k s | where k<2`, in, []string{"k=1"}},
	})
}

// Rows that come and go one by one are aggregated as they would be anew for each.
func TestStreamstatsTimeWindowSlides(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	var in, want []string
	var times, values []int
	at := 0
	for k := range 300 {
		at += r.IntN(4)
		times, values = append(times, at), append(values, r.IntN(7))
		in = append(in, fmt.Sprintf("_time=%d; k=%d; v=%d", at, k, values[k]))
		sum, most, distinct := 0, 0, map[int]bool{}
		for i := range times {
			if at-times[i] <= 20 {
				sum, most, distinct[values[i]] = sum+values[i], max(most, values[i]), true
			}
		}
		want = append(want, fmt.Sprintf("k=%d s=%d x=%d d=%d", k, sum, most, len(distinct)))
	}
	runCases(t, []runCase{{`* | table _time k v | sort 0 _time k | streamstats time_window=20s sum(v) as s max(v) as x
		dc(v) as d | sort 0 k | table k s x d`, in, want}})
}

func TestStreamstatsRefusals(t *testing.T) {
	compileCase(t, `* | table a | streamstats window=10000 count`)
	compileCase(t, `* | table a | streamstats global=t count`)
	refusals(t, "streamstats", []refusal{
		{`* | streamstats time_window=0s count`,
			`option "time_window=0s" at line 1, column 17 (offset 16) is not supported`},
		{`* | streamstats time_window=1mon count`,
			`option "time_window=1mon" at line 1, column 17 (offset 16) is not supported`},
		{`* | streamstats time_window=1m window=2 count`,
			`time_window at line 1, column 5 (offset 4) is not supported together with window or current=f`},
		{`* | streamstats`,
			`end of the search at line 1, column 16 (offset 15) stands where the streamstats command needs an aggregate ` +
				`such as count`},
		{`* | streamstats window=10001 count`, `option "window=10001" at line 1, column 17 (offset 16) is not supported`},
		{`* | streamstats window=-1 count`, `option "window=-1" at line 1, column 17 (offset 16) is not supported`},
		{`* | streamstats window=x count`, `option "window=x" at line 1, column 17 (offset 16) is not supported`},
		{`* | streamstats window=2 global=t count`, `option "global=t" at line 1, column 26 (offset 25) is not supported`},
		{`* | streamstats global=x count`, `option "global=x" at line 1, column 17 (offset 16) is not supported`},
		{`* | streamstats current=x count`, `value "x" at line 1, column 17 (offset 16) is neither true nor false`},
	})
}
