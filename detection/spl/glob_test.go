package spl_test

import (
	"slices"
	"testing"

	"escutcheon/detection/spl"
)

// Search Reference, table, fields and rename: names with wildcards, compared
// with their case.
func TestWildcardNames(t *testing.T) {
	e := spl.Map{"_time": "1", "p.a": "1", "p.b": "2", "P.c": "3", "q": "4"}
	const by = "* | stats count by p.a p.b P.c q | "
	for command, want := range map[string]string{
		"table p.*": "p.a=1 p.b=2", "table *.a q": "p.a=1 q=4", "table P*": "P.c=3",
		"table q p.* q": "q=4 p.a=1 p.b=2", "table *": "p.a=1 p.b=2 P.c=3 q=4 count=1",
		"table *.*": "p.a=1 p.b=2 P.c=3",
		"table p*b": "p.b=2", "table p.*a": "p.a=1", "table p.a*a": "", "table p**b": "p.b=2", "table *p.a*": "p.a=1",
		"table x* q": "q=4", "table q*q": "", "table *q*": "q=4", "table nope q": "q=4",
		"fields p.*": "p.a=1 p.b=2", "fields - p.*": "P.c=3 q=4 count=1", "fields - *.*, count": "q=4",
		"fields - nope*":  "p.a=1 p.b=2 P.c=3 q=4 count=1",
		"rename p.* as *": "a=1 b=2 P.c=3 q=4 count=1", "rename *.* as *_*": "p_a=1 p_b=2 P_c=3 q=4 count=1",
		"rename p.* as x.*.y": "x.a.y=1 x.b.y=2 P.c=3 q=4 count=1", "rename n* as *": "p.a=1 p.b=2 P.c=3 q=4 count=1",
		"rename p.*a as *z": "z=1 p.b=2 P.c=3 q=4 count=1",
	} {
		rows := compile(t, by+command).Run(slices.Values([]spl.Event{e})).Rows
		got := ""
		if len(rows) > 0 {
			got = text(rows[0].Row)
		}
		if got != want {
			t.Errorf("%s: %s, want %s", command, got, want)
		}
	}
}
