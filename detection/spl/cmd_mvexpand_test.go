package spl_test

import (
	"fmt"
	"testing"
)

func TestMvexpand(t *testing.T) {
	runCases(t, []runCase{
		{`* | eval a=split(a,",") | mvexpand a | table a b`, []string{"a=x,y; b=1"}, []string{"a=x b=1", "a=y b=1"}},
		{`* | mvexpand a | table a b`, []string{"a=x; b=1", "b=2"}, []string{"b=2", "a=x b=1"}},
		{`* | eval a=split(a,",") | mvexpand a | stats count by a`, []string{"a=x,x,y"},
			[]string{"a=x count=2", "a=y count=1"}},
	})
}

// limit: the first so many values; 0 for all.
func TestMvexpandLimit(t *testing.T) {
	in := []string{"a=x,y,z"}
	search := `* | eval a=split(a,",") | mvexpand a%s | stats count values(a) as a`
	for limit, want := range map[string]string{
		"":         "count=3 a=[x|y|z]",
		" limit=0": "count=3 a=[x|y|z]",
		" limit=1": "count=1 a=x",
		" limit=2": "count=2 a=[x|y]",
		" limit=3": "count=3 a=[x|y|z]",
		" limit=4": "count=3 a=[x|y|z]",
	} {
		runCases(t, []runCase{{fmt.Sprintf(search, limit), in, []string{want}}})
	}
}

// Rows made of one row have keys of their own, in the order of the values.
func TestMvexpandOnRows(t *testing.T) {
	in := []string{"h=1; a=x", "h=1; a=y", "h=2; a=z"}
	runCases(t, []runCase{
		{`* | stats values(a) as a by h | mvexpand a`, in, []string{"h=1 a=x", "h=1 a=y", "h=2 a=z"}},
		{`* | stats values(a) as a by h | mvexpand a | where a="y"`, in, []string{"h=1 a=y"}},
		{`* | stats values(a) as a by h | eval b=a | mvexpand a | mvexpand b | where h=1`, in,
			[]string{"h=1 a=x b=x", "h=1 a=x b=y", "h=1 a=y b=x", "h=1 a=y b=y"}},
	})
	rows := compileCase(t, `* | stats values(a) as a by h | eval b=a | mvexpand a | mvexpand b`).Run(evs(in...)).Rows
	var keys []string
	for _, r := range rows {
		keys = append(keys, fmt.Sprint(r.Key))
	}
	if got := fmt.Sprint(keys); got != "[[1] [1 1] [1 10000] [1 10001] [2]]" {
		t.Error(got)
	}
}

func TestMvexpandRefusals(t *testing.T) {
	refusals(t, "mvexpand", []refusal{
		{`a=1 | mvexpand`,
			`end of the search at line 1, column 15 (offset 14) stands where the mvexpand command needs a field name`},
		{`a=1 | mvexpand a limit=x`, `value "x" at line 1, column 18 (offset 17) is no whole number`},
		{`a=1 | mvexpand a b`, `"b" at line 1, column 18 (offset 17) is not expected in the mvexpand command`},
	})
}
