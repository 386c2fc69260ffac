package originals

import (
	"encoding/hex"
	"hash"
	"io"
	"os"

	"github.com/klauspost/compress/zstd"

	"escutcheon/fault"
)

// kept is a kept file that is read.
type kept struct {
	f    *os.File
	z    *zstd.Decoder
	want string
	sum  hash.Hash
}

func (k *kept) Read(b []byte) (int, error) {
	n, err := k.z.Read(b)
	k.sum.Write(b[:n])
	switch {
	case err == io.EOF && hex.EncodeToString(k.sum.Sum(nil)) != k.want:
		return n, damaged(k.want)
	case err != nil && err != io.EOF:
		return n, damaged(k.want)
	}
	return n, err
}

func damaged(sum string) error {
	return fault.New(fault.Internal, "The kept file with the SHA-256 %s is damaged.", sum)
}

func (k *kept) Close() error {
	k.z.Close()
	return k.f.Close()
}
