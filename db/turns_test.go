package db_test

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"escutcheon/db"
	"escutcheon/store"
)

// Of those who wait for a reader, the one whose request came first is first, and
// one that gives up takes no turn from the others.
func TestReadersTurns(t *testing.T) {
	d := open(t, filepath.Join(t.TempDir(), "turns.db"))
	ctx, now := t.Context(), time.Now()
	var give []func()
	for range db.Readers {
		g, err := d.TakeReader(ctx)
		if err != nil {
			t.Fatal(err)
		}
		give = append(give, g)
	}
	order := make(chan string, 3)
	wait := func(ctx context.Context, name string, came time.Time) <-chan error {
		before, done := d.WaitingReaders(), make(chan error, 1)
		go func() {
			g, err := d.TakeReader(store.WithCame(ctx, came))
			if err == nil {
				order <- name
				g()
			}
			done <- err
		}()
		for d.WaitingReaders() == before {
			time.Sleep(time.Millisecond)
		}
		return done
	}
	late := wait(ctx, "late", now.Add(time.Second))
	gone, cancel := context.WithCancel(ctx)
	left := wait(gone, "left", now.Add(-time.Hour))
	early := wait(ctx, "early", now)
	cancel()
	if err := <-left; !errors.Is(err, context.Canceled) {
		t.Fatalf("one that gave up: %v", err)
	}
	give[0]()
	for _, done := range []<-chan error{late, early} {
		if err := <-done; err != nil {
			t.Fatal(err)
		}
	}
	if a, b := <-order, <-order; a != "early" || b != "late" {
		t.Errorf("%s came before %s", a, b)
	}
	for _, g := range give[1:] {
		g()
	}
	for range db.Readers { // all are free again
		if _, err := d.TakeReader(ctx); err != nil {
			t.Fatal(err)
		}
	}
}
