package db_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"syscall"
	"testing"

	"escutcheon/db"
	"escutcheon/demo/logwriter"
	"escutcheon/eventstore/clickhouse/clickhousetest"
	"escutcheon/fault"
	"escutcheon/intake"
)

// TestFullElsewhere fills the server's disk: what was stored is whole, the batch that has
// no place is stored when there is some.
func TestFullElsewhere(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=8m"); err != nil {
		t.Skipf("a small file system cannot be mounted here (%v): run the tests as root, or within: unshare "+
			"--map-root-user --mount", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	server := clickhousetest.Start(t, dir)
	h := newHouseAt(t, db.Events{At: server.Address(), Open: openClickHouse}, stats(t))
	r := rand.New(rand.NewPCG(1, 1))
	i, n, stored := h.begin(intake.Import{Name: "x"}), int64(0), ""
	var last *intake.Batch
	for range 40 {
		var recs []logwriter.Record
		for range 300 {
			n++
			recs = append(recs, iis("web01", int(n), n, fmt.Sprintf("/%x%s", r.Uint64(), noise(r))))
		}
		last, stored = h.batch(i, recs...), h.one(`SELECT count(*) FROM block`)
		c, err := h.StoreBatch(ctx, last)
		if err != nil {
			h.refuses("a batch", err, fault.Full, "Free some space there")
			break
		}
		i.Counts, last = c, nil
	}
	if last == nil {
		t.Fatal("the disk took all")
	}
	h.is("blocks", h.one(`SELECT count(*) FROM block`), stored)
	if err := syscall.Mount("tmpfs", dir, "tmpfs", syscall.MS_REMOUNT, "size=400m"); err != nil {
		t.Fatal(err)
	}
	_, err := h.StoreBatch(ctx, last)
	h.ok(err)
	h.ok(h.FinishImport(ctx, i.ID, "me", intake.Done, ""))
	h.is("events", int64(len(h.stored())), n)
	h.is("damages", len(h.damages()), 0)
}

// noise is text that nothing makes smaller.
func noise(r *rand.Rand) string {
	var b strings.Builder
	for range 120 {
		fmt.Fprintf(&b, "%c", 'a'+r.IntN(26))
	}
	return b.String()
}
