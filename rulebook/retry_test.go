package rulebook_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"escutcheon/detection"
	"escutcheon/importer"
	"escutcheon/intake"
	"escutcheon/store"
)

const loadedID = "11111111-2222-4333-8444-555555555555"

// loadMany has a process load the rule of that id.
func (d *desk) loadMany() {
	d.t.Helper()
	if err := d.book.Load(ctx, []detection.SourceFile{{Kind: detection.RuleFile, Path: "many.yml",
		Content: []byte(loaded)}}); err != nil {
		d.t.Fatal(err)
	}
}

// flip has a process switch the seed off or on again: a change of the rules in
// force.
func (d *desk) flip() {
	d.t.Helper()
	if err := d.book.Enable(ctx, detection.SeedID, d.book.Disabled(detection.SeedID), "night shift"); err != nil {
		d.t.Fatal(err)
	}
}

// TestStale: each call of the store that rests on the rules is refused whole
// where another process has changed them, and Retry makes it good.
func TestStale(t *testing.T) {
	data := log(0, 40)
	for name, call := range map[string]func(d *desk, id int64) error{
		"delete":   func(d *desk, id int64) error { return d.store.DeleteImport(ctx, id) },
		"catch up": func(d *desk, _ int64) error { _, err := d.store.CatchUp(ctx, 100); return err },
	} {
		one := newDesk(t)
		two := open(t, one.store.Path())
		one.add(data)
		before := one.found()
		list, err := one.store.Imports(ctx, 0, 1)
		if err != nil {
			t.Fatal(err)
		}
		two.flip()
		two.flip()
		two.catchUp()
		if err := call(one, list[0].ID); !errors.Is(err, intake.ErrStale) {
			t.Errorf("%s with rules that are stale: %v, want %v", name, err, intake.ErrStale)
		}
		if got := one.found(); got != before {
			t.Errorf("%s was refused and changed something:\n%s\nwant\n%s", name, got, before)
		}
		if err := one.book.Retry(ctx, func() error { return call(one, list[0].ID) }); err != nil {
			t.Errorf("%s, tried again: %v", name, err)
		}
	}
}

// TestStaleImports: imports of new records and of stored ones go on with the
// rules that another process brought, and what they find is what one process
// alone would have found.
func TestStaleImports(t *testing.T) {
	one := newDesk(t)
	two := open(t, one.store.Path())
	one.add(log(0, 30))
	two.loadMany()
	one.add(log(30, 60)) // a batch with stale rules
	list, err := one.store.Imports(ctx, 0, 10)
	if err != nil || len(list) != 2 {
		t.Fatalf("%d imports, %v", len(list), err)
	}
	two.flip()
	again, err := one.im.Again(ctx, list[1].ID, "Europe/Oslo", "", "")
	if err != nil {
		t.Fatal(err)
	}
	id, err := one.im.Admit(ctx, again)
	if err != nil {
		t.Fatal(err)
	}
	if i, err := one.im.Run(ctx, id); err != nil || i.Status != intake.Done || i.New+i.Duplicate != 30 {
		t.Fatalf("replaced with rules that are stale: %v, %+v", err, i)
	}
	one.catchUp()
	if one.book.Find(loadedID) == nil || !one.book.Disabled(detection.SeedID) {
		t.Error("what the other process changed was not noticed")
	}
	alone := newDesk(t)
	alone.loadMany()
	alone.flip()
	alone.add(log(30, 60))
	alone.add(log(0, 30))
	alone.catchUp()
	if got := one.found(); got != alone.found() || alone.of(loadedID) == 0 {
		t.Errorf("two processes:\n%s\none:\n%s", got, alone.found())
	}
}

// TestUnretried: an importer that was given no Retry makes the call once.
func TestUnretried(t *testing.T) {
	one := newDesk(t)
	two := open(t, one.store.Path())
	one.im.Retry = importer.New(one.store, one.book.Rules, one.im.Spool()).Retry
	two.flip()
	kept, err := one.im.Spool().Keep(ctx, strings.NewReader(string(log(0, 5))), 0)
	if err != nil {
		t.Fatal(err)
	}
	id, err := one.im.Admit(ctx, intake.Import{Name: "log", Source: intake.Upload, Zone: "UTC", Path: kept.Path,
		SHA256: kept.SHA256, Size: kept.Size})
	if err != nil {
		t.Fatal(err)
	}
	if i, err := one.im.Run(ctx, id); err != nil || i.Status != intake.Failed ||
		!strings.Contains(i.Reason, intake.ErrStale.Error()) {
		t.Errorf("%v, %s %s", err, i.Status, i.Reason)
	}
}

// TestRetry: again for as long as the rules change, and for no other reason.
func TestRetry(t *testing.T) {
	one := newDesk(t)
	two := open(t, one.store.Path())
	calls := 0
	err := one.book.Retry(ctx, func() error {
		if calls++; calls < 4 {
			two.flip() // after the rules were read again
		}
		_, err := one.store.CatchUp(ctx, 100)
		return err
	})
	if err != nil || calls != 4 {
		t.Errorf("%d calls, %v; want 4: the rules changed three times", calls, err)
	}
	other := errors.New("something else")
	calls = 0
	if err := one.book.Retry(ctx, func() error { calls++; return other }); !errors.Is(err, other) || calls != 1 {
		t.Errorf("%d calls, %v; want one and %v", calls, err, other)
	}
	if err := one.book.Retry(ctx, func() error { return nil }); err != nil {
		t.Error(err)
	}
	gone, cancel := context.WithCancel(ctx)
	cancel()
	calls = 0
	if err := one.book.Retry(gone, func() error { calls++; return intake.ErrStale }); err == nil ||
		errors.Is(err, intake.ErrStale) || calls != 1 {
		t.Errorf("%d calls, %v; want one, and why the rules could not be read", calls, err)
	}
}

// TestBehind: CatchUp says how far it is, until no rule is behind.
func TestBehind(t *testing.T) {
	one := newDesk(t)
	one.book.Step = 20
	one.add(log(0, 50))
	one.loadMany()
	var told []store.Behind
	if err := one.book.CatchUp(ctx, func(b store.Behind) { told = append(told, b) }); err != nil {
		t.Fatal(err)
	}
	want := []store.Behind{{Rules: 1, Done: 20, Events: 50}, {Rules: 1, Done: 40, Events: 50},
		{Rules: 1, Done: 50, Events: 50}, {Rules: 0, Done: 0, Events: 50}}
	if len(told) != len(want) {
		t.Fatalf("told %+v, want %+v", told, want)
	}
	for i := range want {
		if told[i] != want[i] {
			t.Errorf("step %d told %+v, want %+v", i, told[i], want[i])
		}
	}
	if got := one.book.Behind(); got != want[3] {
		t.Errorf("in the end %+v is behind", got)
	}
}

// TestRun: rules that are loaded while Run goes on are run over what is stored,
// by nobody else.
func TestRun(t *testing.T) {
	one := newDesk(t)
	one.add(log(0, 50))
	within, stop := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() { defer close(ended); one.book.Run(within) }()
	one.loadMany()
	for until := time.Now().Add(10 * time.Second); one.of(loadedID) != 3; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(until) {
			t.Fatalf("found\n%s", one.found())
		}
	}
	stop()
	<-ended
}
