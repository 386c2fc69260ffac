package db_test

import (
	"context"
	"iter"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"testing"

	"escutcheon/store"
)

const manyNotes = `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1500)
	INSERT INTO note (id, dest, finding, author, editor, created, edited, revision, text)
	SELECT i, 'web01', '', 'a', 'a', i, i, 1, 'n' || i FROM n`

func texts(t *testing.T, notes iter.Seq2[store.Note, error]) (out []string) {
	t.Helper()
	for n, err := range notes {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, strconv.FormatInt(n.ID, 10))
	}
	return out
}

// TestADownloadHoldsNothingBetweenChunks: more of them than there are
// connections stand still in the middle, and others are read from end to end.
func TestADownloadHoldsNothingBetweenChunks(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.db")
	d, q, ctx := open(t, path), raw(t, path), context.Background()
	if _, err := q.Exec(manyNotes); err != nil {
		t.Fatal(err)
	}
	var standing []func() (store.Note, error, bool)
	for range 2 + 2*runtime.NumCPU() {
		next, stop := iter.Pull2(d.Notes(ctx, ""))
		defer stop()
		if n, err, ok := next(); !ok || err != nil || n.ID != 1 {
			t.Fatalf("the first one: %d %v %t", n.ID, err, ok)
		}
		standing = append(standing, next)
	}
	got := texts(t, d.Notes(ctx, ""))
	if len(got) != 1500 || !slices.IsSorted(got) {
		t.Errorf("%d notes, sorted: %t", len(got), slices.IsSorted(got))
	}
	// What goes meanwhile is left out, and nothing else.
	if _, err := q.Exec(`DELETE FROM note WHERE id IN (998, 999)`); err != nil {
		t.Fatal(err)
	}
	n := 1
	for {
		note, err, ok := standing[0]()
		if !ok {
			break
		}
		if err != nil || note.ID == 998 || note.ID == 999 {
			t.Fatalf("note %d: %v", note.ID, err)
		}
		n++
	}
	if n != 1498 {
		t.Errorf("one that went on has %d notes, not 1498", n)
	}
}

func TestRejectionsOfAllChunks(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.db")
	d := open(t, path)
	if _, err := raw(t, path).Exec(`PRAGMA foreign_keys = 0; WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1
		FROM n WHERE i < 1023) INSERT INTO rejection (import_id, n, offset, length, reason, sample)
		SELECT 7, i, i * 10, 1, '', x'' FROM n`); err != nil {
		t.Fatal(err)
	}
	n := int64(0)
	for r, err := range d.AllRejections(context.Background(), 7) {
		if err != nil || r.Offset != n*10 {
			t.Fatalf("rejection %d: offset %d, %v", n, r.Offset, err)
		}
		n++
	}
	if n != 1024 {
		t.Errorf("%d rejections, not 1024", n)
	}
}
