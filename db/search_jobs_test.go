package db_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"escutcheon/fault"
	"escutcheon/store"
)

// TestSearchJobs: what is known of a search is kept and replaced, of the newest ones
// alone, and what ran in a process that is no more is stopped.
func TestSearchJobs(t *testing.T) {
	t.Parallel()
	d := open(t, t.TempDir()+"/a.db")
	ctx := t.Context()
	job := func(n int) store.SearchJob {
		return store.SearchJob{ID: fmt.Sprintf("%016x", n), Text: "x | stats count", Earliest: "-1h", Latest: "now",
			Now: "2026-01-01T00:00:00Z", Who: "anna", Began: time.Unix(int64(n), 5).UTC(), State: store.JobRuns, Looked: 7}
	}
	done := job(1)
	for i := range store.MaxSearchJobs + 2 {
		if err := d.KeepSearchJob(ctx, job(i)); err != nil {
			t.Fatal(err)
		}
		if i == 2 {
			done = job(2)
			done.State, done.Ended, done.Complete, done.Rows, done.Message = store.JobDone, time.Unix(9, 0).UTC(), true, 3, "m"
			if err := d.KeepSearchJob(ctx, done); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := d.EndSearchJobs(ctx); err != nil {
		t.Fatal(err)
	}
	if _, err := d.SearchJob(ctx, job(1).ID); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("the oldest is kept: %v", err)
	}
	if got, err := d.SearchJob(ctx, done.ID); err != nil || got != done {
		t.Errorf("%+v, %v", got, err)
	}
	list, err := d.SearchJobs(ctx, 2)
	if err != nil || len(list) != 2 || list[0].ID != job(store.MaxSearchJobs+1).ID {
		t.Fatalf("%+v, %v", list, err)
	}
	for _, j := range list {
		if j.State != store.JobStopped || j.Ended.IsZero() || j.Complete || !strings.Contains(j.Message, "ended") {
			t.Errorf("%+v", j)
		}
	}
}
