package search_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"escutcheon/eventstore"
	"escutcheon/search"
	"escutcheon/store"
)

// held is a store whose scans go on until they are let go or stopped.
type held struct {
	search.Store
	letGo chan struct{}
}

func (h *held) Scan(ctx context.Context, _ eventstore.Query, _ func(*eventstore.Chunk) (func() error, error)) error {
	select {
	case <-h.letGo:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// shelf keeps records in memory, with all states that each had.
type shelf struct {
	mu     sync.Mutex
	states map[string][]store.JobState
	last   map[string]store.SearchJob
	kept   chan string // whose record was kept
}

func newShelf() *shelf {
	return &shelf{states: map[string][]store.JobState{}, last: map[string]store.SearchJob{}, kept: make(chan string, 100)}
}

func (s *shelf) KeepSearchJob(_ context.Context, j store.SearchJob) error {
	s.mu.Lock()
	s.states[j.ID], s.last[j.ID] = append(s.states[j.ID], j.State), j
	s.mu.Unlock()
	s.kept <- j.ID
	return nil
}

var window = search.Window{Limit: 10}

// start starts a search as a page does.
func start(t *testing.T, jobs *search.Jobs, text string) *search.Job {
	t.Helper()
	s, err := jobs.Engine().Prepare(text, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	job, err := jobs.Start(s, search.Range{}, window, search.Asked{Earliest: "-1h", Who: "anna"})
	if err != nil {
		t.Fatal(err)
	}
	return job
}

func heldJobs(t *testing.T) (*search.Jobs, *held) {
	t.Helper()
	h := newHouse(t)
	slow := &held{h.store, make(chan struct{})}
	h.Store = slow
	jobs := search.NewJobs(h.Engine)
	t.Cleanup(jobs.Close)
	return jobs, slow
}

// TestJobsInLine: few searches run at a time; the others wait in the order in which
// they came, say behind how many, and may go.
func TestJobsInLine(t *testing.T) {
	t.Parallel()
	jobs, slow := heldJobs(t)
	var all []*search.Job
	for range 6 {
		all = append(all, start(t, jobs, "x"))
	}
	check := func(want ...int) { // -1: it runs
		t.Helper()
		for i, job := range all {
			v, err := job.View(window)
			if err != nil || v.Waits != (want[i] >= 0) || v.Waits && v.Ahead != want[i] {
				t.Errorf("search %d: waits %t behind %d, want %d, %v", i, v.Waits, v.Ahead, want[i], err)
			}
		}
	}
	check(-1, -1, 0, 1, 2, 3)
	all[3].Stop()
	all[3].Wait(ctx, time.Minute)
	check(-1, -1, 0, -1, 1, 2)
	all[0].Stop()
	all[0].Wait(ctx, time.Minute)
	check(-1, -1, -1, -1, 0, 1)
	if v, err := all[3].View(window); err != nil || !v.Stopped || v.Looked != 0 {
		t.Errorf("one that was stopped while it waited: %+v, %v", v, err)
	}
	close(slow.letGo)
	for _, job := range all {
		job.Wait(ctx, time.Minute)
	}
	for i, job := range all {
		if v, _ := job.View(window); !v.Ended || v.Stopped != (i == 0 || i == 3) {
			t.Errorf("search %d: %+v", i, v)
		}
	}
}

// TestJobsMakeRoom: the tables that are kept are bounded all together; of the oldest the
// rows of its page stay.
func TestJobsMakeRoom(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	at := noon
	h.Now = func() time.Time { at = at.Add(time.Second); return at }
	jobs := search.NewJobs(h.Engine)
	t.Cleanup(jobs.Close)
	jobs.Room = 600 << 10
	var all []*search.Job
	for range 3 {
		all = append(all, start(t, jobs, "| makeresults count=2000 | streamstats count as n"))
		all[len(all)-1].Wait(ctx, time.Minute)
	}
	other := search.Window{Limit: 10, From: 1990}
	for i, job := range all {
		v, err := job.View(window)
		kept := i == 2
		if err != nil || job.Shows(other) != kept || len(v.Rows) != 10 || v.Total != 2000 || (v.Whole != nil) != kept ||
			(len(v.Messages) == 0) != kept {
			t.Errorf("table %d: shows others: %t; %d rows of %d, %+v, %v", i, job.Shows(other), len(v.Rows), v.Total,
				v.Messages, err)
		}
	}
}

// TestJobsAreRecorded: a search that takes long is recorded when that is known and when
// it ends, however it does; a short one is not.
func TestJobsAreRecorded(t *testing.T) {
	t.Parallel()
	jobs, slow := heldJobs(t)
	kept := newShelf()
	jobs.Keep(kept, time.Millisecond, func(err error) { t.Error(err) })
	stopped, done := start(t, jobs, "x"), start(t, jobs, "y | stats count")
	for range 2 {
		<-kept.kept
	}
	stopped.Stop()
	<-kept.kept
	close(slow.letGo)
	<-kept.kept
	jobs.Close()
	kept.mu.Lock()
	defer kept.mu.Unlock()
	for id, want := range map[string]store.SearchJob{
		stopped.ID: {Text: "x", State: store.JobStopped, Message: "It was stopped."},
		done.ID:    {Text: "y | stats count", State: store.JobDone, Complete: true, Rows: 1},
	} {
		got := kept.last[id]
		if len(kept.states[id]) != 2 || kept.states[id][0] != store.JobRuns || got.Text != want.Text ||
			got.State != want.State || got.Message != want.Message || got.Complete != want.Complete || got.Rows != want.Rows ||
			got.Who != "anna" || got.Earliest != "-1h" || !got.Ended.Equal(noon) {
			t.Errorf("%v, %+v", kept.states[id], got)
		}
	}
	if got := jobs.Known(done.ID); got == nil || got.Record() != kept.last[done.ID] {
		t.Errorf("%+v", got)
	}
}
