package archive

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// tarball reads a tar from front to back.
type tarball struct{ r io.Reader }

const tarBlock = 512

// isTar says whether a block is the header of a tar member: its checksum is
// right, which no log is by chance.
func isTar(b []byte) bool {
	if len(b) < tarBlock || b[0] == 0 && string(b[257:262]) != "ustar" {
		return false
	}
	field := strings.Trim(string(b[148:156]), " \x00")
	want, err := strconv.ParseInt(field, 8, 64)
	if err != nil {
		return false
	}
	var sum int64
	for i, c := range b[:tarBlock] {
		if i >= 148 && i < 156 {
			c = ' '
		}
		sum += int64(c)
	}
	return sum == want && sum > 8*' '
}

func (t *tarball) each(f func(*entry) error) error {
	tape := &tape{r: t.r}
	t.r = tape
	r := tar.NewReader(t.r)
	seen, broken := false, false
	for {
		h, err := r.Next()
		switch {
		case err == nil:
			seen = true
			if err := f(tarEntry(h, r)); err != nil {
				return err
			}
		case err == io.EOF:
			switch {
			case broken:
				return damaged("The tar archive is damaged: some of its members could not be found.")
			case tape.ended:
				return damaged("The tar archive has no mark at its end: it may be cut short.")
			}
			return tape.finish()
		case errors.Is(err, tar.ErrHeader): // look for the next member
			broken = true
			if r = t.next(); r == nil {
				return damaged("The tar archive is damaged: what follows could not be read.")
			}
		case !seen || isCut(err):
			return tarError(err)
		default:
			return passingOr(err)
		}
	}
}

// tape notes when the bytes end before the tar does.
type tape struct {
	r     io.Reader
	ended bool
}

func (t *tape) Read(p []byte) (int, error) {
	n, err := t.r.Read(p)
	t.ended = t.ended || err == io.EOF && n < len(p)
	return n, err
}

// finish reads what follows the tar, so that the checksum of what holds it is
// looked at. A file by itself has none.
func (t *tape) finish() error {
	if _, ok := t.r.(io.Seeker); ok {
		return nil
	}
	if _, err := io.Copy(io.Discard, t.r); err != nil {
		return tarError(err)
	}
	return nil
}

var errNoSeek = errors.New("it is read from front to back")

// Seek lets package tar skip what nobody reads.
func (t *tape) Seek(off int64, whence int) (int64, error) {
	if s, ok := t.r.(io.Seeker); ok {
		return s.Seek(off, whence)
	}
	return 0, errNoSeek
}

// next finds the next header after a damaged one.
func (t *tarball) next() *tar.Reader {
	block := make([]byte, tarBlock)
	for {
		if _, err := io.ReadFull(t.r, block); err != nil {
			return nil
		}
		if isTar(block) {
			return tar.NewReader(io.MultiReader(bytes.NewReader(block), t.r))
		}
	}
}

func isCut(err error) bool { return errors.Is(err, io.ErrUnexpectedEOF) }

func tarError(err error) error {
	var own *Error
	if errors.As(err, &own) {
		return own
	}
	if isCut(err) {
		return damaged("The tar archive is cut short: it ends too early.")
	}
	return passingOr(err)
}

// passingOr is err when it is a sentence already or comes from below, and a
// sentence for what package tar says.
func passingOr(err error) error {
	var own *Error
	switch {
	case errors.As(err, &own):
		return own
	case strings.HasPrefix(err.Error(), "archive/tar: "):
		return damaged("The tar archive is damaged: what follows could not be read.")
	}
	return err
}

func tarEntry(h *tar.Header, r io.Reader) *entry {
	e := &entry{name: tarName(h.Name), size: h.Size, packed: -1, modified: sane(h.ModTime)}
	switch h.Typeflag {
	case tar.TypeReg, tar.TypeCont, tar.TypeGNUSparse:
	case tar.TypeDir:
		e.folder = true
	case tar.TypeLink, tar.TypeSymlink:
		e.skip = fmt.Sprintf("This is a link to %q, which is not followed.", quoted(tarName(h.Linkname)))
	case tar.TypeChar, tar.TypeBlock, tar.TypeFifo:
		e.skip = "This is a device or a pipe, not a file."
	default:
		e.skip = fmt.Sprintf("This is an entry of type %q, not a file.", string(rune(h.Typeflag)))
	}
	e.open = func() (io.Reader, error) { return &tarFile{r: r, name: e.name}, nil }
	return e
}

// tarFile says in sentences what is wrong with a member.
type tarFile struct {
	r    io.Reader
	name string
}

func (t *tarFile) Read(p []byte) (int, error) {
	n, err := t.r.Read(p)
	var own *Error
	switch {
	case err == nil || err == io.EOF || errors.As(err, &own):
	case isCut(err):
		err = damaged("%q is cut short: the tar archive ends before it does.", quoted(t.name))
	case strings.HasPrefix(err.Error(), "archive/tar: "):
		err = damaged("%q is damaged: the tar archive cannot be read any further.", quoted(t.name))
	}
	return n, err
}
