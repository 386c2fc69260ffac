package importer_test

import (
	"bytes"
	"context"
	"slices"
	"strconv"
	"testing"
	"time"

	"escutcheon/db"
	"escutcheon/importer"
	"escutcheon/intake"
)

// told is a store that remembers how far an import was said to be.
type told struct {
	*db.DB
	at      []int64 // of the archive, as was stored
	batches []int64 // of a log
	members [][2]int64
	im      *importer.Importer
}

func (s *told) Progress(ctx context.Context, parent, n int64) error {
	done, all, _ := s.im.Members(parent)
	s.at, s.members = append(s.at, n), append(s.members, [2]int64{done, all})
	return s.DB.Progress(ctx, parent, n)
}

func (s *told) StoreBatch(ctx context.Context, b *intake.Batch) (intake.Counts, error) {
	s.batches = append(s.batches, b.Bytes)
	return s.DB.StoreBatch(ctx, b)
}

// numbered are so many events, of which the numbers begin behind from.
func numbered(from, n int) []byte {
	out := make([]byte, 0, 400*n)
	for i := range n {
		out = append(out, `{"EventTime": "2025-12-06 19:43:11", "Hostname": "web01", "EventID": 7, `+
			`"Channel": "Application", "SourceModuleName": "in", "SourceName": "P", "Message": "nothing to see", "RecordNumber": `...)
		out = append(out, strconv.Itoa(from+i)...)
		out = append(out, "}\n"...)
	}
	return out
}

func (b *bench) watched(batch int) *told {
	s := &told{DB: b.store}
	b.im = b.over(s, batch)
	b.im.Tell, s.im = time.Nanosecond, b.im
	return s
}

// TestProgressOfAnArchive: it counts what is stored, by what members weigh and not
// by what they were packed to, also within a large one; and says how many files.
func TestProgressOfAnArchive(t *testing.T) {
	b := newBench(t)
	s := b.watched(500)
	small, large := numbered(0, 20), numbered(20, 9000)
	if len(large) < importer.SmallFile {
		t.Fatal("the large one is small")
	}
	data := zipped(t, file{"a.log", small}, file{"b.log", numbered(10000, 20)}, file{"large.log", large},
		file{"c.log", numbered(20000, 20)})
	i := b.add("case.zip", data, intake.Import{})
	if i.Status != intake.Done || i.Bytes != i.Size || i.New != 9060 {
		t.Fatalf("%+v", i)
	}
	size := float64(len(data))
	if !slices.IsSorted(s.at) || s.at[len(s.at)-1] != i.Size {
		t.Errorf("progress goes %d", s.at)
	}
	early, within := 0, 0
	for n, at := range s.at[:len(s.at)-1] {
		switch part := float64(at) / size; {
		case at >= i.Size:
			t.Errorf("all of it is said to be stored before it is: %d", s.at)
		case part < 0.03:
			early++
		case part < 0.95:
			within++
			if s.members[n] != [2]int64{2, 4} {
				t.Errorf("at %.2f %d files of %d", part, s.members[n][0], s.members[n][1])
			}
		}
	}
	if early == 0 || within == 0 {
		t.Errorf("%d told before the large one, %d within it: %d", early, within, s.at)
	}
	if _, _, ok := b.im.Members(i.ID); ok {
		t.Error("it is still said to be read")
	}
}

// TestProgressOfALog: a batch says where its records stand in the file, not how
// much was read ahead.
func TestProgressOfALog(t *testing.T) {
	b := newBench(t)
	s := b.watched(500)
	data := numbered(0, 6000)
	if i := b.add("a.log", data, intake.Import{}); i.New != 6000 || i.Bytes != i.Size {
		t.Fatalf("%+v", i)
	}
	if len(s.batches) < 12 || s.batches[0] > int64(bytes.Index(data, []byte(`"RecordNumber": 500`))) ||
		s.batches[5] > int64(len(data)*6/12) || !slices.IsSorted(s.batches) {
		t.Errorf("batches of 500 records of 6000 end at %d of %d bytes", s.batches, len(data))
	}
}
