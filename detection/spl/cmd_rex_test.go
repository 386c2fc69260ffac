package spl_test

import "testing"

func TestRex(t *testing.T) {
	runCases(t, []runCase{
		{`* | rex field=a "x=(?<x>\d+)" | table x`, []string{"a=x=12", "a=y"}, []string{"", "x=12"}},
		{`* | rex "x=(?<x>\d+) y=(?P<y>\d+)" | table x y`, []string{"_raw=x=1 y=2"}, []string{"x=1 y=2"}},
		{`* | rex field="my f" "(?<x>.)" | table x`, []string{"my f=ab"}, []string{"x=a"}},
		{`* | rex "(?<x>.)" field=a | table x`, []string{"a=ab; _raw=z"}, []string{"x=a"}},
		{`* | rex field=a "(?<x>b)?(?<y>a)" | table x y`, []string{"a=a; x=old"}, []string{"x=old y=a"}},
		{`* | rex field=q "(?<x>.)" | table x`, []string{"a=1; x=old"}, []string{"x=old"}},
		{`* | rex field=a "(?<x>.)" | stats count by x`, []string{"a=p", "a=q", "b=1"},
			[]string{"x=p count=1", "x=q count=1"}},
	})
}

// max_match: 1 unless given, 0 for all.
func TestRexMaxMatch(t *testing.T) {
	in := []string{"a=123"}
	runCases(t, []runCase{
		{`* | rex field=a "(?<x>\d)" | table x`, in, []string{"x=1"}},
		{`* | rex field=a max_match=1 "(?<x>\d)" | table x`, in, []string{"x=1"}},
		{`* | rex field=a max_match=2 "(?<x>\d)" | table x`, in, []string{"x=[1|2]"}},
		{`* | rex field=a max_match=9 "(?<x>\d)" | table x`, in, []string{"x=[1|2|3]"}},
		{`* | rex field=a max_match=0 "(?<x>\d)" | table x`, in, []string{"x=[1|2|3]"}},
	})
}

// Of a field with several values each is looked at.
func TestRexOfSeveralValues(t *testing.T) {
	in := []string{"a=p1,q,r2"}
	runCases(t, []runCase{
		{`* | eval a=split(a,",") | rex field=a max_match=0 "(?<x>\d)" | table x`, in, []string{"x=[1|2]"}},
		{`* | eval a=split(a,",") | rex field=a "(?<x>\d)" | table x`, in, []string{"x=1"}},
		{`* | eval a=split(a,",") | rex field=a mode=sed "s/\d/#/" | table a`, in, []string{"a=[p#|q|r#]"}},
	})
}

func TestRexSed(t *testing.T) {
	runCases(t, []runCase{
		{`* | rex field=a mode=sed "s/-/:/" | table a`, []string{"a=1-2-3", "b=1"}, []string{"", "a=1:2-3"}},
		{`* | rex field=a mode=sed "s/-/:/g" | table a`, []string{"a=1-2-3"}, []string{"a=1:2:3"}},
		{`* | rex mode=sed "s/(.)-(.)/\2-\1/" field=a | table a`, []string{"a=1-2"}, []string{"a=2-1"}},
		{`* | rex mode=sed "s/x/y/" | stats count by _raw`, []string{"_raw=x x"}, []string{"_raw=y x count=1"}},
	})
}

func TestRexOnRows(t *testing.T) {
	runCases(t, []runCase{
		{`* | stats count by a | rex field=a "(?<x>\d)"`, []string{"a=p1", "a=q"},
			[]string{"a=p1 count=1 x=1", "a=q count=1"}},
		{`* | stats count by a | rex field=a "(?<count>\d)"`, []string{"a=p7"}, []string{"a=p7 count=7"}},
	})
}

func TestRexRefusals(t *testing.T) {
	refusals(t, "rex", []refusal{
		{`a=1 | rex`,
			`end of the search at line 1, column 10 (offset 9) stands where the rex command needs a regular expression`},
		{`a=1 | rex field=a`,
			`end of the search at line 1, column 18 (offset 17) stands where the rex command needs a regular expression`},
		{`a=1 | rex "(a)"`, `regular expression at line 1, column 11 (offset 10) has no named group`},
		{`a=1 | rex "(?<a>.)" "(?<b>.)"`, `"\"" at line 1, column 21 (offset 20) is not expected in the rex command`},
		{`a=1 | rex mode=awk "x"`, `mode "awk" at line 1, column 11 (offset 10) is not supported`},
		{`a=1 | rex max_match=-1 "(?<a>.)"`, `value "-1" at line 1, column 11 (offset 10) is no whole number`},
		{`a=1 | rex max_match=x "(?<a>.)"`, `value "x" at line 1, column 11 (offset 10) is no whole number`},
		{`a=1 | rex offset_field=o "(?<a>.)"`, `option offset_field at line 1, column 11 (offset 10) is not supported`},
	})
}
