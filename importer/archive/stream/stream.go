// Package stream reads a single compressed stream: gzip (also several members
// back to back), zstd, xz or bzip2, recognised by its first bytes. What the
// stream holds, a log or a tar archive, is for others to find out.
package stream

import (
	"bytes"
	"compress/bzip2"
	"io"

	"github.com/klauspost/compress/gzip"
)

// The compressions.
const (
	None  = ""
	Gzip  = "gzip"
	Zstd  = "zstd"
	XZ    = "xz"
	Bzip2 = "bzip2"
)

// HeadSize is how many of a stream's first bytes tell its compression.
const HeadSize = 10

// MaxWindow is how much of its own output a stream may refer back to, and so
// about the most memory that one takes: 256 MiB, which 7-Zip uses at its highest
// level. It is twice what zstd reads without being asked for more, and four
// times what xz uses at its highest level.
const MaxWindow = 256 << 20

// Is names the compression of a stream by its first HeadSize bytes. A text
// that begins with "BZh" is none: a bzip2 block has a mark of its own.
func Is(head []byte) string {
	switch {
	case bytes.HasPrefix(head, []byte("\x1f\x8b")):
		return Gzip
	case bytes.HasPrefix(head, []byte("\x28\xb5\x2f\xfd")), skippable(head):
		return Zstd
	case bytes.HasPrefix(head, []byte("\xfd7zXZ\x00")):
		return XZ
	case isBzip2(head):
		return Bzip2
	}
	return None
}

// skippable says whether head begins a zstd frame without data, as pzstd and
// seekable zstd files do.
func skippable(head []byte) bool {
	return len(head) >= 8 && head[0]&0xf0 == 0x50 && string(head[1:4]) == "\x2a\x4d\x18"
}

func isBzip2(head []byte) bool {
	if len(head) < HeadSize || string(head[:3]) != "BZh" || head[3] < '1' || head[3] > '9' {
		return false
	}
	mark := string(head[4:10])
	return mark == "\x31\x41\x59\x26\x53\x59" || mark == "\x17\x72\x45\x38\x50\x90"
}

// Decompress returns what r holds and how it was compressed: r's own bytes and
// None when it was not. A stream that ends too early or is damaged gives what
// comes before, and then a *Damaged. Errors of r come through as they are.
// Whoever does not read to the end may call Close where there is one, so that
// the next stream gets this one's memory.
func Decompress(r io.Reader) (io.Reader, string, error) {
	var start [HeadSize]byte
	n, err := io.ReadFull(r, start[:])
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return nil, None, err
	}
	head := start[:n]
	src := &source{r: io.MultiReader(bytes.NewReader(head), r)}
	kind := Is(head)
	if kind == None {
		return src.r, None, nil
	}
	out, err := open(kind, src)
	if err == io.EOF { // within the header
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return nil, kind, explained(kind, err, src.err)
	}
	return &decoder{kind: kind, r: out, src: src}, kind, nil
}

func open(kind string, r io.Reader) (io.Reader, error) {
	switch kind {
	case Gzip:
		return gzip.NewReader(r)
	case Zstd:
		return Zstandard(r)
	case XZ:
		return XZip(r)
	default:
		return bzip2.NewReader(r), nil
	}
}

// source remembers what went wrong while reading the compressed bytes, which
// is no fault of the stream. It never gives bytes together with io.EOF: package
// xz would take these for the last of a stream and drop what follows.
type source struct {
	r   io.Reader
	err error
}

func (s *source) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	switch {
	case err == io.EOF && n > 0:
		err = nil
	case err != nil && err != io.EOF:
		s.err = err
	}
	return n, err
}

type decoder struct {
	kind string
	r    io.Reader
	src  *source
	err  error
}

func (d *decoder) Read(p []byte) (int, error) {
	if d.err != nil {
		return 0, d.err
	}
	n, err := d.r.Read(p)
	if d.err = explained(d.kind, err, d.src.err); n > 0 {
		return n, nil // what came before is whole, whoever reads it
	}
	return 0, d.err
}

func (d *decoder) Close() error {
	d.err = io.EOF
	if c, ok := d.r.(io.Closer); ok {
		return c.Close()
	}
	return nil
}
