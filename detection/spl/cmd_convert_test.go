package spl_test

import "testing"

func TestConvertTimes(t *testing.T) {
	runCases(t, []runCase{
		{`* | convert ctime(n) | table n`, []string{"n=0", "n=x"}, []string{"n=01/01/1970 00:00:00", "n=x"}},
		{`* | convert timeformat="%Y-%m-%d" ctime(n) as d | table n d`, []string{"n=86400"},
			[]string{"n=86400 d=1970-01-02"}},
		{`* | convert timeformat=%H ctime(n), ctime(m) | table n m`, []string{"n=3600; m=7200"}, []string{"n=01 m=02"}},
		{`* | convert timeformat="%Y-%m-%d" mktime(d) as n | table n`, []string{"d=1970-01-02", "d=x"},
			[]string{"", "n=86400"}},
		{`* | convert mktime(d) as n | table n`, []string{"d=01/02/1970 00:00:01"}, []string{"n=86401"}},
		{`* | convert CTIME(n) AS d | table d`, []string{"n=0"}, []string{"d=01/01/1970 00:00:00"}},
	})
}

// dur2sec reads [D+]HH:MM:SS, mstime MM:SS, memk a size with k, m or g.
func TestConvertNumbers(t *testing.T) {
	runCases(t, []runCase{
		{`* | convert num(n) as x auto(n) as y none(n) as z | table x y z`, []string{"n=5", "n=a"},
			[]string{"y=a z=a", "x=5 y=5 z=5"}},
		{`* | convert rmcomma(n) rmunit(m) | table n m`, []string{"n=1,234,5; m=-1.5kb"}, []string{"n=12345 m=-1.5"}},
		{`* | convert rmunit(m) | table m`, []string{"m=kb"}, []string{"m="}},
		{`* | convert memk(m) | table m`, []string{"m=3", "m=3k", "m=2M", "m=1 g", "m=5t", "m=x"},
			[]string{"", "m=1048576", "m=2048", "m=3"}},
		{`* | convert dur2sec(d) | table d`, []string{"d=00:01:02", "d=2+01:00:00", "d=25:00:00", "d=x+01:00:00"},
			[]string{"", "d=176400", "d=62"}},
		{`* | convert mstime(d) | table d`, []string{"d=2:30", "d=30", "d=2:x", "d=x:2"}, []string{"", "d=150"}},
	})
}

func TestConvertFields(t *testing.T) {
	by := `* | stats min(_time) as at max(_time) as at2 by a `
	runCases(t, []runCase{
		{by + `| convert timeformat="%s" ctime(at*)`, []string{"a=x"}, []string{"a=x at=1000 at2=1000"}},
		{by + `| convert timeformat="%H" ctime(at) as h`, []string{"a=x"}, []string{"a=x at=1000 at2=1000 h=00"}},
		{by + `| convert ctime(q) as h`, []string{"a=x"}, []string{"a=x at=1000 at2=1000"}},
		{`* | stats values(n) as n by a | convert timeformat="%d" ctime(n)`, []string{"a=x; n=0", "a=x; n=86400"},
			[]string{"a=x n=[01|02]"}},
	})
}

func TestConvertRefusals(t *testing.T) {
	refusals(t, "convert", []refusal{
		{`a=1 | convert`,
			`end of the search at line 1, column 14 (offset 13) stands where the convert command needs a function ` +
				`such as ctime(field)`},
		{`a=1 | convert timeformat ctime(a)`,
			`"ctime" at line 1, column 26 (offset 25) stands where the convert command needs = after timeformat`},
		{`a=1 | convert timeformat="%q" ctime(a)`, `time format "%q" at line 1, column 26 (offset 25) is not supported`},
		{`a=1 | convert nosuch(a)`, `function "nosuch" at line 1, column 15 (offset 14) is not supported`},
		{`a=1 | convert ctime a`,
			`"a" at line 1, column 21 (offset 20) stands where the convert command needs a field in parentheses`},
		{`a=1 | convert ctime(a, b)`,
			`parenthesis after "ctime" at line 1, column 15 (offset 14) is not closed after one field`},
		{`a=1 | convert ctime(a*) as b`, `wildcard in "a*" at line 1, column 15 (offset 14) is not supported with AS`},
		{`a=1 | convert ctime(a) as b*`, `wildcard in "a" at line 1, column 15 (offset 14) is not supported with AS`},
	})
}
