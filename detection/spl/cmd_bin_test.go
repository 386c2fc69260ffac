package spl_test

import "testing"

func TestBinTime(t *testing.T) {
	in := func(times ...string) (out []string) {
		for _, s := range times {
			out = append(out, "_time="+s)
		}
		return out
	}
	runCases(t, []runCase{
		{`* | bin _time span=5m | stats count by _time`, in("299.9", "300", "599", "600"),
			[]string{"_time=0 count=1", "_time=300 count=2", "_time=600 count=1"}},
		{`* | bin span=1h _time | stats count by _time`, in("3599", "3600"),
			[]string{"_time=0 count=1", "_time=3600 count=1"}},
		{`* | bin _time span=60 | stats count by _time`, in("59", "60"), []string{"_time=0 count=1", "_time=60 count=1"}},
		{`* | bin _time span=0.5 | stats count by _time`, in("1.4", "1.5"),
			[]string{"_time=1 count=1", "_time=1.5 count=1"}},
		{`* | bin _time span=1m | stats count by _time`, in("-1"), []string{"_time=-60 count=1"}},
		{`* | bin _time span=1d | stats count by _time`, in("86399", "86400"),
			[]string{"_time=0 count=1", "_time=86400 count=1"}},
		{`* | bin _time span=1mon | stats count by _time`, in("2678399", "2678400"),
			[]string{"_time=0 count=1", "_time=2678400 count=1"}},
		{`* | bin _time span=1y as y | stats count by y`, in("31535999", "31536000"),
			[]string{"y=0 count=1", "y=31536000 count=1"}},
		{`* | bucket _time span=1w | stats count by _time`, in("259199", "259200"), // Sunday, 4 January 1970
			[]string{"_time=-345600 count=1", "_time=259200 count=1"}},
	})
}

// Of a number Splunk writes the bin as its two ends.
func TestBinNumbers(t *testing.T) {
	runCases(t, []runCase{
		{`* | bin n span=10 | table n`, []string{"n=9.9", "n=10", "n=-1", "n=x"},
			[]string{"n=-10-0", "n=0-10", "n=10-20", "n=x"}},
		{`* | bin n span=0.5 AS b | table n b`, []string{"n=0.75"}, []string{"n=0.75 b=0.5-1"}},
		{`* | bin "my n" span=5 | table "my n"`, []string{"my n=7"}, []string{"my n=5-10"}},
		{`* | bin at span=1h | table at`, []string{"at=7201"}, []string{"at=7200"}},
		{`* | stats count by n | bin n span=3`, []string{"n=4"}, []string{"n=3-6 count=1"}},
		{`* | stats count by n | bin n span=3 as m`, []string{"n=4"}, []string{"n=4 count=1 m=3-6"}},
	})
}

func TestBinRefusals(t *testing.T) {
	refusals(t, "bin", []refusal{
		{`a=1 | bin`, `end of the search at line 1, column 10 (offset 9) stands where the bin command needs a field name`},
		{`a=1 | bin n`, `command "bin" at line 1, column 7 (offset 6) is not supported`}, // without Env.Whole
		{`a=1 | bin n span=0`, `span "0" at line 1, column 13 (offset 12) is not supported`},
		{`a=1 | bin n span=-1`, `span "-1" at line 1, column 13 (offset 12) is not supported`},
		{`a=1 | bin n span=x`, `span "x" at line 1, column 13 (offset 12) is not supported`},
		{`a=1 | bin n span=inf`, `span "inf" at line 1, column 13 (offset 12) is not supported`},
		{`a=1 | bin n span=nan`, `span "nan" at line 1, column 13 (offset 12) is not supported`},
		{`a=1 | bin n bins=1`, `option "bins=1" at line 1, column 13 (offset 12) is not supported`},
		{`a=1 | bin n minspan=x`, `option "minspan=x" at line 1, column 13 (offset 12) is not supported`},
		{`a=1 | bin n aligntime=5`, `option "aligntime" at line 1, column 13 (offset 12) is not supported`},
		{`a=1 | bin n span=1 m`, `"m" at line 1, column 20 (offset 19) is not expected in the bin command`},
	})
	refusals(t, "bucket", []refusal{
		{`a=1 | bucket n`,
			`command "bucket" at line 1, column 7 (offset 6) is not supported`},
	})
}
