package spl_test

import (
	"fmt"
	"strings"
	"testing"

	"escutcheon/detection/spl"
)

// TestUnfit: a search is no rule where a rule would not find what it finds, and the
// place of that is told.
func TestUnfit(t *testing.T) {
	t.Parallel()
	env := spl.Env{Macros: spl.Macros{"old": {Definition: "earliest=-7d"}}}
	for search, want := range map[string]string{
		`EventCode=29 | stats count by dest`:             "",
		`index=* EventCode=29 index!=risk`:               "",
		`x | join dest [search y | stats count by dest]`: "",
		`index=risk`:                        "1:1 the index risk",
		`x | append [search index=notable]`: "1:13 the index notable",
		`index=_internal x`:                 "1:1 this asks for an index",
		"x\nearliest=-24h":                  "2:1 earliest= has no effect",
		"`old` x":                           "1:1 earliest= has no effect",
		`x | join dest [search y latest=now | stats count by dest]`: "1:25 latest= has no effect",
		`| makeresults | eval a=1`:                                  `1:3 command "makeresults" looks at no events`,
		`x | fit LogisticRegression a from b`:                       `1:5 command "fit" is not supported`,
		`x | stats count by`:                                        `1:19`,
	} {
		got := ""
		if e := env.Unfit(search); e != nil {
			got = strings.TrimSpace(fmt.Sprintf("%d:%d %s %s", e.Pos.Line, e.Pos.Column, e.Subject, e.Reason))
		}
		if want == "" && got != "" || !strings.HasPrefix(got, want) {
			t.Errorf("%q: %q, want %q", search, got, want)
		}
	}
}
