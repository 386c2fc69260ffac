package inflate64_test

import (
	"bytes"
	"compress/flate"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"testing/iotest"

	"escutcheon/importer/archive/inflate64"
)

// far is text whose parts return after 50 KiB, which plain Deflate cannot
// refer to, and a run that is longer than plain Deflate's longest copy.
func far() string {
	var b strings.Builder
	for i := range 1200 {
		fmt.Fprintf(&b, "%d record %x of a log that comes again\n", i, i*i*7919)
	}
	return b.String() + b.String() + strings.Repeat("z", 100_000)
}

// testdata is far() as 7-Zip packs it with Deflate64, without the zip around.
func testdata(t testing.TB) []byte {
	t.Helper()
	b, err := os.ReadFile("testdata/far.deflate64")
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func read(r io.Reader) (string, error) {
	b, err := io.ReadAll(io.LimitReader(inflate64.NewReader(r), 64<<20))
	return string(b), err
}

func TestTool(t *testing.T) {
	in := testdata(t)
	for _, r := range []io.Reader{bytes.NewReader(in), iotest.OneByteReader(bytes.NewReader(in)),
		iotest.DataErrReader(bytes.NewReader(in))} {
		if got, err := read(r); err != nil || got != far() {
			t.Errorf("%d bytes of %d, %v", len(got), len(far()), err)
		}
	}
	for n := 0; n < len(in); n += 97 {
		got, err := read(bytes.NewReader(in[:n]))
		if !errors.Is(err, io.ErrUnexpectedEOF) || !strings.HasPrefix(far(), got) {
			t.Fatalf("cut at %d: %d bytes, %v", n, len(got), err)
		}
	}
}

// TestPlain reads plain Deflate, which is Deflate64 as long as no copy is of
// 258 bytes.
func TestPlain(t *testing.T) {
	var text strings.Builder
	n := 20000
	if testing.Short() {
		n /= 5 // still more than the window
	}
	for i := range n {
		fmt.Fprintf(&text, "%x %d\n", i*i*i, i)
	}
	for level := range 10 {
		var b bytes.Buffer
		w, err := flate.NewWriter(&b, level)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, text.String()); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if got, err := read(&b); err != nil || got != text.String() {
			t.Errorf("level %d: %d bytes, %v", level, len(got), err)
		}
	}
	if got, err := read(bytes.NewReader([]byte{0x4b, 0x4c, 0x04, 0x00})); err != nil || got != "aa" {
		t.Errorf("fixed codes: %q %v", got, err)
	}
	for what, in := range map[string][]byte{"a kind of block that is none": {0x07},
		"a stored block's length": {1, 5, 0, 5, 0}, "a copy of nothing": {0x03, 0x02, 0x00}} {
		if got, err := read(bytes.NewReader(in)); !errors.Is(err, inflate64.ErrCorrupt) || got != "" {
			t.Errorf("%s: %q %v", what, got, err)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add(testdata(f))
	f.Add([]byte{0x4b, 0x4c, 0x04, 0x00})
	f.Fuzz(func(t *testing.T, in []byte) {
		got, err := read(bytes.NewReader(in))
		if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, inflate64.ErrCorrupt) {
			t.Fatal(err)
		}
		if len(got) > (len(in)+8)*8*(1<<16+2) {
			t.Fatalf("%d bytes of %d", len(got), len(in))
		}
	})
}

func BenchmarkRead(b *testing.B) {
	in := testdata(b)
	b.SetBytes(int64(len(far())))
	for b.Loop() {
		if _, err := io.Copy(io.Discard, inflate64.NewReader(bytes.NewReader(in))); err != nil {
			b.Fatal(err)
		}
	}
}
