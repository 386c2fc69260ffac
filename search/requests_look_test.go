package search_test

import (
	"strings"
	"testing"
	"time"

	"escutcheon/search"
)

// TestLooks: looks at requests take their turns among the searches, say nothing new before
// they have ended, and may be stopped.
func TestLooks(t *testing.T) {
	t.Parallel()
	jobs, slow := heldJobs(t)
	jobs.Workers(1)
	search1 := start(t, jobs, "x")
	of := search.RequestsOf{Hosts: []string{"web01"}, At: noon, Around: time.Hour}
	var all []*search.Look
	for range 3 {
		l, err := jobs.StartRequests(of, "/page")
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, l)
	}
	for i, l := range all {
		r, err := l.Answer()
		if l.Ended() || l.Ahead() != i || err != nil || r.Why != "" || r.Complete || !r.From.Equal(noon.Add(-time.Hour)) ||
			r.Lists != nil || jobs.Look(l.ID) != l || l.Page != "/page" {
			t.Errorf("look %d: ahead %d, %+v, %v", i, l.Ahead(), r, err)
		}
	}
	if jobs.Look(search1.ID) != nil {
		t.Error("a search is found among the looks")
	}
	all[1].Stop()
	all[1].Wait(ctx, time.Minute)
	search1.Stop()
	search1.Wait(ctx, time.Minute)
	for l := all[0]; l.Ahead() >= 0; time.Sleep(time.Millisecond) {
	}
	all[0].Stop()
	all[0].Wait(ctx, time.Minute)
	for _, l := range all[:2] {
		r, err := l.Answer()
		if !l.Ended() || err != nil || r.Complete || !r.Collected ||
			!strings.HasPrefix(r.Why, "It was stopped. 0 of 0 parts") {
			t.Errorf("stopped: %+v, %v", r, err)
		}
	}
	close(slow.letGo)
	all[2].Wait(ctx, time.Minute)
	if r, err := all[2].Answer(); !all[2].Ended() || err != nil || !r.Complete || r.Collected {
		t.Errorf("%+v, %v", r, err)
	}
	jobs.Close()
	if _, err := jobs.StartRequests(of, "/page"); err == nil {
		t.Error("a look began after the end")
	}
}
