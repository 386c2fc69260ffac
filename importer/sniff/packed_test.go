package sniff_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
	"github.com/ulikunitz/xz"

	"escutcheon/importer/record"
	"escutcheon/importer/sniff"
)

// TestCompressions reads every format under every compression, whole and cut.
// (Of bzip2 only package stream has files: Go has no writer for it.)
func TestCompressions(t *testing.T) {
	for kind, make := range map[string]func(io.Writer) (io.WriteCloser, error){
		"gzip": func(w io.Writer) (io.WriteCloser, error) { return gzip.NewWriter(w), nil },
		"zstd": func(w io.Writer) (io.WriteCloser, error) { return zstd.NewWriter(w) },
		"xz":   func(w io.Writer) (io.WriteCloser, error) { return xz.NewWriter(w) },
	} {
		for format, form := range forms {
			var b bytes.Buffer
			w, err := make(&b)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := io.WriteString(w, events(form, 500)); err != nil {
				t.Fatal(err)
			}
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			res := read(t, bytes.NewReader(b.Bytes()), record.Options{})
			if res.err != nil || len(res.events) != 500 ||
				res.info != (sniff.Info{Format: format, Encoding: record.UTF8, Compression: kind}) {
				t.Errorf("%s %s: %d events, %+v, %v", kind, format, len(res.events), res.info, res.err)
			}
			res = read(t, bytes.NewReader(b.Bytes()[:b.Len()-5]), record.Options{})
			if !errors.Is(res.err, io.ErrUnexpectedEOF) || !strings.Contains(res.err.Error(), "The "+kind+" file is cut short") {
				t.Errorf("%s %s, cut: %v", kind, format, res.err)
			}
		}
	}
	res := read(t, strings.NewReader("BZh9 is no bzip2\n"+events(textEvent, 2)), record.Options{})
	if res.err != nil || res.info.Compression != "" || len(res.events) != 2 {
		t.Errorf("text that begins as bzip2 does: %v", res)
	}
}
