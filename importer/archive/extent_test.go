package archive_test

import (
	"bytes"
	"context"
	"io"
	"strings"
	"testing"

	"escutcheon/importer/archive"
)

// TestExtents: where members lie goes on from 0 to 1 in any kind of archive, and
// what shrinks well weighs what it unpacks to where a list says it.
func TestExtents(t *testing.T) {
	zeros := strings.Repeat("0", 1<<20)
	small, big := file{"small.log", lines(9, "a")}, file{"big.log", zeros}
	inner := string(zipped(t, small, big))
	for _, c := range []struct {
		name  string
		in    []byte
		files int64
		first float64 // the first member ends before that
		outer []int64
	}{
		{"zip", zipped(t, small, big), 2, 0.02, []int64{1, 2}},
		{"tar", tarred(t, small, big), -1, 0.02, []int64{1, 2}},
		{"tar.gz", gzipped(t, tarred(t, small, big)), -1, 1.01, []int64{1, 2}},
		{"zip in zip", zipped(t, file{"a.log", zeros}, file{"in.zip", inner}, small), 3, 0.995, []int64{1, 2, 2, 3}},
		{"zip in tar", tarred(t, small, file{"in.zip", inner}, small), -1, 0.5, []int64{1, 2, 2, 3}},
		{"tar in zip", zipped(t, small, file{"in.tar", string(tarred(t, small, big, small))}, small), 3, 0.02,
			[]int64{1, 2, 2, 2, 3}},
		{"tar.gz in zip", zipped(t, small, file{"in.tgz", string(gzipped(t, tarred(t, small, big)))}), 2, 0.9,
			[]int64{1, 2, 2}},
		{"7z", testdata(t)["lzma2.7z"], 3, 0.9, nil},
		{"cut zip", zipped(t, small, big)[:700], -1, 1, nil},
	} {
		a, err := archive.Open(context.Background(), bytes.NewReader(c.in), int64(len(c.in)), archive.Options{})
		if err != nil {
			t.Fatal(c.name, err)
		}
		if a.Files != c.files {
			t.Errorf("%s: %d files, want %d", c.name, a.Files, c.files)
		}
		before, n := 0.0, 0
		err = a.Walk(func(m *archive.Member) error {
			if r, err := m.Open(); err == nil {
				_, _ = io.Copy(io.Discard, r) // a damaged one lies somewhere too
			}
			if m.From < before-1e-9 || m.To() < m.From || m.To() > 1 {
				t.Errorf("%s: %s lies from %f to %f, after %f", c.name, m.Path, m.From, m.To(), before)
			}
			if n == 0 && m.To() >= c.first {
				t.Errorf("%s: the first ends at %f", c.name, m.To())
			}
			if n < len(c.outer) && m.Outer != c.outer[n] {
				t.Errorf("%s: %s is of the member %d, want %d", c.name, m.Path, m.Outer, c.outer[n])
			}
			before, n = m.From, n+1
			return nil
		})
		if c.name != "cut zip" && (err != nil || n < len(c.outer)) {
			t.Errorf("%s: %d members: %v", c.name, n, err)
		}
	}
}
