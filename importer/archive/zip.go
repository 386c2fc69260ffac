package archive

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/klauspost/compress/flate"
)

// zipFile is a zip. One member is read at a time.
type zipFile struct {
	r        io.ReaderAt
	size     int64
	dir      zipDir
	cut      bool // there is no list of members
	password string
	proved   bool // a member was read whole with the password
	tries    int
	inflater io.Reader // flate's, reused
	packed   *bufio.Reader
	window   []byte  // of the file, for find
	from     int64   // its offset
	count    int64   // of members that are no folders
	total    float64 // the weight of all of them
	passed   float64 // of those that were walked
}

func openZip(r io.ReaderAt, size int64, opt Options) (*zipFile, error) {
	z := &zipFile{r: r, size: size, password: opt.Password}
	var ok bool
	if z.dir, ok = findDir(r, size); !ok {
		z.cut = true
		return z, nil
	}
	return z, z.check(opt.Members)
}

// span is where a member lies.
type span struct{ start, end uint64 }

// check goes through the list before any member is read.
func (z *zipFile) check(most int64) error {
	var spans []span
	count, total := int64(0), 0.0
	var h zipHead
	for list := newDirReader(z.r, z.dir); ; {
		_, err := list.next(&h)
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		if int64(len(spans)) >= most {
			return errorf(ErrLimit,
				"The zip archive holds more than %d members, which is the limit. Unpack it and import the logs in it.", most)
		}
		if strings.EqualFold(h.name, "[Content_Types].xml") {
			return errorf(ErrOffice, "This is an Office document, which is no log. Export the log from it as text or CSV.")
		}
		end := h.off + lenLocal + h.csize
		if end < h.off || end > uint64(z.size) {
			end = uint64(z.size) // cut short, or a lie that reading it finds out
		}
		spans = append(spans, span{h.off, end})
		total += weight(int64(min(h.usize, 1<<62)))
		if !h.folder() {
			count++
		}
	}
	z.count, z.total = count, total
	slices.SortFunc(spans, func(a, b span) int { return cmp.Compare(a.start, b.start) })
	for i := 1; i < len(spans); i++ {
		if spans[i].start < spans[i-1].end && spans[i].start < uint64(z.size) {
			return errorf(ErrOverlap, "Members of the zip archive share the same bytes, as only archives made to fill a disk "+
				"or to mislead do. It is not read.")
		}
	}
	return nil
}

func (z *zipFile) each(f func(*entry) error) error {
	if z.cut {
		return z.eachLocal(f)
	}
	bad, n := false, uint64(0)
	var h zipHead
	for list := newDirReader(z.r, z.dir); ; n++ {
		skipped, err := list.next(&h)
		bad = bad || skipped
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		if err := f(z.entry(h)); err != nil {
			return err
		}
	}
	if bad || uint16(n) != uint16(z.dir.count) { // old tools count modulo 65,536
		return damaged("The zip archive's list of members is damaged: it says %d, and %d were found and read.", z.dir.count,
			n)
	}
	return nil
}

// The kinds of file of Unix, and the systems that write them.
const (
	unixKind    = 0o170000
	unixFile    = 0o100000
	unixFolder  = 0o040000
	unixLink    = 0o120000
	hostUnix    = 3
	hostDarwin  = 19
	dosFolder   = 0x10
	flagCrypt   = 1 << 0
	flagAfter   = 1 << 3 // sizes and checksum follow the bytes
	flagStrong  = 1 << 6
	flagMasked  = 1 << 13
	methodStore = 0
)

func (z *zipFile) entry(h zipHead) *entry {
	e := &entry{name: h.name, size: int64(min(h.usize, 1<<62)), packed: int64(min(h.csize, 1<<62)),
		encrypted: h.flags&flagCrypt != 0}
	e.folder = h.folder()
	e.modified, e.zoneless = h.written()
	z.place(e, &h)
	if h.host == hostUnix || h.host == hostDarwin {
		switch kind := h.mode >> 16 & unixKind; kind {
		case 0, unixFile, unixFolder:
		case unixLink:
			e.skip = "This is a link, which is not followed."
		default: // a zip that was packed from a pipe calls its one member that
			if h.usize == 0 {
				e.skip = "This is a device or a pipe, not a file."
			}
		}
	}
	e.open = func() (io.Reader, error) { return z.open(&h) }
	return e
}

// files is how many members the list names that are no folders; -1 without one.
func (z *zipFile) files() int64 {
	if z.cut {
		return -1
	}
	return z.count
}

// place says where in the zip a member lies: among the others by its weight, and
// by its offset where there is no list.
func (z *zipFile) place(e *entry, h *zipHead) {
	if z.cut {
		e.from, e.to = part(int64(min(h.off, 1<<62)), z.size), part(int64(min(h.off, 1<<61)+min(h.csize, 1<<61)), z.size)
		return
	}
	e.from = z.passed / max(1, z.total)
	z.passed += weight(e.size)
	e.to = min(1, z.passed/max(1, z.total))
}

func (h *zipHead) folder() bool {
	slash := strings.HasSuffix(h.name, "/") || strings.HasSuffix(h.name, `\`) && h.mode&dosFolder != 0
	return slash && h.usize == 0
}

// open reads one member from its local header on.
func (z *zipFile) open(h *zipHead) (io.Reader, error) {
	if h.flags&(flagStrong|flagMasked) != 0 && h.aes == nil {
		return nil,
			errorf(ErrMethod, "%q is encrypted in a way that is not read here. Unpack the archive and import the logs in it.",
				quoted(h.name))
	}
	off := int64(h.off) + z.dir.base
	var b [lenLocal]byte
	if h.off > uint64(z.size) || off > z.size-lenLocal {
		return nil, damaged("%q is missing: the zip archive ends before it.", quoted(h.name))
	}
	if _, err := z.r.ReadAt(b[:], off); err != nil {
		return nil, err
	}
	if string(b[:4]) != sigLocal {
		return nil, damaged("%q is damaged: it is not where the zip archive's list says.", quoted(h.name))
	}
	start := off + lenLocal + int64(le.Uint16(b[26:])) + int64(le.Uint16(b[28:]))
	return z.data(h, start)
}

// data reads a member whose bytes begin at start.
func (z *zipFile) data(h *zipHead, start int64) (io.Reader, error) {
	src := &body{left: h.csize, r: io.NewSectionReader(z.r, min(start, z.size), z.size-min(start, z.size))}
	r, err := z.decrypted(h, src)
	if err != nil {
		return nil, err
	}
	method := h.method
	if method == methodAES && h.aes != nil {
		method = le.Uint16(h.aes[5:])
	}
	out, err := z.decompress(method, r, h)
	if err != nil {
		return nil, z.said(h, src, err)
	}
	return newCheck(z, h, src, r, out), nil
}

// body is a member's bytes as they lie in the archive.
type body struct {
	left uint64
	r    *io.SectionReader
	cut  bool  // the archive ends before they do
	err  error // reading the archive failed
}

func (s *body) Read(p []byte) (int, error) {
	if s.left == 0 {
		return 0, io.EOF
	}
	n, err := s.r.Read(p[:min(uint64(len(p)), s.left)])
	s.left -= uint64(n)
	switch {
	case err == io.EOF && s.left > 0:
		if s.cut = true; n == 0 {
			return 0, io.ErrUnexpectedEOF
		}
		return n, nil
	case err == io.EOF:
		return n, nil
	case err != nil:
		s.err = err
	}
	return n, err
}

// flateReader gives the one inflater that all members of the zip use in turn.
func (z *zipFile) flateReader(r io.Reader) io.Reader {
	if z.inflater == nil {
		z.packed = bufio.NewReaderSize(r, 16<<10)
		z.inflater = flate.NewReader(z.packed)
		return z.inflater
	}
	z.packed.Reset(r)
	_ = z.inflater.(flate.Resetter).Reset(z.packed, nil) // it never fails
	return z.inflater
}

func methodWords(m uint16) string {
	if name := map[uint16]string{1: "Shrink", 6: "Implode", 10: "PKWARE DCL", 96: "JPEG", 97: "WavPack", 98: "PPMd",
		99: "AES"}[m]; name != "" {
		return name
	}
	return fmt.Sprintf("method %d", m)
}
