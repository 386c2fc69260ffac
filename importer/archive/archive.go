// Package archive reads what a container holds: zip (ZipCrypto and WinZip AES
// too), tar, tar under a compression, and 7z. A container is recognised by its
// content. Containers in containers are walked in place. Every byte is taken
// for hostile: what comes out is bounded, and a name is data, never a path.
//
// It does not know what a log is, stores nothing, and makes no files but those
// that its caller gives it. A single compressed file (x.evtx.gz) is no
// container: package stream reads it.
package archive

import (
	"bufio"
	"context"
	"errors"
	"io"
	"time"

	"escutcheon/importer/archive/stream"
)

// Kind is one of the kinds of container.
type Kind string

// The kinds. A tar may be under a compression.
const (
	Zip      Kind = "zip"
	Tar      Kind = "tar"
	SevenZip Kind = "7z"
)

// Archive is an open container.
type Archive struct {
	Kind        Kind
	Compression string // of a tar: one of package stream's
	Folders     int64  // folders seen by Walk so far, which are no members
	Files       int64  // that the list of members names, folders left out; -1: there is no list

	w *walker
	c container
	x extent
}

// container is one open archive of any kind.
type container interface {
	// each calls f for every member in its order. It returns f's error, or a
	// sentence about the container itself.
	each(f func(*entry) error) error
}

// entry is what a container says of one member.
type entry struct {
	name      string
	folder    bool
	skip      string // why it has no bytes
	size      int64  // as declared; -1: not known
	packed    int64  // compressed bytes; -1: not known
	encrypted bool
	modified  time.Time
	zoneless  bool
	open      func() (io.Reader, error)
	from, to  float64 // where in the container it lies, 0 to 1, where that has a list
}

// HeadSize is how many of a file's first bytes tell a container that is not
// under a compression.
const HeadSize = 512

// Is says which container begins with head, HeadSize bytes or the whole file;
// "" for none. A file that merely holds such bytes somewhere is none.
func Is(head []byte) Kind {
	switch {
	case isZip(head):
		return Zip
	case len(head) >= 6 && string(head[:6]) == "7z\xbc\xaf\x27\x1c":
		return SevenZip
	case isTar(head):
		return Tar
	}
	return ""
}

// Open opens the container in the size bytes of r. The error is ErrNone when
// they are none, or an *Error: an Office document, a zip whose members overlap,
// a list of members that is damaged or asks for a password. ctx ends every
// later read.
func Open(ctx context.Context, r io.ReaderAt, size int64, opt Options) (*Archive, error) {
	opt.fill()
	w := &walker{ctx: ctx, opt: opt, size: size}
	src := bufio.NewReaderSize(&meter{w: w, r: io.NewSectionReader(r, 0, size), free: true}, HeadSize)
	head, err := src.Peek(HeadSize)
	if err != nil && err != io.EOF {
		return nil, err
	}
	a := &Archive{Kind: Is(head), Files: -1, w: w, x: extent{to: 1}}
	switch a.Kind {
	case Zip, SevenZip:
		a.c, err = w.random(a.Kind, r, size)
	case Tar: // a section of the file skips what nobody reads
		section := io.NewSectionReader(r, 0, size)
		a.c, a.x = &tarball{r: section}, fileExtent(section, size)
	default:
		var t io.Reader
		packed := &counter{r: src}
		if t, a.Compression, _, err = w.unpackTar(packed, src, size); err != nil {
			return nil, err
		}
		if t == nil {
			return nil, ErrNone
		}
		a.Kind, a.c = Tar, &tarball{r: t}
		a.x = extent{now: func() float64 { return part(packed.n, size) }}
	}
	if err != nil {
		return nil, err
	}
	if l, ok := a.c.(interface{ files() int64 }); ok {
		a.Files = l.files()
	}
	return a, nil
}

// counter counts what is read.
type counter struct {
	r io.Reader
	n int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

// random opens a container that is read at any offset.
func (w *walker) random(k Kind, r io.ReaderAt, size int64) (container, error) {
	if k == Zip {
		return openZip(r, size, w.opt)
	}
	return w.openSevenZip(r, size)
}

// Walk calls visit for every member, in the order of the archive, and a
// container's members where the container stands. Walking again gives the same
// members with the same indexes, as long as the options are the same. It may
// be called once.
//
// A member that cannot be read says so in its Err or when it is read, and the
// rest goes on. The error is visit's own, ctx's, or an *Error about the whole
// archive: it is cut short (io.ErrUnexpectedEOF) or meets a limit (ErrLimit).
func (a *Archive) Walk(visit func(*Member) error) error {
	a.w.visit = func(m *Member) error {
		if err := visit(m); err != nil {
			return &stopped{err}
		}
		return a.w.over
	}
	a.w.folders = &a.Folders
	err := a.w.walk(a.c, "", 1, a.x)
	var s *stopped
	switch {
	case errors.As(err, &s):
		return s.err
	case a.w.ctx.Err() != nil:
		return a.w.ctx.Err()
	case a.w.over != nil:
		return a.w.over
	}
	return err
}

// stopped is the caller's own error on its way out.
type stopped struct{ err error }

func (s *stopped) Error() string { return s.err.Error() }

// tarPeek is how many compressed bytes are read to see whether a tar is
// beneath: more than any block of gzip, xz or bzip2.
const tarPeek = 4 << 20

// unpackTar returns the tar under a compression, or nil and what stands for
// r's bytes, which have been read in part. packed is where r's own bytes come
// from, size their number or -1.
func (w *walker) unpackTar(r io.Reader, head interface{ Peek(int) ([]byte, error) },
	size int64) (tar io.Reader, kind string, rest io.Reader, err error) {
	start, _ := head.Peek(stream.HeadSize) // what is wrong with r is said when it is read
	if stream.Is(start) == stream.None {
		return nil, stream.None, r, nil
	}
	tape := &recorder{r: r, max: tarPeek}
	again := func() io.Reader { return io.MultiReader(tape.played(), r) }
	out, kind, err := stream.Decompress(tape)
	if err != nil {
		return nil, kind, again(), w.ctx.Err()
	}
	first := make([]byte, HeadSize)
	n, _ := io.ReadFull(out, first)
	if !isTar(first[:n]) {
		if c, ok := out.(io.Closer); ok {
			_ = c.Close() // it only gives memory back
		}
		return nil, kind, again(), w.ctx.Err()
	}
	tape.forget()
	return &meter{w: w, r: io.MultiReader(replay(first), out), packed: size, from: tape, free: true}, kind, nil, nil
}
