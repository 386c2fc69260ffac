package archive

import (
	"bufio"
	"compress/bzip2"
	"errors"
	"hash"
	"hash/crc32"
	"io"

	"escutcheon/importer/archive/inflate64"
	"escutcheon/importer/archive/stream"
)

// The methods of compression that are read.
const (
	methodDeflate   = 8
	methodDeflate64 = 9
	methodBzip2     = 12
	methodLZMA      = 14
	methodZstd      = 93
	methodXZ        = 95
	methodAES       = 99
)

func (z *zipFile) decompress(method uint16, r io.Reader, h *zipHead) (io.Reader, error) {
	switch method {
	case methodStore:
		return r, nil
	case methodDeflate:
		return z.flateReader(r), nil
	case methodDeflate64:
		return inflate64.NewReader(r), nil
	case methodBzip2:
		return bzip2.NewReader(r), nil
	case methodZstd, 20:
		return stream.Zstandard(r)
	case methodXZ:
		return stream.XZip(r)
	case methodLZMA:
		return zipLZMA(r, h)
	}
	return nil,
		errorf(ErrMethod, "%q is compressed with %s, which is not read here. Unpack the archive and import the logs in it.",
			quoted(h.name), methodWords(method))
}

// zipLZMA makes a stream that package lzma reads of what a zip holds: a
// version, the length of the properties, and these.
func zipLZMA(r io.Reader, h *zipHead) (io.Reader, error) {
	br := bufio.NewReader(r)
	var b [9]byte
	if _, err := io.ReadFull(br, b[:]); err != nil {
		return nil, err
	}
	if le.Uint16(b[2:]) != 5 {
		return nil, errors.New("LZMA properties of a wrong length")
	}
	size := h.usize
	if h.flags&2 != 0 {
		size = stream.UntilMark
	}
	return stream.LZMA(b[4:], size, h.csize, br)
}

// check holds a member against what the zip says of it.
type check struct {
	z     *zipFile
	h     *zipHead
	src   *body
	plain io.Reader // decrypted
	r     io.Reader
	n     uint64
	crc   hash.Hash32
	err   error
}

func newCheck(z *zipFile, h *zipHead, src *body, plain, r io.Reader) *check {
	return &check{z: z, h: h, src: src, plain: plain, r: r, crc: crc32.NewIEEE()}
}

func (c *check) Read(p []byte) (int, error) {
	if c.err != nil {
		return 0, c.err
	}
	n, err := c.r.Read(p)
	c.n += uint64(n)
	if _, e := c.crc.Write(p[:n]); e != nil {
		err = e
	}
	known := !c.h.endless()
	switch {
	case known && c.n > c.h.usize:
		n -= int(c.n - c.h.usize)
		err = damaged("%q is damaged: it unpacks to more than the zip archive says.", quoted(c.h.name))
	case err == io.EOF:
		err = c.end()
	case err != nil:
		err = c.z.said(c.h, c.src, err)
	}
	c.err = err
	return n, err
}

// endless says that a member's size and checksum are not known, as the archive
// is cut short.
func (h *zipHead) endless() bool { return h.usize == 1<<64-1 }

// end says whether the member was all there.
func (c *check) end() error {
	if c.src.cut || c.h.endless() {
		return damaged("%q is cut short: the zip archive ends before it does.", quoted(c.h.name))
	}
	if a, ok := c.plain.(*aesReader); ok {
		if _, err := io.Copy(io.Discard, a); err != nil {
			return c.z.said(c.h, c.src, err)
		}
	}
	noCRC := c.h.aes != nil && le.Uint16(c.h.aes) == 2 && c.h.crc == 0
	if c.n != c.h.usize || !noCRC && c.crc.Sum32() != c.h.crc {
		return c.z.said(c.h, c.src, errChecksum)
	}
	c.z.proved = c.z.proved || c.h.flags&flagCrypt != 0
	return io.EOF
}

var errChecksum = errors.New("wrong checksum or length")

// said says what err means for a member.
func (z *zipFile) said(h *zipHead, src *body, err error) error {
	var own *Error
	switch {
	case errors.As(err, &own):
		return own
	case src.err != nil:
		return src.err
	case src.cut:
		return damaged("%q is cut short: the zip archive ends before it does.", quoted(h.name))
	case stream.TooBig(err):
		return errorf(ErrLimit, "%q needs more than %d MiB of memory to be unpacked, which is the limit. Unpack the "+
			"archive and import the logs in it.", quoted(h.name), stream.MaxWindow>>20)
	case h.flags&flagCrypt != 0 && !z.proved:
		return errorf(ErrWrongPassword, "%q cannot be decrypted: the password is wrong, or the member is damaged.",
			quoted(h.name))
	case errors.Is(err, errChecksum):
		return damaged("%q is damaged: its checksum is wrong.", quoted(h.name))
	}
	return damaged("%q is damaged: what follows cannot be unpacked.", quoted(h.name))
}
