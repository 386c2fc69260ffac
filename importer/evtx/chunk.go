package evtx

import (
	"bytes"
	"hash/crc32"
	"io"
	"sync"
)

const (
	fileHeaderSize   = 4096
	chunkSize        = 64 << 10
	chunkHeaderSize  = 512
	recordHeaderSize = 24
	minRecord        = recordHeaderSize + 4
)

var (
	fileMagic   = []byte("ElfFile\x00")
	chunkMagic  = []byte("ElfChnk\x00")
	recordMagic = []byte{'*', '*', 0, 0}
)

// Chunk is up to 64 KiB of a log, which need no other bytes to be decoded.
type Chunk struct {
	Index  int
	Offset int64  // in the file
	Data   []byte // valid until the Chunk is given to Next again
	// Signed says that the chunk starts with its signature. HeaderOK and DataOK
	// say whether its checksums are right; of a log in use, or copied from a
	// running system, they need not be.
	Signed, HeaderOK, DataOK bool

	buf    []byte
	within bool // the file header counts this chunk
	cut    bool // the file ends here, before the chunk does
}

// buffer is the memory of a chunk, with the start of the next one.
type buffer [chunkSize + chunkHeaderSize]byte

var buffers = sync.Pool{New: func() any { return new(buffer) }}

// Free gives the chunk's memory to another one. Nothing that was read of it is
// valid any more.
func (c *Chunk) Free() {
	if c.buf != nil {
		buffers.Put((*buffer)(c.buf))
	}
	*c = Chunk{}
}

// free is where the unused end of the chunk starts, when the header can be
// trusted with that.
func (c *Chunk) free() (int, bool) {
	if !c.HeaderOK {
		return 0, false
	}
	n := int(le.Uint32(c.Data[0x30:]))
	return n, n >= chunkHeaderSize && n <= chunkSize
}

// check fills in Signed, HeaderOK and DataOK.
func (c *Chunk) check() {
	c.Signed = bytes.HasPrefix(c.Data, chunkMagic)
	c.HeaderOK = c.Signed && headerSum(c.Data)
	n, ok := c.free()
	c.DataOK = ok && n <= len(c.Data) && crc32.ChecksumIEEE(c.Data[chunkHeaderSize:n]) == le.Uint32(c.Data[0x34:])
}

// headerSum checks the checksum of a chunk's header.
func headerSum(b []byte) bool {
	if len(b) < chunkHeaderSize {
		return false
	}
	sum := crc32.ChecksumIEEE(b[:0x78])
	return crc32.Update(sum, crc32.IEEETable, b[0x80:chunkHeaderSize]) == le.Uint32(b[0x7C:])
}

// ChunkReader cuts a log into chunks. It looks for a chunk every 64 KiB; where
// there is none, or a damaged one, it also looks for one in between, which is
// where one lies when bytes of the file were lost.
type ChunkReader struct {
	r      io.Reader
	header Header
	off    int64
	index  int
	ahead  []byte // read, and not yet part of a chunk
	lead   int    // bytes before the first chunk that are none
	err    error
}

// NewChunkReader reads the file header. The error is ErrNotEVTX, or what
// reading gave.
func NewChunkReader(r io.Reader) (*ChunkReader, error) {
	cr := &ChunkReader{r: r, ahead: make([]byte, 0, fileHeaderSize+len(chunkMagic))}
	head := cr.ahead[:fileHeaderSize+len(chunkMagic)]
	n, err := io.ReadFull(r, head)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return nil, err
	}
	cr.err = ended(err)
	head = head[:n]
	switch {
	case bytes.HasPrefix(head, chunkMagic): // the header is lost
		cr.ahead = head
		return cr, nil
	case bytes.HasPrefix(head, fileMagic):
		cr.header = readHeader(head)
	case n == fileHeaderSize+len(chunkMagic) && bytes.Equal(head[fileHeaderSize:], chunkMagic):
	default:
		return nil, ErrNotEVTX
	}
	cr.off = int64(min(n, fileHeaderSize))
	cr.ahead = cr.ahead[:copy(cr.ahead[:cap(cr.ahead)], head[cr.off:])]
	return cr, nil
}

// FindChunk is where the first chunk of a damaged log lies, of which head is
// the start: by its signature where a sound log has one, anywhere else by the
// checksum of its header as well. It is -1 when there is none.
func FindChunk(head []byte) int {
	if bytes.HasPrefix(head, chunkMagic) {
		return 0
	}
	for at := fileHeaderSize; at < len(head); at += chunkSize {
		if bytes.HasPrefix(head[at:], chunkMagic) {
			return at
		}
	}
	if at := nextChunk(head); at > 0 {
		return at
	}
	return -1
}

// Carve reads the chunks of what is no whole log: its signature is damaged, or
// it lies among other bytes. at is where a chunk lies, as FindChunk has it; the
// file header is read where that is one of a sound log's places.
func Carve(r io.Reader, at int) (*ChunkReader, error) {
	cr := &ChunkReader{r: r, ahead: make([]byte, 0, fileHeaderSize), lead: at % chunkSize}
	if cr.lead != fileHeaderSize {
		return cr, nil
	}
	head := cr.ahead[:fileHeaderSize]
	n, err := io.ReadFull(r, head)
	if cr.err = ended(err); cr.err != nil && cr.err != io.EOF {
		return nil, err
	}
	cr.header = readHeader(head[:n])
	cr.lead, cr.off = 0, int64(n)
	return cr, nil
}

// ended turns an early end into io.EOF.
func ended(err error) error {
	if err == io.ErrUnexpectedEOF {
		return io.EOF
	}
	return err
}

// Header is what the file's header says.
func (cr *ChunkReader) Header() Header { return cr.header }

// Next reads the next chunk into c, whose memory it uses again. At the end the
// error is io.EOF. Of a file that ends inside a chunk, the chunk is what there
// is of it.
func (cr *ChunkReader) Next(c *Chunk) error {
	if cr.err != nil && len(cr.ahead) == 0 {
		return cr.err
	}
	if c.buf == nil {
		c.buf = buffers.Get().(*buffer)[:]
	}
	n := copy(c.buf, cr.ahead)
	cr.ahead = cr.ahead[:0]
	if cr.err == nil {
		var m int
		m, cr.err = io.ReadFull(cr.r, c.buf[n:])
		cr.err = ended(cr.err)
		n += m
	}
	if n == 0 {
		return cr.err
	}
	size := chunkSize
	if cr.lead > 0 {
		size, cr.lead = cr.lead, 0
	}
	*c = Chunk{
		Index: cr.index, Offset: cr.off, buf: c.buf, Data: c.buf[:min(n, size)],
		within: cr.index < int(cr.header.Chunks), cut: n < chunkSize,
	}
	c.check()
	if !c.HeaderOK || !c.DataOK {
		if k := nextChunk(c.buf[:n]); k > 0 && k < len(c.Data) {
			c.Data, c.cut = c.Data[:k], true
			c.check()
		}
	}
	cr.ahead = append(cr.ahead, c.buf[len(c.Data):n]...)
	cr.off += int64(len(c.Data))
	cr.index++
	return nil
}

// nextChunk finds a chunk with a sound header behind the start of b, or 0.
func nextChunk(b []byte) int {
	for at := 1; at < len(b); at++ {
		i := bytes.Index(b[at:], chunkMagic)
		if i < 0 {
			return 0
		}
		if at += i; headerSum(b[at:]) {
			return at
		}
	}
	return 0
}
