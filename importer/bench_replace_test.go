package importer_test

import (
	"context"
	"os"
	"testing"
	"time"

	"escutcheon/intake"
	"escutcheon/store"
)

// BenchmarkReplacement replaces an import of 64,000 events, or of the file
// ESCUTCHEON_FLEET, by one with another zone, by which all events are others, and
// by one with another computer's name, by which none is. Beside it notes are
// written one after another: note-s is how long one waited at most.
func BenchmarkReplacement(b *testing.B) {
	log := os.Getenv("ESCUTCHEON_FLEET")
	if log == "" {
		log = save(b, "log", bulk(64_000, 1, writers[2].append))
	}
	for name, answers := range map[string]intake.Import{"zone": {Zone: "Asia/Tokyo"},
		"computer": {Zone: "UTC", Computer: "web09"}} {
		b.Run(name, func(b *testing.B) {
			longest := time.Duration(0)
			seconds(b, func(b *testing.B) time.Duration {
				s := newBenchStore(b)
				_, old := s.bring(log)
				began := time.Now()
				stop, waited := make(chan struct{}), make(chan time.Duration)
				go s.notes(s.host(), stop, waited)
				s.again(old.ID, answers)
				took := time.Since(began)
				close(stop)
				longest = max(longest, <-waited)
				return took
			})
			b.ReportMetric(longest.Seconds(), "note-s")
		})
	}
}

// again has an import take the place of one.
func (s *benchStore) again(old int64, answers intake.Import) {
	ctx := context.Background()
	i, err := s.im.Again(ctx, old, answers.Zone, answers.Computer, "")
	if err != nil {
		s.Fatal(err)
	}
	id, err := s.im.Admit(ctx, i)
	if err != nil {
		s.Fatal(err)
	}
	if i, err = s.im.Run(ctx, id); err != nil || i.Status != intake.Done {
		s.Fatalf("%v: %s %s", err, i.Status, i.Reason)
	}
}

// notes writes notes until it is stopped, and says how long one waited at most.
func (s *benchStore) notes(host string, stop <-chan struct{}, waited chan<- time.Duration) {
	longest := time.Duration(0)
	for {
		select {
		case <-stop:
			waited <- longest
			return
		default:
		}
		began := time.Now()
		if _, err := s.store.AddNote(context.Background(), store.Note{Dest: host, Author: "a", Text: "b"}); err != nil {
			s.Error(err)
			<-stop
			waited <- 0
			return
		}
		longest = max(longest, time.Since(began))
		time.Sleep(5 * time.Millisecond)
	}
}

// host is one that is stored.
func (s *benchStore) host() string {
	for h, err := range s.store.AllHosts(context.Background(), store.HostFilter{}) {
		if err != nil {
			s.Fatal(err)
		}
		return h.Dest
	}
	return ""
}
