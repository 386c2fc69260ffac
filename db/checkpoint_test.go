package db_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"escutcheon/db"
)

// TestTheWALStaysShort: what is written is three times what the WAL may have,
// and pages are read all the while.
func TestTheWALStaysShort(t *testing.T) {
	if testing.Short() {
		t.Skip("writes 200 MB")
	}
	path := filepath.Join(t.TempDir(), "x.db")
	d, ctx := open(t, path), context.Background()
	stop := make(chan bool)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				if _, err := d.Imports(ctx, 0, 50); err != nil {
					t.Error(err)
				}
				time.Sleep(time.Millisecond)
			}
		})
	}
	most := int64(0)
	blob := bytes.Repeat([]byte("x"), 1<<20)
	for i := range 200 {
		if err := d.WriteLarge(ctx, func(p db.Part) error {
			return p.Exec(`INSERT INTO rejected_bytes (import_id, n, part, data) VALUES (1, ?, 0, ?)`, i, blob)
		}); err != nil {
			t.Fatal(err)
		}
		if info, err := os.Stat(path + "-wal"); err == nil {
			most = max(most, info.Size())
		}
	}
	close(stop)
	all.Wait()
	if most > 64<<20 || most == 0 {
		t.Errorf("the WAL had %d MiB", most>>20)
	}
	t.Logf("at most %d MiB", most>>20)
}

// TestAReaderOfAnOldSnapshotStopsNoWrite: while it reads the WAL cannot be
// emptied; once it has ended it is.
func TestAReaderOfAnOldSnapshotStopsNoWrite(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.db")
	d, q, ctx := open(t, path), raw(t, path), context.Background()
	tx, err := q.Begin()
	if err != nil {
		t.Fatal(err)
	}
	var n int
	if err := tx.QueryRow(`SELECT count(*) FROM import`).Scan(&n); err != nil {
		t.Fatal(err)
	}
	blob := bytes.Repeat([]byte("x"), 8<<20)
	for i := range 7 {
		if err := d.WriteLarge(ctx, func(p db.Part) error {
			return p.Exec(`INSERT INTO rejected_bytes (import_id, n, part, data) VALUES (1, ?, 0, ?)`, i, blob)
		}); err != nil {
			t.Fatal(err)
		}
	}
	wal := func() int64 {
		info, err := os.Stat(path + "-wal")
		if err != nil {
			t.Fatal(err)
		}
		return info.Size()
	}
	if wal() < 56<<20 {
		t.Errorf("under a reader the WAL has %d MiB", wal()>>20)
	}
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	for wal() > 0 { // a test that hangs here has failed
		time.Sleep(10 * time.Millisecond)
	}
}
