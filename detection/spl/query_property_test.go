package spl_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"escutcheon/detection/spl"
)

// wholeSearches are those that are run whole, over what randomEvents makes.
var wholeSearches = []string{
	`a=x | stats count by a t | join t [search a=y | stats sum(n) as s by t]`,
	`a=x | join max=0 type=left t [search a=y | table t n] | table a t n _time`,
	`n=1 [search a=y | head 3 | table t] | table a n t`,
	`NOT [search n<3 | stats count by a | return 2 a] | stats count values(n) by a`,
	`* | transaction a maxspan=10m | table a n t duration eventcount`,
	`* | transaction t startswith=(n=1) endswith=(n=2) mvlist=t | table t n eventcount`,
	`* | chart limit=1 avg(n) over a by t`, `* | chart count sum(n) by t`, `* | timechart span=1h cont=f count by a`,
	`a=x | append [search a=y | head 2] | table a n`, `| union [search a=x | head 1] [search n=2] | table a n t _time`,
	`* | bin n bins=4 | stats count by n`, `* | stats count by a n | appendpipe [stats sum(count) as count by a]`,
	`* | eventstats avg(n) as m by a | where n>m | streamstats count as k by a | table a n k`,
	`* | stats first(n) last(n) list(t) as l by a | appendcols [search a=x | stats latest(n)]`,
	`* | sort n | head 3 | table a n t | search n=* | stats values(n*)`,
}

func answerText(t *testing.T, q *spl.Query, events []spl.Event) string {
	t.Helper()
	a, err := q.Run(context.Background(), spl.Events(slices.Values(events)), spl.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, r := range a.Rows {
		first, last, _ := r.State.Times()
		b.WriteString(strings.Join(r.Key, ",") + " | " + listText(r.Row) + " | ")
		b.WriteString(fmt.Sprint(r.State.Count(), first, last) + "\n")
	}
	return b.String()
}

// The order in which events come does not matter to what a search that is run
// whole makes of them, nor to the keys and states of its rows.
func TestWholeSearchesDoNotSeeTheOrder(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	for _, search := range slices.Concat(wholeSearches, mergeSearches) {
		q, err := wholeEnv().Query(search)
		if err != nil {
			t.Fatal(search, err)
		}
		for range 4 {
			events := randomEvents(random, 12)
			want := answerText(t, q, events)
			for range 3 {
				random.Shuffle(len(events), func(i, j int) { events[i], events[j] = events[j], events[i] })
				if got := answerText(t, q, events); got != want {
					t.Fatalf("%s\n%s\nin another order\n%s", search, want, got)
				}
			}
		}
	}
}

// What aggregates gives the same whole and event by event, over events that have a
// time: without one they are in no window.
func TestWholeIsAsEventByEvent(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 8))
	for _, search := range mergeSearches {
		if strings.Contains(search, "head") || strings.Contains(search, "dedup") { // which of equal rows is the first
			continue
		}
		q, err := wholeEnv().Query(search)
		if err != nil {
			t.Fatal(search, err)
		}
		p := compileCase(t, search)
		for range 8 {
			events := slices.DeleteFunc(randomEvents(random, 12), func(e spl.Event) bool { return e.Time().IsZero() })
			want := rowTexts(p.Run(slices.Values(events)).Rows)
			a, err := q.Run(context.Background(), spl.Events(slices.Values(events)), spl.Options{})
			if err != nil {
				t.Fatal(err)
			}
			got := foundTexts(a)
			for i := range got {
				got[i] = strings.TrimSuffix(got[i], " kept")
			}
			if !aggregates(search) {
				slices.Sort(got)
				slices.Sort(want)
				got, want = slices.Compact(got), slices.Compact(want)
			}
			slices.Sort(got)
			slices.Sort(want)
			if !slices.Equal(got, want) {
				t.Fatalf("%s\n got %s\nwant %s", search, strings.Join(got, "\n     "), strings.Join(want, "\n     "))
			}
		}
	}
}
