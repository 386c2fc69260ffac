package stream

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"

	"github.com/ulikunitz/xz/lzma"
)

// UntilMark is the size of LZMA that goes on until its end mark.
const UntilMark = 1<<64 - 1

var (
	errDict  = errors.New("the dictionary is too large")
	errProps = errors.New("wrong properties of LZMA")
)

// LZMA reads bare LZMA of size bytes, as zip and 7z hold it, with its five
// bytes of properties.
func LZMA(props []byte, size uint64, r io.Reader) (io.Reader, error) {
	if len(props) != 5 {
		return nil, errProps
	}
	head := binary.LittleEndian.AppendUint64(append([]byte(nil), props...), size)
	return lzma.ReaderConfig{DictCap: MaxWindow}.NewReader(io.MultiReader(bytes.NewReader(head), r))
}

// LZMA2 reads bare LZMA2 of size bytes, as 7z holds it, with its one byte of
// properties.
func LZMA2(props []byte, size uint64, r io.Reader) (io.Reader, error) {
	if len(props) != 1 || props[0] > 40 {
		return nil, errProps
	}
	dict, err := lzma.DecodeDictCap(props[0])
	if err != nil {
		return nil, err
	}
	if size < uint64(dict) { // no more can be referred to
		dict = int64(size)
	}
	if dict > MaxWindow {
		return nil, errDict
	}
	return lzma.Reader2Config{DictCap: int(max(dict, lzma.MinDictCap))}.NewReader2(r)
}
