package stream_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/klauspost/compress/zstd"
	"github.com/ulikunitz/xz"

	"escutcheon/importer/archive/stream"
)

// first is what the files of testdata hold, 60 lines.
var first = func() string {
	var b strings.Builder
	for i := range 60 {
		fmt.Fprintf(&b, "line %d of the first log\n", i+1)
	}
	return b.String()
}()

func packed(t testing.TB, make func(io.Writer) (io.WriteCloser, error), parts ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	for _, p := range parts {
		w, err := make(&b)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, p); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return b.Bytes()
}

func toGzip(w io.Writer) (io.WriteCloser, error) { return gzip.NewWriter(w), nil }
func toZstd(w io.Writer) (io.WriteCloser, error) { return zstd.NewWriter(w) }
func toXZ(w io.Writer) (io.WriteCloser, error)   { return xz.NewWriter(w) }

func testdata(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

type sample struct {
	name, kind string
	in         []byte
}

func samples(t testing.TB) []sample {
	a, b := first[:700], first[700:]
	return []sample{
		{"gzip", stream.Gzip, packed(t, toGzip, first)},
		{"gzip members", stream.Gzip, packed(t, toGzip, a, "", b)},
		{"zstd", stream.Zstd, packed(t, toZstd, first)},
		{"zstd frames", stream.Zstd, packed(t, toZstd, a, b)},
		{"zstd with a frame to skip", stream.Zstd, append([]byte("\x5e\x2a\x4d\x18\x03\x00\x00\x00abc"),
			packed(t, toZstd, first)...)},
		{"zstd tool", stream.Zstd, testdata(t, "one.zst")},
		{"xz", stream.XZ, packed(t, toXZ, first)},
		{"xz streams", stream.XZ, packed(t, toXZ, a, b)},
		{"xz blocks", stream.XZ, testdata(t, "blocks.xz")},
		{"bzip2", stream.Bzip2, testdata(t, "one.bz2")},
		{"bzip2 streams", stream.Bzip2, testdata(t, "two-streams.bz2")},
	}
}

func read(in io.Reader) (got []byte, kind string, err error) {
	r, kind, err := stream.Decompress(in)
	if err != nil {
		return nil, kind, err
	}
	got, err = io.ReadAll(io.LimitReader(r, 64<<20))
	return got, kind, err
}

// TestWholeAndCut reads each compression whole, a byte at a time, and cut
// after every byte: what comes is a beginning, and the end is missed.
func TestWholeAndCut(t *testing.T) {
	for _, s := range samples(t) {
		for _, r := range []io.Reader{bytes.NewReader(s.in), iotest.OneByteReader(bytes.NewReader(s.in)),
			iotest.DataErrReader(bytes.NewReader(s.in))} {
			got, kind, err := read(r)
			if err != nil || kind != s.kind || string(got) != first {
				t.Errorf("%s: %q, %d bytes, %v", s.name, kind, len(got), err)
			}
		}
		step := 1
		if testing.Short() {
			step = 7
		}
		for n := stream.HeadSize; n < len(s.in); n += step {
			got, kind, err := read(bytes.NewReader(s.in[:n]))
			if kind != s.kind || !strings.HasPrefix(first, string(got)) {
				t.Fatalf("%s cut at %d: %q %q", s.name, n, kind, got)
			}
			var d *stream.Damaged
			switch {
			case err == nil && len(got) < len(first) && strings.Contains(s.name, "s"): // between two streams
			case errors.As(err, &d) && errors.Is(err, io.ErrUnexpectedEOF) && strings.Contains(err.Error(), s.kind):
			default:
				t.Fatalf("%s cut at %d: %d bytes, %v", s.name, n, len(got), err)
			}
		}
	}
}

// TestFlips changes a bit of every byte: an error or the same bytes, as a few bits say
// nothing (the time in a gzip header).
func TestFlips(t *testing.T) {
	for _, s := range samples(t) {
		silent, step := 0, 1
		if testing.Short() {
			step = 7
		}
		for i := 0; i < len(s.in); i += step {
			in := bytes.Clone(s.in)
			in[i] ^= 1 << (i * 5 % 8)
			got, kind, err := read(bytes.NewReader(in))
			if kind != s.kind {
				continue
			}
			if len(got) > 48<<20 { // what one block of bzip2 may say before its checksum
				t.Fatalf("%s, byte %d: %d bytes", s.name, i, len(got))
			}
			if err == nil && string(got) != first {
				t.Logf("%s, byte %d: %d bytes and no error", s.name, i, len(got))
				silent++
			}
		}
		if silent > 0 {
			t.Errorf("%s: %d of %d changed bits give other bytes and no error", s.name, silent, len(s.in))
		}
	}
}

// TestNone keeps what is not compressed as it is.
func TestNone(t *testing.T) {
	for _, in := range []string{"", "B", "BZh", "BZh9 is how this log begins\n", "BZh91AY&S!", "\xfd7zX",
		"LogName=System\n", "(\xb5/", "PQ*M\x18", "\x1e\x8b\x08"} {
		got, kind, err := read(strings.NewReader(in))
		if err != nil || kind != stream.None || string(got) != in {
			t.Errorf("%q: %q %q %v", in, kind, got, err)
		}
	}
}

// TestWindow refuses streams that ask for gigabytes, before they get them.
func TestWindow(t *testing.T) {
	for _, name := range []string{"dict-1g.xz", "long31.zst"} {
		_, _, err := read(bytes.NewReader(testdata(t, name)))
		if err == nil || !strings.Contains(err.Error(), "256 MiB of memory") || !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestMemory reads a few bytes that ask for 256 MiB again and again, to the end
// or not: they share that memory. (Under the race detector some do not.)
func TestMemory(t *testing.T) {
	in := testdata(t, "window-256m.zst")
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	const n = 40
	for i := range n {
		r, _, err := stream.Decompress(bytes.NewReader(in))
		if err != nil {
			t.Fatal(err)
		}
		b := make([]byte, len(first)+i%2)
		got, err := io.ReadFull(r, b)
		if string(b[:got]) != first || (err == nil) != (i%2 == 0) {
			t.Fatalf("%d bytes, %v", got, err)
		}
		if err := r.(io.Closer).Close(); err != nil {
			t.Fatal(err)
		}
	}
	runtime.ReadMemStats(&after)
	if used := after.TotalAlloc - before.TotalAlloc; used > n*3/4*stream.MaxWindow {
		t.Errorf("%d MiB allocated", used>>20)
	}
}

// TestReader lets the errors of the reader below through.
func TestReader(t *testing.T) {
	broken := errors.New("the disk is broken")
	for _, s := range samples(t) {
		for n := 0; n < len(s.in); n += 5 {
			_, _, err := read(io.MultiReader(bytes.NewReader(s.in[:n]), iotest.ErrReader(broken)))
			if !errors.Is(err, broken) {
				t.Fatalf("%s broken at %d: %v", s.name, n, err)
			}
		}
	}
}

func FuzzDecompress(f *testing.F) {
	for _, s := range samples(f) {
		f.Add(s.in)
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		_, kind, err := read(bytes.NewReader(in))
		var d *stream.Damaged
		if err != nil && !errors.As(err, &d) {
			t.Fatalf("%s: %v", kind, err)
		}
	})
}

func BenchmarkDecompress(b *testing.B) {
	var s strings.Builder
	for i := range 60000 {
		fmt.Fprintf(&s, "12/10/2025 05:49:%02d.117 AM\nLogName=System\nEventCode=%d\nRecordNumber=%d\n", i%60, i%7, i)
	}
	for _, c := range []struct {
		kind string
		make func(io.Writer) (io.WriteCloser, error)
	}{{stream.Gzip, toGzip}, {stream.Zstd, toZstd}, {stream.XZ, toXZ}} {
		in := packed(b, c.make, s.String())
		b.Run(c.kind, func(b *testing.B) {
			b.SetBytes(int64(s.Len()))
			b.ReportAllocs()
			for b.Loop() {
				r, _, err := stream.Decompress(bytes.NewReader(in))
				if err != nil {
					b.Fatal(err)
				}
				if n, err := io.Copy(io.Discard, r); err != nil || n != int64(s.Len()) {
					b.Fatal(n, err)
				}
			}
		})
	}
}
