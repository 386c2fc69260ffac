package spl_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"escutcheon/detection/spl"
)

func wholeEnv() spl.Env {
	env := caseEnv()
	env.Whole = true
	return env
}

// runQuery runs a search whole over events, and writes its rows; those of no
// event are left out where the plan would have none.
func runQuery(t testing.TB, search string, in []string) (rows []string, a *spl.Answer) {
	t.Helper()
	q, err := wholeEnv().Query(search)
	if err != nil {
		t.Errorf("%s\n%v", search, err)
		return nil, nil
	}
	a, err = q.Run(context.Background(), spl.Events(evs(in...)), spl.Options{Now: time.Unix(1010, 0)})
	if err != nil {
		t.Errorf("%s\n%v", search, err)
		return nil, nil
	}
	for _, r := range a.Rows {
		line := listText(r.Row)
		if r.Verdict != spl.Kept {
			line += " " + r.Verdict.String()
		}
		rows = append(rows, line)
	}
	return rows, a
}

// A search that a plan can run gives the same rows when it is run whole.
func TestQueryIsPlan(t *testing.T) {
	ran := 0
	for _, path := range []string{"commands", "eval", "stats", "tstats"} {
		for _, c := range readCases(t, "testdata/"+path+".txt") {
			want := slices.Clone(c.out)
			got, a := runQuery(t, c.search, c.in)
			if a == nil {
				continue
			}
			if len(a.Rows) == 1 && a.Rows[0].State.Count() == 0 && want == nil {
				continue // a count of nothing
			}
			slices.Sort(want)
			slices.Sort(got)
			if p, _ := caseEnv().Compile(c.search); p.By() != nil && !aggregates(c.search) {
				got = slices.Compact(got) // of a plan without an aggregation equal rows are one
			}
			if !slices.Equal(got, want) {
				t.Errorf("%s:%d: %s\n got %s\nwant %s", path, c.line, c.search, strings.Join(got, "\n     "),
					strings.Join(want, "\n     "))
			}
			ran++
		}
	}
	t.Logf("%d searches", ran)
}

func aggregates(search string) bool { return strings.Contains(search, "stats") }
