package stream

import (
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/zstd"
	"github.com/mikelolasagasti/xz"
	"github.com/ulikunitz/xz/lzma"
)

// Damaged is the error of a stream or an archive that cannot be read to its
// end. It is io.ErrUnexpectedEOF: what comes before was read, the rest is
// missing.
type Damaged struct {
	What string // a sentence
	Err  error
}

func (d *Damaged) Error() string { return d.What }

func (d *Damaged) Unwrap() error { return d.Err }

// Is says that the stream ended where it should not have.
func (d *Damaged) Is(target error) bool { return target == io.ErrUnexpectedEOF }

// explained says what err of a decoder means. src is what reading the
// compressed bytes gave, if that failed.
func explained(kind string, err, src error) error {
	switch {
	case err == nil || err == io.EOF:
		return err
	case src != nil && !errors.Is(src, io.ErrUnexpectedEOF):
		return src
	case TooBig(err):
		return &Damaged{fmt.Sprintf("The %s file needs more than %d MiB of memory to be decompressed, which is the limit. "+
			"Decompress it first and import the result.", kind, MaxWindow>>20), err}
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, xz.ErrBuf):
		return &Damaged{"The " + kind + " file is cut short: it ends too early.", err}
	}
	return &Damaged{"The " + kind + " file is damaged: what follows cannot be decompressed.", err}
}

// TooBig says whether err of a decoder is that MaxWindow is too small for the
// stream.
func TooBig(err error) bool {
	var dict *lzma.ErrDictSize
	return errors.Is(err, zstd.ErrWindowSizeExceeded) || errors.Is(err, zstd.ErrDecoderSizeExceeded) ||
		errors.Is(err, xz.ErrMemlimit) || errors.As(err, &dict) || errors.Is(err, errDict)
}
