package handlers_test

import (
	"escutcheon/internal/consoletest"
	"fmt"
	"strings"
	"testing"
	"time"
)

// TestIncident: the badge is that of the gravest threshold, with the moment that
// crossed it, the run that first saw that and the run that first saw the lowest one crossed.
func TestIncident(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	day := time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC)
	var log []byte
	for i := range 13 {
		at := day.Add(10 * time.Hour) // two risk events: 100, no incident
		if i >= 2 {
			at = day.Add(12*time.Hour + 10*time.Minute) // a third: 150
		}
		if i >= 3 {
			at = day.Add(15 * time.Hour) // ten more: 650
		}
		log = append(log, consoletest.Change("web01", int64(i+1), at, fmt.Sprintf("/p%d", i))...)
		if i < 3 {
			log = append(log, consoletest.Change("web02", int64(i+1), at, fmt.Sprintf("/p%d", i))...)
		}
	}
	s.Load(t, "log.json", log)
	got := strings.Join(strings.Fields(consoletest.Text(consoletest.Page(t, s.Get(t, "/hosts/web01").Body))), " ")
	for _, want := range []string{"critical from 500 reached 2026-01-05 15:00:00 UTC peak 650; seen by the run of 16:00",
		"over 100 since 2026-01-05 13:00:00 UTC"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in %.600s", want, got)
		}
	}
	// In the list the moment is that of the risk event too, or the run where ten of
	// one hour are one to it.
	got = strings.Join(strings.Fields(consoletest.Text(consoletest.Page(t, s.Get(t, "/").Body))), " ")
	for _, want := range []string{"critical from 500 peak 650 by 2026-01-05 16:00 UTC",
		"medium over 100 peak 150 2026-01-05 12:10 UTC"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in %.900s", want, got)
		}
	}
}
