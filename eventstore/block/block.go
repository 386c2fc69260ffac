// Package block says how a block of records is encoded: their original bytes,
// the columns of what is known of them, a filter over their words, and a summary
// of what the block cannot hold. It stores nothing and decodes no log; where a
// block lies, and what the numbers in its columns name, is its caller's business.
//
// What is stored of a block is hostile bytes to this package: whatever they are,
// reading them ends in an error or a result of bounded size.
package block

import (
	"encoding/binary"
	"errors"
	"fmt"
	"sync"
	"unsafe"

	"github.com/klauspost/compress/zstd"
)

const (
	// MostBytes bounds what a block unpacks to: one record of the decoders'
	// greatest size and a block's worth of others.
	MostBytes = 64 << 20
	// MostRecords bounds how many records a block has.
	MostRecords = 1 << 20
)

// window is how far back the encoder looks, in bytes.
const window = 1 << 20

// ErrDamaged is what reading a block fails with when its bytes are not what was
// written.
var ErrDamaged = errors.New(
	"a block of original bytes is damaged: restore the database from a copy, or import the files again into a new one")

// Packed is what is made of records before anybody knows which of them are
// stored already.
type Packed struct {
	Count, Size int    // how many records, and how many bytes their originals have
	Bytes       []byte // the records, for Unpack
	Words       []byte // the filter over their words, for MayHold
}

// packer is what packing needs and the next packing needs again.
type packer struct {
	enc   *zstd.Encoder
	plain []byte
	words wordSet
}

var packers = sync.Pool{New: func() any {
	enc, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedFastest),
		zstd.WithWindowSize(window), zstd.WithLowerEncoderMem(true))
	if err != nil {
		panic(err) // options are constants
	}
	return &packer{enc: enc}
}}

// mostKept is the size of a buffer that is kept for the next packing, in bytes.
const mostKept = 8 << 20

// Pack packs n records: at most MostRecords, of at most MostBytes together with
// 20 bytes a record. record gives the i-th and is asked twice for each. It may be
// called from several goroutines at a time.
func Pack(n int, record func(i int) (offset int64, raw string)) *Packed {
	p := packers.Get().(*packer)
	defer packers.Put(p)
	b, last, size := p.plain[:0], int64(0), 0
	for i := range n {
		offset, raw := record(i)
		b = binary.AppendVarint(b, offset-last)
		b = binary.AppendUvarint(b, uint64(len(raw)))
		last, size = offset, size+len(raw)
	}
	p.words.reset()
	for i := range n {
		_, raw := record(i)
		b = append(b, raw...)
		p.words.add(b[len(b)-len(raw):])
	}
	if p.plain = b; cap(b) > mostKept {
		p.plain = nil
	}
	return &Packed{n, size, p.enc.EncodeAll(b, make([]byte, 0, len(b)/8)), p.words.filter()}
}

var decoder = func() *zstd.Decoder {
	dec, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(0), zstd.WithDecoderMaxMemory(MostBytes))
	if err != nil {
		panic(err) // options are constants
	}
	return dec
}()

// Originals are the records of a block. They share its unpacked bytes, which
// live as long as any of them.
type Originals struct {
	bytes   []byte // of the records, one after another
	offsets []int64
	ends    []int // in bytes
}

// Len is how many records there are.
func (o *Originals) Len() int { return len(o.ends) }

// Size is how many bytes the records have together.
func (o *Originals) Size() int { return len(o.bytes) }

// Record is the i-th record: where it stands in its file, and its bytes.
func (o *Originals) Record(i int) (offset int64, raw string) {
	b := o.record(i)
	return o.offsets[i], unsafe.String(unsafe.SliceData(b), len(b)) // nothing writes to the bytes any more
}

func (o *Originals) record(i int) []byte {
	from := 0
	if i > 0 {
		from = o.ends[i-1]
	}
	return o.bytes[from:o.ends[i]]
}

// Unpack reads the count records that Pack packed; the error wraps ErrDamaged.
func Unpack(data []byte, count int) (*Originals, error) {
	b, err := decoder.DecodeAll(data, nil)
	if err != nil {
		return nil, fmt.Errorf("%w (%v)", ErrDamaged, err)
	}
	if count < 0 || count > len(b)/2 { // a record takes two bytes at least
		return nil, ErrDamaged
	}
	o := &Originals{offsets: make([]int64, count), ends: make([]int, count)}
	last, end := int64(0), 0
	for i := range count {
		d, n := binary.Varint(b)
		size, m := binary.Uvarint(b[max(n, 0):])
		if n <= 0 || m <= 0 || size > uint64(len(b)-end) {
			return nil, ErrDamaged
		}
		b = b[n+m:]
		last, end = last+d, end+int(size)
		o.offsets[i], o.ends[i] = last, end
	}
	if end > len(b) {
		return nil, ErrDamaged
	}
	o.bytes = b[:end]
	return o, nil
}
