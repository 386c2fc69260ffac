package spl_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"escutcheon/detection/spl"
)

// No command makes a list of more than 10,000 values.
func TestListsOfCommands(t *testing.T) {
	many := strings.Repeat("x,", 10_004) + "x"
	e := spl.Map{"a": many, "_time": "1"}
	for search, want := range map[string]int{
		`* | makemv delim="," a | eval n=mvcount(a) | table n`:                    10_000,
		`* | makemv tokenizer="(x)" a | eval n=mvcount(a) | table n`:              10_000,
		`* | rex field=a max_match=0 "(?<y>x)" | eval n=mvcount(y) | table n`:     10_000,
		`* | rex field=a max_match=10001 "(?<y>x)" | eval n=mvcount(y) | table n`: 10_000,
		`* | rex field=a max_match=9999 "(?<y>x)" | eval n=mvcount(y) | table n`:  9_999,
		`* | makemv delim="," a | mvexpand a limit=9999 | stats count as n`:       9_999,
		`* | makemv delim="," a | mvexpand a | stats count as n`:                  10_000,
	} {
		rows := compileCase(t, search).Run(slices.Values([]spl.Event{e})).Rows
		if len(rows) == 0 {
			t.Errorf("%s: no row", search)
			continue
		}
		r := rows[len(rows)-1].Row
		if got := r[len(r)-1].Value; got != fmt.Sprint(want) {
			t.Errorf("%s: %s, want %d", search, got, want)
		}
	}
}

// Joined lists are bounded as well.
func TestMvcombineLimit(t *testing.T) {
	var in []spl.Event
	for i := range 10_003 {
		in = append(in, spl.Map{"a": "x", "b": fmt.Sprint(i), "_time": "1"})
	}
	rows := compileCase(t, `* | table a b | mvcombine b`).Run(slices.Values(in)).Rows
	if len(rows) != 1 || len(rows[0].Row.List("b")) != 10_000 || rows[0].State.Count() != 10_003 {
		t.Errorf("%d rows", len(rows))
	}
}
