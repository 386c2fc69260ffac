package importer_test

import (
	"context"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"escutcheon/db"
	"escutcheon/fault"
	"escutcheon/importer"
	"escutcheon/intake"
)

// stepwise deletes in as many steps as it is told; each but the first waits
// until it may go on.
type stepwise struct {
	*db.DB
	steps atomic.Int64 // before the one that deletes
	taken atomic.Int64
	goOn  chan bool
}

func (s *stepwise) DeleteStep(ctx context.Context, id int64) (bool, error) {
	if s.taken.Add(1) > 1 {
		select {
		case <-s.goOn:
		case <-ctx.Done():
			return false, ctx.Err()
		}
	}
	if s.steps.Add(-1) >= 0 {
		return false, nil
	}
	err := s.DB.DeleteImport(ctx, id)
	return err == nil, err
}

// DeletingImports are those of which a step was done.
func (s *stepwise) DeletingImports(ctx context.Context) ([]intake.Import, error) {
	if s.taken.Load() == 0 {
		return nil, nil
	}
	return s.DB.Imports(ctx, 0, 10)
}

func (s *stepwise) queue(b *bench, wait time.Duration) *importer.Queue {
	q := importer.NewQueue(b.over(s, 10), slog.New(slog.DiscardHandler))
	q.DeleteWait = wait
	return q
}

func newStepwise(t *testing.T, steps int64) (*bench, *stepwise, intake.Import) {
	b := newBench(t)
	i := b.add("x", demoLog(), intake.Import{})
	s := &stepwise{DB: b.store, goOn: make(chan bool)}
	s.steps.Store(steps)
	return b, s, i
}

func demoLog() []byte {
	return []byte(`{"EventTime":"2024-01-01 00:00:00","Hostname":"a","EventID":1}` + "\n")
}

func TestDeletionInOneStepIsDone(t *testing.T) {
	b, s, i := newStepwise(t, 0)
	close(s.goOn)
	q := s.queue(b, time.Hour)
	if done, err := q.Delete(context.Background(), i.ID); !done || err != nil {
		t.Errorf("deleted: %t, %v", done, err)
	}
	if done, err := q.Delete(context.Background(), i.ID); done || fault.CodeOf(err) != fault.NotFound {
		t.Errorf("deleted once more: %t, %v", done, err)
	}
	if err := q.Close(); err != nil {
		t.Error(err)
	}
}

// TestDeletionGoesOnByItself: whoever began it does not wait for long, another
// one may wait for its end.
func TestDeletionGoesOnByItself(t *testing.T) {
	ctx := context.Background()
	b, s, i := newStepwise(t, 3)
	q := s.queue(b, 0)
	if done, err := q.Delete(ctx, i.ID); done || err != nil {
		t.Fatalf("the first step: done %t, %v", done, err)
	}
	if _, err := s.ImportByID(ctx, i.ID); err != nil {
		t.Fatalf("half deleted: %v", err)
	}
	close(s.goOn)
	for {
		if _, err := s.ImportByID(ctx, i.ID); fault.CodeOf(err) == fault.NotFound {
			break // a test that hangs here has failed
		}
		time.Sleep(time.Millisecond)
	}
	if err := q.Close(); err != nil {
		t.Error(err)
	}
}

func TestDeletionGoesOnAfterARestart(t *testing.T) {
	ctx := context.Background()
	b, s, i := newStepwise(t, 2)
	q := s.queue(b, 0)
	if done, err := q.Delete(ctx, i.ID); done || err != nil {
		t.Fatalf("the first step: done %t, %v", done, err)
	}
	if err := q.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := s.ImportByID(ctx, i.ID); err != nil {
		t.Fatalf("after the stop: %v", err)
	}
	close(s.goOn)
	again := s.queue(b, 0)
	for {
		if _, err := s.ImportByID(ctx, i.ID); fault.CodeOf(err) == fault.NotFound {
			break
		}
		time.Sleep(time.Millisecond)
	}
	if err := again.Close(); err != nil {
		t.Error(err)
	}
}

// deletingStore says of every import that it is being deleted.
type deletingStore struct{ *db.DB }

func (s deletingStore) ImportByID(ctx context.Context, id int64) (intake.Import, error) {
	i, err := s.DB.ImportByID(ctx, id)
	i.Status = intake.Deleting
	return i, err
}

func TestWhatIsBeingDeletedIsLeftAlone(t *testing.T) {
	ctx := context.Background()
	b, _, i := newStepwise(t, 0)
	im := b.over(deletingStore{b.store}, 10)
	q := importer.NewQueue(im, slog.New(slog.DiscardHandler))
	_, again := im.Again(ctx, i.ID, "UTC", "", "")
	for what, err := range map[string]error{"cancel": q.Cancel(ctx, i.ID), "again": again} {
		if fault.CodeOf(err) != fault.Conflict || fault.Sentence(err) !=
			"This import is being deleted. Import the file once more if you need it." {
			t.Errorf("%s: %v", what, err)
		}
	}
	if err := q.Close(); err != nil {
		t.Error(err)
	}
}
