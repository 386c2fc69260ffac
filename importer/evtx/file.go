package evtx

import (
	"hash/crc32"
	"io"
	"iter"
)

// Header is the header of a file. A log in use leaves it stale: Chunks may be
// lower than the number of chunks there are, and nothing here relies on it.
type Header struct {
	FirstChunk, LastChunk uint64
	NextRecord            uint64
	Minor, Major          uint16
	Chunks                uint16
	Dirty, Full           bool // the log was open; it was full
	Sound                 bool // the checksum is right, with the signature as it should be
}

func readHeader(b []byte) (h Header) {
	if len(b) < 128 {
		return h
	}
	flags := le.Uint32(b[0x78:])
	return Header{
		FirstChunk: le.Uint64(b[0x08:]), LastChunk: le.Uint64(b[0x10:]), NextRecord: le.Uint64(b[0x18:]),
		Minor: le.Uint16(b[0x24:]), Major: le.Uint16(b[0x26:]), Chunks: le.Uint16(b[0x2A:]),
		Dirty: flags&1 != 0, Full: flags&2 != 0,
		Sound: headerSumOf(b) == le.Uint32(b[0x7C:]),
	}
}

// headerSumOf is the checksum of a file's header, whose signature may be
// damaged.
func headerSumOf(b []byte) uint32 {
	return crc32.Update(crc32.ChecksumIEEE(fileMagic), crc32.IEEETable, b[len(fileMagic):0x78])
}

// File is an EVTX file to be read from any place.
type File struct {
	r      io.ReaderAt
	size   int64
	header Header
}

// Open looks at the header of a file of the given size. The error is
// ErrNotEVTX, or what reading gave. The caller closes r.
func Open(r io.ReaderAt, size int64) (*File, error) {
	cr, err := NewChunkReader(io.NewSectionReader(r, 0, size))
	if err != nil {
		return nil, err
	}
	return &File{r, size, cr.header}, nil
}

// Header is what the file's header says.
func (f *File) Header() Header { return f.header }

// Chunks reads the file's chunks in order from the start.
func (f *File) Chunks() (*ChunkReader, error) {
	return NewChunkReader(io.NewSectionReader(f.r, 0, f.size))
}

// Records gives all records in the order of the file. Beside a nil record the
// error is a *Skip, after which it goes on, or an error of reading, which is
// the last.
func (f *File) Records() iter.Seq2[*Record, error] {
	return records(f.Chunks)
}

// Records gives the records of a stream; see File.Records. The error
// ErrNotEVTX comes first when it is none.
func Records(r io.Reader) iter.Seq2[*Record, error] {
	return records(func() (*ChunkReader, error) { return NewChunkReader(r) })
}

func records(open func() (*ChunkReader, error)) iter.Seq2[*Record, error] {
	return func(yield func(*Record, error) bool) {
		cr, err := open()
		if err != nil {
			yield(nil, err)
			return
		}
		d := NewDecoder()
		var c Chunk
		for {
			if err := cr.Next(&c); err != nil {
				if err != io.EOF {
					yield(nil, err)
				}
				return
			}
			for r, err := range d.Records(&c) {
				if !yield(r, err) {
					return
				}
			}
		}
	}
}
