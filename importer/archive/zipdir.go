package archive

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"io"
)

// The records of a zip and their fixed lengths in bytes.
const (
	sigLocal      = "PK\x03\x04"
	sigCentral    = "PK\x01\x02"
	sigEnd        = "PK\x05\x06"
	sigEnd64      = "PK\x06\x06"
	sigLocator64  = "PK\x06\x07"
	sigDescriptor = "PK\x07\x08"

	lenLocal     = 30
	lenCentral   = 46
	lenEnd       = 22
	lenEnd64     = 56
	lenLocator64 = 20
)

var le = binary.LittleEndian

func isZip(head []byte) bool {
	for _, s := range []string{sigLocal, sigEnd, sigDescriptor + sigLocal, "PK00" + sigLocal} {
		if bytes.HasPrefix(head, []byte(s)) {
			return true
		}
	}
	return false
}

// zipDir is where a zip's list of members lies.
type zipDir struct {
	start, end int64
	base       int64 // what stands before the archive, added to its offsets
	count      uint64
}

// findDir finds the list from the record at the zip's end. Without that record
// the file is cut short.
func findDir(r io.ReaderAt, size int64) (zipDir, bool) {
	tail := make([]byte, min(size, lenEnd+1<<16))
	at := size - int64(len(tail))
	if n, err := r.ReadAt(tail, at); n < len(tail) && err != nil {
		return zipDir{}, false
	}
	for i := len(tail) - lenEnd; i >= 0; i-- {
		if string(tail[i:i+4]) != sigEnd || i+lenEnd+int(le.Uint16(tail[i+20:])) > len(tail) {
			continue
		}
		if d, ok := readEnd(r, size, tail[i:], at+int64(i)); ok {
			return d, true
		}
	}
	return zipDir{}, false
}

// readEnd reads the end record b, which lies at offset at.
func readEnd(r io.ReaderAt, size int64, b []byte, at int64) (zipDir, bool) {
	count, length, off := uint64(le.Uint16(b[10:])), uint64(le.Uint32(b[12:])), uint64(le.Uint32(b[16:]))
	if count == 0xffff || length == 0xffffffff || off == 0xffffffff {
		if p, b := findEnd64(r, at); b != nil {
			at, count, length, off = p, le.Uint64(b[32:]), le.Uint64(b[40:]), le.Uint64(b[48:])
		}
	}
	if length > uint64(at) || off > uint64(at)-length {
		length = 0 // a lie; the list ends at the end record
	}
	d := zipDir{start: int64(min(off, uint64(at))), end: at, count: count}
	if !startsDir(r, d.start, at, count) {
		if length == 0 {
			return d, false
		}
		d.start = at - int64(length)
		d.base = d.start - int64(off)
		return d, startsDir(r, d.start, at, count)
	}
	if after := d.start + int64(length); length > 0 && !startsDir(r, after, at, 1) {
		d.end = after // what stands between is zip64's, or a signature
	}
	return d, true
}

// startsDir says whether the list of members may begin at off.
func startsDir(r io.ReaderAt, off, end int64, count uint64) bool {
	if count == 0 {
		return off == end
	}
	var sig [4]byte
	_, err := r.ReadAt(sig[:], off)
	return err == nil && string(sig[:]) == sigCentral
}

// findEnd64 reads the zip64 end record for the end record at offset at.
func findEnd64(r io.ReaderAt, at int64) (int64, []byte) {
	loc := make([]byte, lenLocator64)
	if at < lenLocator64+lenEnd64 {
		return 0, nil
	}
	if _, err := r.ReadAt(loc, at-lenLocator64); err != nil || string(loc[:4]) != sigLocator64 {
		return 0, nil
	}
	for _, p := range []uint64{le.Uint64(loc[8:]), uint64(at - lenLocator64 - lenEnd64)} {
		b := make([]byte, lenEnd64)
		if p > uint64(at) {
			continue
		}
		if _, err := r.ReadAt(b, int64(p)); err == nil && string(b[:4]) == sigEnd64 {
			return int64(p), b
		}
	}
	return 0, nil
}

// zipHead is what a zip says of a member.
type zipHead struct {
	name         string
	flags        uint16
	method       uint16
	clock, day   uint16 // of MS-DOS: when it was written last, in no zone
	modified     int64  // the same in nanoseconds since 1970, where an extra field has it; 0: none has
	crc          uint32
	csize, usize uint64
	off          uint64 // of the local header
	host         byte   // the system that packed it
	mode         uint32 // its attributes
	aes          []byte // WinZip's extra field
}

// dirReader reads a zip's list of members.
type dirReader struct {
	r    *bufio.Reader
	name bytes.Buffer // reused
}

func newDirReader(r io.ReaderAt, d zipDir) *dirReader {
	return &dirReader{r: bufio.NewReaderSize(io.NewSectionReader(r, d.start, d.end-d.start), 64<<10)}
}

// next reads one member's head. skipped says that bytes that are none came
// before. The error is io.EOF at the end of the list.
func (d *dirReader) next(h *zipHead) (skipped bool, err error) {
	for {
		b, err := d.r.Peek(lenCentral)
		if len(b) < lenCentral {
			if err == nil || err == io.EOF || err == io.ErrUnexpectedEOF {
				err = io.EOF
			}
			return skipped || len(b) >= 4 && string(b[:4]) == sigCentral, err
		}
		if string(b[:4]) == sigCentral {
			break
		}
		skipped = true
		n := bytes.Index(b[1:], []byte("PK"))
		if n < 0 {
			n = len(b) - 2
		}
		if _, err := d.r.Discard(n + 1); err != nil {
			return true, err
		}
	}
	b, _ := d.r.Peek(lenCentral)
	*h = zipHead{host: b[5], flags: le.Uint16(b[8:]), method: le.Uint16(b[10:]), clock: le.Uint16(b[12:]),
		day: le.Uint16(b[14:]), crc: le.Uint32(b[16:]),
		csize: uint64(le.Uint32(b[20:])), usize: uint64(le.Uint32(b[24:])), mode: le.Uint32(b[38:]),
		off: uint64(le.Uint32(b[42:]))}
	nameLen, extraLen, commentLen := int(le.Uint16(b[28:])), int(le.Uint16(b[30:])), int(le.Uint16(b[32:]))
	_, _ = d.r.Discard(lenCentral) // it was peeked at
	d.name.Reset()
	n, err := io.CopyN(&d.name, d.r, int64(nameLen+extraLen))
	if n < int64(nameLen+extraLen) {
		return true, eofOr(err)
	}
	h.name = zipName(d.name.Bytes()[:nameLen])
	h.readExtra(d.name.Bytes()[nameLen:], true)
	if _, err := d.r.Discard(commentLen); err != nil {
		return skipped, eofOr(err)
	}
	return skipped, nil
}

func eofOr(err error) error {
	if err == nil || err == io.ErrUnexpectedEOF {
		return io.EOF
	}
	return err
}

// readExtra takes from the extra fields what zip64 and AES put there. central
// says that the offset may be among them.
func (h *zipHead) readExtra(b []byte, central bool) {
	for len(b) >= 4 {
		id, n := le.Uint16(b), int(le.Uint16(b[2:]))
		if b = b[4:]; n > len(b) {
			return
		}
		field := b[:n]
		b = b[n:]
		switch id {
		case 1:
			vals := []*uint64{&h.usize, &h.csize}
			if central {
				vals = append(vals, &h.off)
			}
			for _, v := range vals {
				if *v == 0xffffffff && len(field) >= 8 {
					*v, field = le.Uint64(field), field[8:]
				}
			}
		case 0x5455: // seconds since 1970; their place is told by the first byte
			if n >= 5 && field[0]&1 != 0 {
				h.modified = int64(int32(le.Uint32(field[1:]))) * 1e9
			}
		case 0x000a: // NTFS: a reserved word, then tagged fields, of which 1 has FILETIMEs
			if n >= 16 && le.Uint16(field[4:]) == 1 && le.Uint16(field[6:]) >= 8 {
				h.modified = fromFileTime(le.Uint64(field[8:]))
			}
		case 0x9901:
			if n >= 7 {
				h.aes = append([]byte(nil), field[:7]...)
			}
		}
	}
}
