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

// TestDigest: a table of many events, which are held as fewer rows, is that of single
// events, and takes no more memory than its own rows.
func TestDigest(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	var all []spl.Event
	for range 60_000 {
		all = append(all, spl.Map{"_time": fmt.Sprintf("%d.%03d", 1_764_000_000+r.IntN(12*86400), r.IntN(1000)),
			"a": string(rune('p' + r.IntN(3))), "n": fmt.Sprint(r.IntN(50))})
	}
	run := func(search string) (out []string) {
		t.Helper()
		q, err := spl.Env{}.Query(search)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := q.Run(context.Background(), spl.Events(slices.Values(all)),
			spl.Options{Limits: spl.Limits{Rows: 30_000}})
		if err != nil || !answer.Complete {
			t.Fatalf("%s: %v, %v", search, err, answer.Messages)
		}
		for _, f := range answer.Rows {
			out = append(out, fmt.Sprint(f.Row))
		}
		return out
	}
	for search, same := range map[string]string{
		`* | timechart count by a`:          `* | bin _time span=1d | stats count by _time a`,
		`* | timechart span=3h sum(n) as s`: `* | bin _time span=3h | stats sum(n) as s by _time`,
		`* | timechart span=70m dc(n) as d`: `* | bin _time span=70m | stats dc(n) as d by _time`,
		`* | top limit=0 showperc=f a`:      `* | stats count by a | sort - count | table a count`,
		`* | chart count over n`:            `* | stats count by n`,
	} {
		got := run(search)
		if search == `* | timechart count by a` { // its columns are values: their sum is that of all
			same = `* | bin _time span=1d | stats count by _time`
			got = run(search + ` | eval count=p+q+r | table _time count`)
		}
		if want := run(same); !slices.Equal(got, want) || len(got) < 3 {
			t.Errorf("%s\n got %d: %.300s\nwant %d: %.300s", search, len(got), fmt.Sprint(got), len(want), fmt.Sprint(want))
		}
	}
}

// TestGroupsAreBounded: what an aggregation holds counts by its bytes, and is let go
// when its rows are made.
func TestGroupsAreBounded(t *testing.T) {
	var all []spl.Event
	for i := range 2000 {
		all = append(all, spl.Map{"long": strings.Repeat("x", 2000) + fmt.Sprint(i), "n": fmt.Sprint(i % 7)})
	}
	for search, whole := range map[string]bool{
		`* | stats count by long`: false, `* | stats count by n`: true,
		`* | stats count by n | sort n | stats count by n | sort n`: true,
		`* | top limit=0 long`: false,
	} {
		q, err := spl.Env{}.Query(search)
		if err != nil {
			t.Fatal(err)
		}
		a, err := q.Run(context.Background(), spl.Events(slices.Values(all)),
			spl.Options{Limits: spl.Limits{Bytes: 1 << 20}})
		if err != nil || a.Complete != whole || a.Full == whole || len(a.Rows) == 0 {
			t.Errorf("%s: complete %v, full %v, %d rows, %v", search, a.Complete, a.Full, len(a.Rows), err)
		}
	}
}
