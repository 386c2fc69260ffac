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
	"runtime"

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
const window = 256 << 10

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

// idle are packers that wait for work: making one is dear, so those of all
// processors are kept.
var idle = make(chan *packer, runtime.GOMAXPROCS(0))

func newPacker() *packer {
	select {
	case p := <-idle:
		return p
	default:
	}
	enc, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedFastest),
		zstd.WithWindowSize(window))
	if err != nil {
		panic(err) // options are constants
	}
	return &packer{enc: enc}
}

func (p *packer) release() {
	select {
	case idle <- p:
	default:
	}
}

// mostKept is the size of a buffer that is kept for the next packing, in bytes.
const mostKept = 8 << 20

// Pack packs n records: at most MostRecords, of at most MostBytes together with
// 20 bytes a record. record gives the i-th and is asked twice for each. It may be
// called from several goroutines at a time.
func Pack(n int, record func(i int) (offset int64, raw string)) *Packed {
	p := newPacker()
	defer p.release()
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
