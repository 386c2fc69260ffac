package db

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/klauspost/compress/zstd"
)

// blockBytes is about how many original bytes go into one block: large enough
// to compress well, small enough that opening one event costs little.
const blockBytes = 256 << 10

// maxBlock bounds what a damaged block may unpack to: one record of the
// decoders' greatest size and a block's worth of others.
const maxBlock = 64 << 20

// record is one event's original bytes and where they stand in their file.
type record struct {
	offset int64
	raw    string
}

type blockWriter struct{ enc *zstd.Encoder }

func newBlockWriter() (*blockWriter, error) {
	enc, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedDefault))
	return &blockWriter{enc}, err
}

func (w *blockWriter) pack(recs []record) []byte {
	size := 0
	for _, r := range recs {
		size += len(r.raw) + 8
	}
	b := make([]byte, 0, size)
	last := int64(0)
	for _, r := range recs {
		b = binary.AppendVarint(b, r.offset-last)
		b = binary.AppendUvarint(b, uint64(len(r.raw)))
		last = r.offset
	}
	for _, r := range recs {
		b = append(b, r.raw...)
	}
	return w.enc.EncodeAll(b, nil)
}

var errBlock = errors.New(
	"a block of original bytes is damaged: restore the database from a copy, or import the files again into a new one")

var blockDecoder = func() *zstd.Decoder {
	dec, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(0), zstd.WithDecoderMaxMemory(maxBlock))
	if err != nil {
		panic(err) // options are constants
	}
	return dec
}()

func unpack(data []byte, count int) ([]record, error) {
	b, err := blockDecoder.DecodeAll(data, nil)
	if err != nil {
		return nil, fmt.Errorf("%w (%v)", errBlock, err)
	}
	recs := make([]record, 0, min(count, len(b)))
	lens := make([]uint64, 0, min(count, len(b)))
	last := int64(0)
	for range count {
		d, n := binary.Varint(b)
		if n <= 0 {
			return nil, errBlock
		}
		b = b[n:]
		l, n := binary.Uvarint(b)
		if n <= 0 {
			return nil, errBlock
		}
		b = b[n:]
		last += d
		recs = append(recs, record{offset: last})
		lens = append(lens, l)
	}
	for i, l := range lens {
		if l > uint64(len(b)) {
			return nil, errBlock
		}
		recs[i].raw = string(b[:l])
		b = b[l:]
	}
	return recs, nil
}
