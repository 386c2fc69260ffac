package handlers_test

import (
	"strings"
	"testing"
	"time"

	"escutcheon/internal/consoletest"
	"escutcheon/store"
)

// TestSearchJobsPages: a search that ran when the server ended is found again, with
// what is known of it and the way to run it again.
func TestSearchJobsPages(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	j := store.SearchJob{ID: "00112233445566ff", Text: `x "<b>" | stats count`, Earliest: "-1h", Who: "anna <i>",
		Began: consoletest.Noon, State: store.JobRuns, Rows: 12, Looked: 3456}
	if err := s.Store.KeepSearchJob(t.Context(), j); err != nil {
		t.Fatal(err)
	}
	if err := s.Store.EndSearchJobs(t.Context()); err != nil {
		t.Fatal(err)
	}
	d := s.Doc(t, "/search?on=page")
	link := d.Find(".search-jobs td a").First()
	if text := consoletest.Words(d, ".search-jobs tbody"); link.Text() != j.Text || !strings.Contains(text, "stopped") ||
		!strings.Contains(text, "anna <i>") {
		t.Errorf("the list: %s", text)
	}
	at := s.Do(t, "GET", "/search/jobs/"+j.ID, nil).Header.Get("Location")
	if href := link.AttrOr("href", ""); href == "" || href != at {
		t.Errorf("it is at %q, the list leads to %q", at, href)
	}
	d = s.Doc(t, at)
	again := d.Find(".past-search a").AttrOr("href", "")
	if text := consoletest.Words(d, "#results"); !strings.Contains(text, "3,456 events and found 12 rows") ||
		!strings.Contains(text, "The server ended while it ran.") || !strings.HasPrefix(text, "Stopped") {
		t.Errorf("the page: %s", text)
	}
	if d = ranPage(t, s, again); d.Find(".search-table").Length() != 1 {
		t.Errorf("it does not run again: %s", consoletest.Words(d, "main"))
	}
	type one struct {
		ID, Q, Who, State, Began string
		Ended                    *time.Time
		Rows                     int64
		Scanned                  int64 `json:"events_scanned"`
	}
	got := decodeJSON[struct{ Jobs []one }](t, s.Do(t, "GET", "/search/jobs", nil, "Accept", consoletest.JSON), 200)
	if len(got.Jobs) != 1 || got.Jobs[0].Ended == nil || got.Jobs[0].State != "stopped" || got.Jobs[0].Scanned != 3456 {
		t.Errorf("%+v", got)
	}
	single := decodeJSON[one](t, s.Do(t, "GET", "/search/jobs/"+j.ID, nil, "Accept", consoletest.JSON), 200)
	if single.ID != j.ID || single.Q != j.Text || single.Rows != 12 {
		t.Errorf("%+v", single)
	}
	if a := s.Do(t, "GET", "/search/jobs/nosuch", nil); a.Status != 404 {
		t.Errorf("a search that never was: %d", a.Status)
	}
}
