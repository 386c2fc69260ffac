package importer_test

import (
	"bytes"
	"context"
	"math/rand/v2"
	"testing"

	"escutcheon/db"
	"escutcheon/fault"
	"escutcheon/importer"
	"escutcheon/intake"
)

// tapped calls a function before its second batch is stored.
type tapped struct {
	*db.DB
	n    int
	then func()
}

func (s *tapped) StoreBatch(ctx context.Context, b *intake.Batch) (intake.Counts, error) {
	if s.n++; s.n == 2 {
		s.then()
	}
	return s.DB.StoreBatch(ctx, b)
}

// TestTakenOver: a process that was taken for dead, and wakes up in the middle
// of an import that another has finished since, adds nothing to it.
func TestTakenOver(t *testing.T) {
	defer importer.SetBatchRecords(10)()
	ctx := context.Background()
	b := newBench(t)
	r := rand.New(rand.NewPCG(3, 3))
	data := write(r, randomRecords(r, 95), 1)
	kept, err := b.spool.Keep(ctx, bytes.NewReader(data), 0)
	if err != nil {
		t.Fatal(err)
	}
	slow := &tapped{DB: b.store}
	first, second := importer.New(slow, b.rules, b.spool), importer.New(b.store, b.rules, b.spool)
	id, err := first.Admit(ctx, intake.Import{Name: "x", Source: intake.Upload, Zone: "UTC", Path: kept.Path, SHA256: kept.SHA256, Size: kept.Size})
	if err != nil {
		t.Fatal(err)
	}
	var won intake.Import
	slow.then = func() {
		if won, err = second.Run(ctx, id); err != nil {
			t.Errorf("the process that takes over: %v", err)
		}
	}
	lost, err := first.Run(ctx, id)
	if err != nil {
		t.Errorf("the process that woke up: %v", err)
	}
	if won.Status != intake.Done || won.New != 95 || won.Read != won.New+won.Duplicate || lost.Counts != won.Counts || lost.Status != intake.Done {
		t.Errorf("taken over: %s %+v; then %s %+v", won.Status, won.Counts, lost.Status, lost.Counts)
	}
	if _, err := first.Run(ctx, id); fault.CodeOf(err) != fault.Conflict {
		t.Errorf("an import that has ended ran again: %v", err)
	}
	undisturbed := newBench(t)
	i := undisturbed.add("x", data, intake.Import{})
	if i.Counts.Read != won.Read || i.New != won.New || undisturbed.dump() != b.dump() {
		t.Errorf("an undisturbed import differs: %+v, %+v", i.Counts, won.Counts)
	}
}
