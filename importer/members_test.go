package importer_test

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"escutcheon/demo/logwriter"
	"escutcheon/fault"
	"escutcheon/importer"
	"escutcheon/intake"
)

type file struct {
	name string
	data []byte
}

func zipped(t testing.TB, files ...file) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, f := range files {
		w, err := z.Create(f.name)
		if err == nil {
			_, err = w.Write(f.data)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func tarball(t testing.TB, files ...file) []byte {
	t.Helper()
	var b bytes.Buffer
	g := gzip.NewWriter(&b)
	w := tar.NewWriter(g)
	for _, f := range files {
		err := w.WriteHeader(&tar.Header{Name: f.name, Size: int64(len(f.data)), Mode: 0o600, Typeflag: tar.TypeReg})
		if err == nil {
			_, err = w.Write(f.data)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(w.Close(), g.Close()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// logs are the same records in parts, each part in another format, compressed
// or in an archive of its own.
func logs(t testing.TB, r *rand.Rand) (files []file, records []logwriter.Record) {
	records = randomRecords(r, 120)
	for n, w := range writers {
		var data []byte
		for _, i := range r.Perm(len(records))[:len(records)*2/3] {
			data = w.append(data, &records[i])
		}
		files = append(files, file{fmt.Sprintf("logs/%s.log", w.name), data})
		if n == 1 {
			files = append(files, file{"again.tar.gz", tarball(t, file{"../../" + w.name, data}, file{"more", files[0].data})})
		}
	}
	return files, records
}

// TestArchive imports logs within an archive and wants what importing each by
// itself gives.
func TestArchive(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 8))
	files, _ := logs(t, r)
	b := newBench(t)
	for _, f := range files[:2] {
		b.add(f.name, f.data, intake.Import{})
	}
	for _, f := range files[3:] {
		b.add(f.name, f.data, intake.Import{})
	}
	want := b.dump()
	files = append(files, file{"read\x1bme.txt", []byte("no log\n")}, file{"empty", nil})
	for name, data := range map[string][]byte{"zip": zipped(t, files...), "tar.gz": tarball(t, files...),
		"zip in zip": zipped(t, file{"inner.zip", zipped(t, files...)})} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			i := b.add("evidence", data, intake.Import{})
			if i.Status != intake.Done || i.Skipped != 2 || i.Bytes != int64(len(data)) {
				t.Errorf("%s %s, %+v", i.Status, i.Reason, i.Counts)
			}
			if got := b.dump(); got != want {
				t.Errorf("findings differ:\n%s", firstDifference(got, want))
			}
			members, err := b.store.Members(ctx, i.ID)
			if err != nil || len(members) != len(files)+1 {
				t.Fatalf("%d members, %v", len(members), err)
			}
			var sum intake.Counts
			for _, m := range members {
				wantStatus := intake.Done
				if strings.Contains(m.Name, "me.txt") || strings.HasSuffix(m.Name, "empty") {
					wantStatus = intake.Failed
				}
				if m.Status != wantStatus || m.SHA256 == "" && m.Status == intake.Done || m.Parent != i.ID {
					t.Errorf("%q: %s %s", m.Name, m.Status, m.Reason)
				}
				sum.Read, sum.New, sum.Duplicate = sum.Read+m.Read, sum.New+m.New, sum.Duplicate+m.Duplicate
			}
			if sum.Read != i.Read || sum.New != i.New || sum.Duplicate != i.Duplicate || i.New != i.Read-i.Duplicate ||
				i.New == 0 {
				t.Errorf("the members' counts come to %+v, the archive's are %+v", sum, i.Counts)
			}
			if again := b.add("evidence again", data, intake.Import{}); again.SameAs != i.ID || again.Duplicate != i.Read ||
				again.New != 0 {
				t.Errorf("the same archive again: %+v", again)
			}
			if err := b.store.DeleteImport(ctx, i.ID); err != nil {
				t.Fatal(err)
			}
			if got := b.dump(); got != want {
				t.Errorf("after deleting the first of two: %s", firstDifference(got, want))
			}
			for _, left := range b.imports() {
				if err := b.store.DeleteImport(ctx, left.ID); err != nil {
					t.Fatal(err)
				}
			}
			if got := b.dump(); got != newBench(t).dump() {
				t.Errorf("something is left:\n%s", got)
			}
		})
	}
}

// stopping cancels an import when its n-th batch is stored.
type stopping struct {
	importer.Store
	left   int
	cancel context.CancelCauseFunc
}

func (s *stopping) StoreBatch(ctx context.Context, b *intake.Batch) (intake.Counts, error) {
	c, err := s.Store.StoreBatch(ctx, b)
	if s.left--; s.left == 0 {
		s.cancel(importer.ErrShutdown)
	}
	return c, err
}

// TestArchiveResumed stops an archive's import after each batch in turn; what
// goes on with it ends where an undisturbed import does.
func TestArchiveResumed(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 9))
	files, _ := logs(t, r)
	data := zipped(t, files...)
	b := newBench(t)
	whole := b.add("evidence", data, intake.Import{})
	want := b.found()
	step := 1
	if testing.Short() {
		step = 4
	}
	for n := 1; ; n += step {
		b := newBench(t)
		kept, err := b.spool.Keep(ctx, bytes.NewReader(data), 0)
		if err != nil {
			t.Fatal(err)
		}
		run, cancel := context.WithCancelCause(ctx)
		tap := &stopping{Store: b.store, left: n, cancel: cancel}
		im := b.over(tap, 40)
		id, err := im.Admit(ctx, intake.Import{Name: "evidence", Source: intake.Upload, Zone: "UTC", Path: kept.Path,
			SHA256: kept.SHA256, Size: kept.Size})
		if err != nil {
			t.Fatal(err)
		}
		_, err = im.Run(run, id)
		if tap.left > 0 {
			if n < 8 {
				t.Errorf("an import of only %d batches", n)
			}
			break
		}
		if !errors.Is(err, importer.ErrShutdown) {
			t.Fatalf("stopped after %d batches: %v", n, err)
		}
		if err := b.store.Release(ctx, ownerOf(t, b, id)); err != nil {
			t.Fatal(err)
		}
		done, err := b.im.Run(ctx, id)
		if err != nil || done.Status != intake.Done || done.Read != whole.Read || done.New != whole.New ||
			done.Duplicate != whole.Duplicate {
			t.Fatalf("after %d batches: %v, %s %s %+v, want %+v", n, err, done.Status, done.Reason, done.Counts, whole.Counts)
		}
		b.same(fmt.Sprintf("resumed after %d batches", n), want+b.events())
		if left, err := os.ReadDir(b.store.Path() + "-spool"); err == nil {
			for _, f := range left {
				if f.Name() == kept.Path {
					t.Errorf("%s is left in the spool", f.Name())
				}
			}
		}
	}
}

func ownerOf(t *testing.T, b *bench, id int64) string {
	t.Helper()
	i, err := b.store.ImportByID(ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	return i.Owner
}

// TestArchiveRefused has archives without any log, cut ones, and bombs.
func TestArchiveRefused(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 8))
	files, _ := logs(t, r)
	whole := tarball(t, files...)
	for name, c := range map[string]struct {
		data []byte
		want string
		read bool
	}{
		"no logs":   {zipped(t, file{"a.txt", []byte("hello")}, file{"b", []byte("%PDF-1.4")}), "None of the 2 files", false},
		"no files":  {zipped(t), "holds no files", false},
		"cut short": {whole[:len(whole)*2/3], "before it were imported", true},
		"too many":  {zipped(t, make([]file, 40)...), "40", false},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.im.Limits.Members = 30
			i := b.add("evidence", c.data, intake.Import{})
			if i.Status != intake.Failed || !strings.Contains(i.Reason, c.want) && name != "too many" || (i.Read > 0) != c.read {
				t.Errorf("%s %q, %+v", i.Status, i.Reason, i.Counts)
			}
		})
	}
}

// TestFullStore has a store that finds the disk full in the middle of an import:
// the import stays as it is and goes on when there is space.
func TestFullStore(t *testing.T) {
	r := rand.New(rand.NewPCG(10, 10))
	data := write(r, randomRecords(r, 100), 1)
	b := newBench(t)
	whole := b.add("log", data, intake.Import{})
	want := b.dump()
	b = newBench(t)
	kept, err := b.spool.Keep(ctx, bytes.NewReader(data), 0)
	if err != nil {
		t.Fatal(err)
	}
	full := &filling{Store: b.store, left: 2}
	im := b.over(full, 20)
	id, err := im.Admit(ctx, intake.Import{Name: "log", Source: intake.Upload, Zone: "UTC", Path: kept.Path,
		SHA256: kept.SHA256, Size: kept.Size})
	if err != nil {
		t.Fatal(err)
	}
	i, err := im.Run(ctx, id)
	if fault.CodeOf(err) != fault.Full || i.Status != intake.Running {
		t.Fatalf("%v, %s", err, i.Status)
	}
	full.left = 1 << 30
	done, err := im.Run(ctx, id)
	if err != nil || done.Status != intake.Done || done.Read != whole.Read || done.New != whole.New {
		t.Errorf("%v, %s, %+v", err, done.Status, done.Counts)
	}
	if got := b.dump(); got != want {
		t.Error(firstDifference(got, want))
	}
}

type filling struct {
	importer.Store
	left int
}

func (s *filling) StoreBatch(ctx context.Context, b *intake.Batch) (intake.Counts, error) {
	if s.left--; s.left < 0 {
		return intake.Counts{}, fault.New(fault.Full, "The disk is full.")
	}
	return s.Store.StoreBatch(ctx, b)
}

// TestRejectedKept keeps the rejected stretches as they stand in the file.
func TestRejectedKept(t *testing.T) {
	rec := randomRecords(rand.New(rand.NewPCG(1, 2)), 3)
	var data []byte
	data = append(data, "first junk, no event\n"...)
	data = logwriter.AppendText(data, &rec[0], time.UTC)
	torn := logwriter.AppendNXLog(nil, &rec[1], time.UTC)
	for name, c := range map[string]struct {
		data []byte
		want []string
	}{
		"text": {data, []string{"first junk, no event\n"}},
		"json": {bytes.Join([][]byte{torn, torn[:len(torn)/2], torn, []byte("between")}, []byte("\n")), nil},
	} {
		for _, z := range []bool{false, true} {
			b := newBench(t)
			data := c.data
			if z {
				var g bytes.Buffer
				w := gzip.NewWriter(&g)
				if _, err := w.Write(data); err != nil {
					t.Fatal(err)
				}
				if err := w.Close(); err != nil {
					t.Fatal(err)
				}
				data = g.Bytes()
			}
			i := b.add(name, data, intake.Import{})
			if i.Rejected == 0 {
				t.Fatalf("%s: nothing was rejected", name)
			}
			n := int64(0)
			for rej, err := range b.store.AllRejections(ctx, i.ID) {
				if err != nil {
					t.Fatal(err)
				}
				var got bytes.Buffer
				size, err := b.store.WriteRejected(ctx, &got, i.ID, n)
				if err != nil || size != rej.Length || rej.Length == 0 ||
					got.String() != string(c.data[rej.Offset:rej.Offset+rej.Length]) {
					t.Errorf("%s %v: rejection %d at %d, length %d: kept %q, %v", name, z, n, rej.Offset, rej.Length, got.String(),
						err)
				}
				n++
			}
			if n != i.Rejected {
				t.Errorf("%s: %d rejections listed, %d counted", name, n, i.Rejected)
			}
		}
	}
}
