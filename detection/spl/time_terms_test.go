package spl_test

import (
	"context"
	"strconv"
	"strings"
	"testing"
	"time"

	"escutcheon/detection/spl"
)

// In a query of its own, bounds of time within a search go before those of the
// options; earliest alone goes up to now (Search Manual, Specify time modifiers).
func TestTimeTerms(t *testing.T) {
	now := time.Date(2025, 12, 15, 13, 30, 30, 5e8, time.UTC)
	times := []string{"2025-12-14T13:30:30", "2025-12-14T13:30:31", "2025-12-15T00:00:00", "2025-12-15T12:59:59",
		"2025-12-15T13:00:00", "2025-12-15T13:30:30", "2025-12-15T13:30:31", "2025-12-16T00:00:00"}
	var events []spl.Event
	for _, s := range times {
		d, err := time.Parse("2006-01-02T15:04:05", s)
		if err != nil {
			t.Fatal(err)
		}
		events = append(events, spl.Map{"_time": strconv.FormatInt(d.Unix(), 10), "a": "1"})
	}
	source := func(yield func(spl.Event) bool) {
		for _, e := range events {
			if !yield(e) {
				return
			}
		}
	}
	options := spl.Options{Now: now, Earliest: time.Date(2025, 12, 15, 0, 0, 0, 0, time.UTC),
		Latest: time.Date(2025, 12, 15, 13, 0, 0, 0, time.UTC)}
	for _, c := range []struct{ search, want string }{
		{"a=1", "23"}, {"index=x a=1", "23"}, {"_index_earliest=-1m a=1", "23"}, {"timeformat=%s a=1", "23"},
		{"earliest=-30m@h", "45"}, {"earliest=-1h@h", "345"}, {"earliest=@d", "2345"}, {"earliest=-24h", "12345"},
		{"earliest=2025-12-15T13:00:00", "45"}, {"earliest=2025-12-15T13:00:00Z", "45"},
		{`earliest="12/15/2025:13:00:00"`, "45"},
		{"earliest=12/15/2025:13:00:00 a=1", "45"}, {"earliest=1765803600", "45"}, {"latest=2025-12-15T13:00:00", "0123"},
		{"earliest=-1d@d latest=@d", "01"}, {"earliest=@d latest=now", "2345"}, {"earliest=@d latest=now()", "2345"},
		{"earliest=@d latest=+1d@d", "23456"}, {"earliest=0", "012345"}, {"earliest=@d latest=+2d", "234567"},
		{"starthoursago=24", "12345"}, {"starthoursago=24 endhoursago=1", "12"}, {"startdaysago=1", "12345"},
		{"endminutesago=30", "01234"}, {"starttimeu=1765803600", "45"}, {`starttime="12/15/2025:13:00:00"`, "45"},
		{"timeformat=%Y/%m/%d earliest=2025/12/15", "2345"}, {"a=1 | search earliest=-1h@h", "345"},
		{"earliest=@d | search latest=2025-12-15T13:00:00", "23"}, {"search earliest=@d a=1", "2345"},
		{"(earliest=@h latest=now) OR (earliest=-1d@d latest=@d)", "0145"}, {"earliest=0 NOT earliest=@d", "01"},
		{"a=1 | eval b=1 | search earliest=-1h@h", "3"}, {"a=1 | head 9 | search latest=-1h@h", "2"},
		{"| tstats count where earliest=-1h@h by _time", "345"},
		{"a=1 | append [search earliest=@h a=1]", "2345"}, {"earliest=@h | append [search a=1]", "2345"},
		{"earliest=2025-12-16 latest=2025-12-15", ""},
	} {
		q, err := caseEnv().Query(c.search + " | stats count by _time")
		if err != nil {
			t.Errorf("%s: %v", c.search, err)
			continue
		}
		a, err := q.Run(context.Background(), spl.Events(source), options)
		if err != nil {
			t.Errorf("%s: %v", c.search, err)
			continue
		}
		var got []string
		for _, r := range a.Rows {
			v, _ := r.Row.Get("_time")
			for i, e := range events {
				if v == e.(spl.Map)["_time"] {
					got = append(got, strconv.Itoa(i))
				}
			}
		}
		if strings.Join(got, "") != c.want {
			t.Errorf("%s: %s, want %s", c.search, strings.Join(got, ""), c.want)
		}
	}
}

// What a scan asks for, before it runs: the search's own bounds, or the options'.
func TestQueryRange(t *testing.T) {
	now := time.Unix(1_000_000, 0)
	o := spl.Options{Now: now, Earliest: time.Unix(5, 0), Latest: time.Unix(9, 0)}
	for search, want := range map[string][2]int64{
		"a=1": {5, 9}, "earliest=-1h a=1": {996_400, 1_000_000}, "latest=7": {0, 7},
		"(earliest=1 latest=2) OR (earliest=3 latest=4)": {1, 4}, "earliest=1 OR a=1": {5, 9},
		"| from datamodel:Fleet.Ships | search starthoursago=1": {996_401, 1_000_001},
	} {
		q, err := sea.Query(search)
		if err != nil {
			t.Fatal(err)
		}
		from, to := q.Range(q.Scans()[0], o)
		second := func(t time.Time) int64 {
			if t.IsZero() {
				return 0
			}
			return t.Unix()
		}
		if got := [2]int64{second(from), second(to)}; got != want {
			t.Errorf("%s: %v, want %v", search, got, want)
		}
	}
}

// A time that cannot be read is an error of a query, with its place, and none of a
// scheduled rule.
func TestTimesThatAreNone(t *testing.T) {
	for _, search := range []string{`a=1 earliest=soon`, `a=1 earliest=-24x`, `a=1 starthoursago=x`, `a=1 latest=rt`,
		`a=1 | append [search earliest=soon]`, `a=1 earliest="99/99/2020:00:00:00"`, `a=1 starthoursago=99999999999`} {
		_, err := wholeEnv().Query(search)
		if err == nil || !strings.Contains(err.Error(), "is not understood") || !strings.Contains(err.Error(), "line 1") {
			t.Errorf("%s: %v", search, err)
		}
		if _, err := wholeEnv().Compile(search); err != nil {
			t.Errorf("%s in a rule: %v", search, err)
		}
	}
}

// A rule that is run whole takes no notice of them either: its windows are given.
func TestTimesInWholeRules(t *testing.T) {
	p, err := wholeEnv().Compile("earliest=-1h a=1 | append [search latest=-9d a=1] | stats count")
	if err != nil {
		t.Fatal(err)
	}
	a, err := p.Query().Run(context.Background(), spl.Events(evs("a=1")), spl.Options{})
	if err != nil || len(a.Rows) != 1 || listText(a.Rows[0].Row) != "count=2" {
		t.Errorf("%v %v", err, a.Rows)
	}
}
