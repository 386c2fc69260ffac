package handlers_test

import (
	"encoding/csv"
	"slices"
	"strings"
	"testing"

	"escutcheon/internal/consoletest"
)

// TestRulesAsSearches: the search of every built-in rule, typed into the bar over the
// demo, gives the rows of its findings.
func TestRulesAsSearches(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	a := s.Post(t, "/demo", nil)
	if a.Status != 303 {
		t.Fatal(a.Status, a.Body)
	}
	consoletest.Poll(t, func() bool {
		page := s.Do(t, "GET", "/imports", nil).Body
		return strings.Contains(page, "done") && !strings.Contains(page, "queued") && !strings.Contains(page, "running")
	})
	fired := 0
	for _, r := range s.Book.Content().Rules {
		listed, err := csv.NewReader(strings.NewReader(s.Get(t, "/findings.csv?status=all&suppressed=1&rule="+r.ID).Body)).
			ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		got, err := csv.NewReader(strings.NewReader(s.Get(t, searchURL("/search.csv", r.Search)).Body)).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		var want []string
		for _, row := range listed[1:] {
			want = append(want, strings.Join(row[:len(got[0])], "\x00"))
		}
		var rows []string
		for _, row := range got[1:] {
			rows = append(rows, strings.Join(row, "\x00"))
		}
		slices.Sort(want)
		slices.Sort(rows)
		if !slices.Equal(listed[0][:len(got[0])], got[0]) || !slices.Equal(rows, want) {
			t.Errorf("%s: %d findings, %d rows\n%q\n%q\n%.600q\n%.600q", r.Name, len(want), len(rows), listed[0], got[0],
				want, rows)
		}
		if len(rows) > 0 {
			fired++
		}
	}
	if fired < 3 {
		t.Errorf("%d rules find something", fired)
	}
}
