package importer_test

import (
	"bytes"
	"context"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
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
	ctx := context.Background()
	b := newBench(t)
	r := rand.New(rand.NewPCG(3, 3))
	data := write(r, randomRecords(r, 95), 1)
	kept, err := b.spool.Keep(ctx, bytes.NewReader(data), 0)
	if err != nil {
		t.Fatal(err)
	}
	slow := &tapped{DB: b.store}
	first, second := b.over(slow, 10), b.over(b.store, 10)
	id, err := first.Admit(ctx, intake.Import{Name: "x", Source: intake.Upload, Zone: "UTC", Path: kept.Path,
		SHA256: kept.SHA256, Size: kept.Size})
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
	if won.Status != intake.Done || won.New != 95 || won.Read != won.New+won.Duplicate || lost.Counts != won.Counts ||
		lost.Status != intake.Done {
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

// TestRunTwice: the same process running one import twice at once stores it
// once, also records that nothing but their place in the file tells apart.
func TestRunTwice(t *testing.T) {
	ctx := context.Background()
	b := newBench(t)
	line := `{"EventTime":"2025-12-01 00:00:00","Hostname":"web01","EventID":7,"Channel":"System","SourceName":"x","Message":"the same"}` + "\n"
	kept, err := b.spool.Keep(ctx, strings.NewReader(strings.Repeat(line, 55)), 0)
	if err != nil {
		t.Fatal(err)
	}
	tap := &tapped{DB: b.store}
	im := b.over(tap, 10)
	id, err := im.Admit(ctx, intake.Import{Name: "x", Source: intake.Upload, Zone: "UTC", Path: kept.Path,
		SHA256: kept.SHA256, Size: kept.Size})
	if err != nil {
		t.Fatal(err)
	}
	var inner intake.Import
	tap.then = func() {
		if inner, err = im.Run(ctx, id); err != nil {
			t.Error(err)
		}
	}
	outer, err := im.Run(ctx, id)
	if err != nil || inner.New != 55 || inner.Status != intake.Done || outer.Counts != inner.Counts {
		t.Errorf("%v: %s %+v, then %s %+v; want 55 new", err, inner.Status, inner.Counts, outer.Status, outer.Counts)
	}
}

// TestFileChanges: an import of a file that is not ours to keep fails when its
// bytes are not those that were hashed.
func TestFileChanges(t *testing.T) {
	ctx := context.Background()
	r := rand.New(rand.NewPCG(4, 4))
	records := randomRecords(r, 40)
	for name, change := range map[string]func(data []byte) []byte{
		"appended to": func(data []byte) []byte { return append(data, data...) },
		"cut":         func(data []byte) []byte { return data[:len(data)/2] },
		"replaced":    func(data []byte) []byte { return bytes.ReplaceAll(data, []byte("29"), []byte("30")) },
	} {
		b := newBench(t) // which does not know the file yet
		var data []byte
		for i := range records {
			data = writers[0].append(data, &records[i])
		}
		path := filepath.Join(t.TempDir(), "log")
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		named, err := importer.Hash(ctx, path)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, change(data), 0o600); err != nil {
			t.Fatal(err)
		}
		id, err := b.im.Admit(ctx, intake.Import{Name: "log", Source: intake.CommandLine, Zone: "UTC", Path: path,
			SHA256: named.SHA256, Size: named.Size})
		if err != nil {
			t.Fatal(err)
		}
		i, err := b.im.Run(ctx, id)
		if err != nil {
			t.Fatal(err)
		}
		want := intake.Failed
		if name == "appended to" { // the bytes that were hashed are there, and they alone are read
			want = intake.Done
		}
		if i.Status != want || want == intake.Failed && !strings.Contains(i.Reason, "changed while") || i.Bytes > named.Size {
			t.Errorf("%s: %s %q, %d of %d bytes read", name, i.Status, i.Reason, i.Bytes, named.Size)
		}
	}
}
