// Package sevenz reads 7z archives: their list of members, encrypted or not,
// and the members in order. It reads LZMA, LZMA2, Deflate, Deflate64, BZip2, zstd,
// Delta, bytes as they are, and AES-256; not the filters for programs (BCJ), nor
// PPMd. Nothing in an archive makes it hold more than the list, of which
// MaxHeader is the limit, and one decoder's window.
//
// The format is that of 7zFormat.txt in the 7-Zip sources.
package sevenz

import (
	"errors"
	"hash/crc32"
	"io"
)

// MaxHeader is how many bytes a list of members may be.
const MaxHeader = 64 << 20

// What errors are, for errors.Is. Others are of the reader below.
var (
	ErrCut           = errors.New("the 7z archive ends too early")
	ErrDamaged       = errors.New("the 7z archive is damaged")
	ErrPassword      = errors.New("the 7z archive needs a password")
	ErrWrongPassword = errors.New("the password of the 7z archive is wrong, or it is damaged")
	ErrMethod        = errors.New("the 7z archive uses a method that is not read")
	ErrTooBig        = errors.New("the 7z archive needs too much memory")
	ErrMembers       = errors.New("the 7z archive holds too many members")
)

// Options says how an archive is read.
type Options struct {
	Password string // "" when there is none
	Members  int    // how many there may be

	// Wrap stands between what is unpacked of a block of packed bytes and its
	// members, so that what is skipped is counted too. It may be nil.
	Wrap func(r io.Reader, packed int64) io.Reader
}

// File is a member.
type File struct {
	Name      string // UTF-8; what is none in its UTF-16 is U+FFFD
	Size      int64
	Packed    int64 // of the block that it is in; -1 when that has others
	Folder    bool
	Anti      bool   // says that a file is to be removed
	Attr      uint32 // as Windows has them; above them the mode of Unix when bit 15 is set
	Encrypted bool
	Modified  uint64 // 100 ns since 1601; 0: not said

	block  int // -1: no bytes
	offset int64
	crc    uint32
	hasCRC bool
}

// Reader is an open archive. Its members are read one after the other.
type Reader struct {
	Files []File

	r      io.ReaderAt
	size   int64
	opt    Options
	keys   keys
	blocks []block
	at     int // the block under way
	cur    io.Reader
	pos    int64 // in it
	proved bool  // the password is right
	broken error // reading the archive's bytes failed
}

const lenStart = 32

// Open reads the list of members.
func Open(r io.ReaderAt, size int64, opt Options) (*Reader, error) {
	z := &Reader{r: r, size: size, opt: opt, at: -1}
	var start [lenStart]byte
	if _, err := r.ReadAt(start[:], 0); err != nil {
		return nil, cutOr(err)
	}
	if string(start[:6]) != "7z\xbc\xaf\x27\x1c" || crc32.ChecksumIEEE(start[12:]) != le.Uint32(start[8:]) {
		return nil, ErrDamaged
	}
	off, length, crc := le.Uint64(start[12:]), le.Uint64(start[20:]), le.Uint32(start[28:])
	switch {
	case length == 0:
		return z, nil
	case off > uint64(size) || length > uint64(size) || off+length > uint64(size)-lenStart:
		return nil, ErrCut
	case length > MaxHeader:
		return nil, ErrTooBig
	}
	head := make([]byte, length)
	if _, err := r.ReadAt(head, int64(off)+lenStart); err != nil {
		return nil, cutOr(err)
	}
	if crc32.ChecksumIEEE(head) != crc {
		return nil, ErrDamaged
	}
	return z, z.readHeader(head)
}

// readHeader reads the list, which may be packed itself, more than once.
func (z *Reader) readHeader(head []byte) error {
	for range 4 {
		p := &parser{b: head, members: z.opt.Members}
		switch p.byte() {
		case idHeader:
			p.header(z)
			return p.err
		case idEncoded:
			blocks := p.streams(z.size)
			if p.err != nil || len(blocks) == 0 {
				return errors.Join(p.err, ErrDamaged)
			}
			var err error
			if head, err = z.unpackHeader(blocks); err != nil {
				return err
			}
		default:
			return ErrDamaged
		}
	}
	return ErrDamaged
}

func (z *Reader) unpackHeader(blocks []block) ([]byte, error) {
	b := &blocks[0]
	if b.size() > MaxHeader {
		return nil, ErrTooBig
	}
	r, err := z.unpack(b)
	if err != nil {
		return nil, err
	}
	head := make([]byte, b.size())
	if _, err := io.ReadFull(r, head); err != nil {
		return nil, z.failed(b, err)
	}
	if b.hasCRC && crc32.ChecksumIEEE(head) != b.crc {
		return nil, z.failed(b, ErrDamaged)
	}
	z.proved = z.proved || b.encrypted()
	return head, nil
}

// Open gives a member's bytes, until the next is opened. Members before it in
// its block are unpacked and thrown away when they have not been read.
func (z *Reader) Open(i int) (io.Reader, error) {
	f := &z.Files[i]
	if f.block < 0 {
		return &member{z: z, f: f}, nil
	}
	if z.at != f.block || z.pos > f.offset {
		r, err := z.unpack(&z.blocks[f.block])
		if err != nil {
			return nil, err
		}
		if z.opt.Wrap != nil {
			r = z.opt.Wrap(r, z.blocks[f.block].packed)
		}
		z.at, z.cur, z.pos = f.block, r, 0
	}
	n, err := io.CopyN(io.Discard, z.cur, f.offset-z.pos)
	z.pos += n
	if err == io.EOF {
		err = z.failed(&z.blocks[f.block], err)
	}
	if err != nil {
		return nil, err
	}
	return &member{z: z, f: f, left: f.Size, from: z.cur}, nil
}

// member reads one file and holds it against its checksum.
type member struct {
	z    *Reader
	f    *File
	from io.Reader
	left int64
	crc  uint32
}

func (m *member) Read(p []byte) (int, error) {
	if m.left == 0 {
		return 0, m.end()
	}
	if m.z.cur != m.from {
		return 0, errors.New("another member was opened")
	}
	n, err := m.from.Read(p[:min(int64(len(p)), m.left)])
	m.left -= int64(n)
	m.z.pos += int64(n)
	m.crc = crc32.Update(m.crc, crc32.IEEETable, p[:n])
	if err == io.EOF {
		if err = nil; m.left > 0 {
			err = m.z.failed(&m.z.blocks[m.f.block], io.ErrUnexpectedEOF)
		}
	}
	return n, err
}

func (m *member) end() error {
	if m.f.block < 0 {
		return io.EOF
	}
	b := &m.z.blocks[m.f.block]
	if m.f.hasCRC && m.crc != m.f.crc {
		return m.z.failed(b, ErrDamaged)
	}
	m.z.proved = m.z.proved || m.f.hasCRC && b.encrypted()
	return io.EOF
}
