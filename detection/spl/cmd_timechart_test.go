package spl_test

import (
	"testing"
	"time"

	"escutcheon/detection/spl"
)

func TestTimechartRefusals(t *testing.T) {
	wholeRefusals(t, "timechart", []refusal{
		{`* | timechart`, `end of the search at line 1, column 14 (offset 13) stands where the timechart command needs ` +
			`an aggregate such as count`},
		{`* | timechart count by a b`, `BY at line 1, column 27 (offset 26) has too many fields for timechart: one for the ` +
			`columns`},
		{`* | timechart minspan=x count`, `option "minspan=x" at line 1, column 15 (offset 14) is not supported`},
		{`* | timechart bins=0 count`, `option "bins=0" at line 1, column 15 (offset 14) is not supported`},
	})
}

// The rows reach over all of the time that is searched, and no further than may be.
func TestTimechartRange(t *testing.T) {
	at := func(s int64) time.Time { return time.Unix(s, 0) }
	in := []spl.Event{spl.Map{"_time": "650"}}
	o := spl.Options{Earliest: at(0), Latest: at(3600)}
	for search, rows := range map[string]int{
		`* | timechart span=10m count`:              6,
		`* | timechart count`:                       60,
		`* | timechart bins=10 count`:               6,
		`* | timechart minspan=30m count`:           2,
		`* | timechart fixedrange=f span=10m count`: 1,
		`nosuch=1 | timechart span=10m count`:       0,
	} {
		if a := query(t, search, in, o); len(a.Rows) != rows {
			t.Errorf("%s: %d rows, want %d", search, len(a.Rows), rows)
		}
	}
	wide := spl.Options{Earliest: at(0), Latest: at(1e9)}
	a := query(t, `* | timechart span=1s count`, in, wide)
	if len(a.Rows) != 50_000 || a.Complete {
		t.Error(len(a.Rows), a.Messages)
	}
}
