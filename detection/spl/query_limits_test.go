package spl_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"escutcheon/detection/spl"
)

// many makes n events of k=many with numbers.
func many(n int) (out []spl.Event) {
	for i := range n {
		out = append(out, spl.Map{"k": "many", "n": fmt.Sprint(i), "_time": fmt.Sprint(n - i)})
	}
	return out
}

func query(t *testing.T, search string, events []spl.Event, o spl.Options) *spl.Answer {
	t.Helper()
	q, err := wholeEnv().Query(search)
	if err != nil {
		t.Fatal(search, err)
	}
	a, err := q.Run(context.Background(), spl.Events(slices.Values(events)), o)
	if err != nil {
		t.Fatal(search, err)
	}
	return a
}

// Splunk's limits of subsearches are told when they are reached, with the place
// of the subsearch; and not before.
func TestSubsearchLimits(t *testing.T) {
	small := spl.Limits{SubRows: 5, JoinRows: 6}
	for _, c := range []struct {
		search string
		n      int
		limits spl.Limits
		want   string
	}{
		{`k=none | append [search k=many]`, 10_000, spl.Limits{}, ""},
		{`k=none | append [search k=many]`, 10_001, spl.Limits{}, "more than 10000 rows: the first 10000 count"},
		{`n=1 | table k | append [search k=many]`, 6, small, "more than 5 rows"},
		{`n=1 | table k | append maxout=3 [search k=many]`, 6, small, "more than 3 rows"},
		{`n=1 | table n | join n [search k=many]`, 6, small, ""},
		{`n=1 | table n | join n [search k=many]`, 7, small, "more than 6 rows"},
		{`[search k=many | table n] | stats count`, 6, small, "more than 5 rows"},
		{`[search k=many | head 5 | table n] | stats count`, 9, small, ""},
		{`n=1 | appendcols [search k=many]`, 6, small, "more than 5 rows"},
		{`| union [search k=many] [search n=1]`, 6, small, "more than 5 rows"},
		{`| multisearch [search k=many] [search n=1]`, 6, small, ""},
		{`n<9 | stats count by n | appendpipe [where n>1]`, 9, small, ""},
	} {
		a := query(t, c.search, many(c.n), spl.Options{Limits: c.limits})
		switch {
		case c.want == "" && (!a.Complete || len(a.Messages) > 0):
			t.Errorf("%s: %v", c.search, a.Messages)
		case c.want != "" && (a.Complete || len(a.Messages) != 1 || !strings.Contains(a.Messages[0].Text, c.want)):
			t.Errorf("%s: complete %v, %v", c.search, a.Complete, a.Messages)
		case c.want != "" && (a.Messages[0].Level != "warn" ||
			c.search[a.Messages[0].Pos.Offset] != '[' || a.Messages[0].Pos.Line != 1):
			t.Errorf("%s: %v", c.search, a.Messages)
		}
	}
}

// A subsearch that takes too long ends with what it has.
func TestSubsearchTime(t *testing.T) {
	a := query(t, `n=1 | table n | append [search k=many | table k]`, many(100_000),
		spl.Options{Limits: spl.Limits{SubTime: time.Nanosecond, SubRows: 1_000_000}})
	if a.Complete || len(a.Messages) != 1 || !strings.Contains(a.Messages[0].Text, "ran for more than 1ns") {
		t.Errorf("complete %v, %v", a.Complete, a.Messages)
	}
	if len(a.Rows) < 1 || len(a.Rows) > 50_000 {
		t.Errorf("%d rows", len(a.Rows))
	}
}

// What is held is bounded, and that the bound is reached is told.
func TestHeldRowsAreBounded(t *testing.T) {
	for _, search := range []string{`k=many`, `k=many | sort n`, `k=many | stats count by n`, `k=many | eventstats count`,
		`k=many | table n k | join max=0 k [search k=many | table k]`} {
		a := query(t, search, many(200), spl.Options{Limits: spl.Limits{Rows: 100}})
		if a.Complete || len(a.Rows) > 101 || len(a.Messages) == 0 ||
			!strings.Contains(a.Messages[0].Text, "had to hold more than 100 rows") {
			t.Errorf("%s: %d rows, complete %v, %v", search, len(a.Rows), a.Complete, a.Messages)
		}
		if a := query(t, search, many(200), spl.Options{Limits: spl.Limits{Bytes: 10_000}}); a.Complete &&
			!strings.Contains(search, "stats count by") {
			t.Errorf("%s: holds 10,000 bytes", search)
		}
	}
	if a := query(t, `k=many | stats count`, many(200), spl.Options{Limits: spl.Limits{Rows: 100}}); !a.Complete {
		t.Error("a count holds nothing", a.Messages)
	}
	if a := query(t, `k=many | head 3`, many(200), spl.Options{Limits: spl.Limits{Rows: 300}}); len(a.Rows) != 3 {
		t.Error(a.Rows)
	}
}

// endless goes on until it is told to stop.
type endless struct{ given int }

func (s *endless) Scan(_ context.Context, _ spl.Scan, each func(spl.Event) bool) error {
	for each(spl.Map{"a": "1", "_time": "1"}) {
		s.given++
	}
	return nil
}

func (s *endless) Newest() bool { return true }

// A run ends with its context, and what there is by then is returned.
func TestQueryIsCancelled(t *testing.T) {
	for _, search := range []string{`a=1 | stats count`, `a=2`, `a=1 | append [search a=2]`, `[search a=2] | stats count`,
		`a=1 | where a=2 | sort a`} {
		q, err := wholeEnv().Query(search)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
		a, err := q.Run(ctx, &endless{}, spl.Options{Limits: spl.Limits{Rows: 1 << 40, Bytes: 1 << 30}})
		cancel()
		if !errors.Is(err, context.DeadlineExceeded) && a.Complete || a.Complete {
			t.Errorf("%s: %v, complete %v", search, err, a.Complete)
		}
		if search == `a=1 | stats count` && len(a.Rows) != 1 {
			t.Errorf("%s: %d rows", search, len(a.Rows))
		}
	}
}

// A source is asked no more when a search has what it wants.
func TestQueryStopsEarly(t *testing.T) {
	for _, search := range []string{`a=1 | head 5`, `a=1 | eval b=a | head 5 | table b`} {
		s := &endless{}
		q, err := wholeEnv().Query(search)
		if err != nil {
			t.Fatal(err)
		}
		a, err := q.Run(context.Background(), s, spl.Options{})
		if err != nil || len(a.Rows) != 5 || s.given > 5 || !a.Complete {
			t.Errorf("%s: %d rows of %d events, %v", search, len(a.Rows), s.given, err)
		}
	}
	n := 0
	q, _ := wholeEnv().Query(`a=1`)
	_, err := q.Run(context.Background(), &endless{}, spl.Options{Each: func(f spl.Found) bool {
		n++
		return n < 3 && f.Event != nil
	}})
	if err != nil || n != 3 {
		t.Error(n, err)
	}
}

type broken struct{ endless }

func (broken) Scan(context.Context, spl.Scan, func(spl.Event) bool) error {
	return errors.New("no disk")
}

// A source's error is the run's.
func TestSourceFails(t *testing.T) {
	q, _ := wholeEnv().Query(`a=1 | append [search b=1]`)
	a, err := q.Run(context.Background(), &broken{}, spl.Options{})
	if err == nil || err.Error() != "no disk" || a.Complete {
		t.Error(err, a)
	}
}

// A table has no more cells than it may, however many values its fields have.
func TestTablesAreBounded(t *testing.T) {
	if testing.Short() {
		t.Skip("seconds of plain computing; run without -short")
	}
	a := query(t, `k=many | eval m=n | chart limit=0 count over n by m`, many(3000), spl.Options{})
	if len(a.Rows) != 3000 || len(a.Columns) > 700 || a.Complete ||
		!strings.Contains(a.Messages[0].Text, "more than 2000000 cells") {
		t.Errorf("%d rows of %d columns, %v", len(a.Rows), len(a.Columns), a.Messages)
	}
	if a := query(t, `k=many | eval m=n | chart count over n by m`, many(3000), spl.Options{}); !a.Complete {
		t.Error(a.Messages)
	}
	a = query(t, `| multisearch [search k=many] [search k=many]`, many(80), spl.Options{Limits: spl.Limits{Rows: 100}})
	if a.Complete || len(a.Rows) > 100 {
		t.Errorf("%d rows, %v", len(a.Rows), a.Messages)
	}
}
