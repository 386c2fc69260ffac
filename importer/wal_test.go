package importer_test

import (
	"context"
	"os"
	"testing"

	"escutcheon/db"
	"escutcheon/demo/logwriter"
	"escutcheon/intake"
)

// sampled is a store whose WAL is measured at each commit of a batch.
type sampled struct {
	*db.DB
	last, most, written int64
}

func (s *sampled) StoreBatch(ctx context.Context, b *intake.Batch) (intake.Counts, error) {
	c, err := s.DB.StoreBatch(ctx, b)
	now := int64(0)
	if info, err := os.Stat(s.Path() + "-wal"); err == nil {
		now = info.Size()
	}
	s.written += max(now-s.last, 0)
	s.last, s.most = now, max(s.most, now)
	return c, err
}

// TestImportKeepsTheWALShort: a log whose import writes more than the WAL may
// have leaves it under twice the log's size or 64 MiB, whichever is more, at each
// commit.
func TestImportKeepsTheWALShort(t *testing.T) {
	if testing.Short() {
		t.Skip("writes 100 MB")
	}
	var log []byte
	for r := range logwriter.Bulk(13_000, 5) {
		log = append(logwriter.AppendNXLog(log, r, nil), '\n')
	}
	b := newFullBench(t)
	s := &sampled{DB: b.store}
	b.im = b.over(s, 50)
	if i := b.add("log", log, intake.Import{}); i.Status != intake.Done || i.New != 13_000 {
		t.Fatalf("%+v", i)
	}
	bound := max(2*int64(len(log)), 64<<20)
	if s.most > bound || s.written <= bound {
		t.Errorf("the WAL had %d MiB, of %d written, for a log of %d; want at most %d", s.most>>20, s.written>>20,
			len(log)>>20, bound>>20)
	}
	t.Logf("%d MiB of %d for %d", s.most>>20, s.written>>20, len(log)>>20)
}
