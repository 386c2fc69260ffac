package spl_test

import (
	"errors"
	"testing"

	"escutcheon/detection/spl"
)

func FuzzCompile(f *testing.F) {
	for _, s := range []string{seedSearch, `a=1 OR NOT (b IN (x, "y*")) | stats count by c | rename c.* as * | search "d e"=1`,
		`x | stats min(n) max(t) by a | convert timeformat="%Y %3N" ctime(a) as b`, "`m(\"a\", b)` ```c```", `a="\\`, "\xff|\x00"} {
		f.Add(s, "a=1; n=2; t=\xff; _raw=x y")
	}
	m := spl.BuiltIn().Overlay(spl.Macros{"m(2)": {Definition: "$a$ `n` $b$", Args: []string{"a", "b"}}, "n": {Definition: "| stats count"}})
	f.Fuzz(func(t *testing.T, search, fields string) {
		p, err := spl.Compile(search, m)
		if err != nil {
			var e *spl.Error
			if !errors.As(err, &e) || e.Pos.Offset < 0 || e.Pos.Offset > len(search) || e.Error() == "" {
				t.Fatalf("%#v", err)
			}
			return
		}
		var events []spl.Event
		for range 3 {
			events = append(events, fuzzEvent(fields))
		}
		p.Run(func(yield func(spl.Event) bool) {
			for _, e := range events {
				if !yield(e) {
					return
				}
			}
		})
	})
}

func fuzzEvent(fields string) (e spl.Event) {
	defer func() {
		if recover() != nil { // a time that ev does not read
			e = ev("a=1")
		}
	}()
	return ev(fields)
}
