package db

import (
	"github.com/klauspost/compress/zstd"

	"escutcheon/eventstore/block"
)

// What is packed beside blocks: the bytes of rejected stretches.
var (
	zipper = func() *zstd.Encoder {
		enc, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(1<<20))
		if err != nil {
			panic(err) // options are constants
		}
		return enc
	}()
	unzipper = func() *zstd.Decoder {
		dec, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(0), zstd.WithDecoderMaxMemory(block.MostBytes))
		if err != nil {
			panic(err) // options are constants
		}
		return dec
	}()
)
