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

// most is how much packed bytes can unpack to at the very most, and so all that
// can be referred to: LZMA shrinks zeros to a ten-thousandth. It keeps a few
// bytes from taking all of MaxWindow, a hundred thousand times over.
func most(packed uint64) uint64 { return max(lzma.MinDictCap, min(packed, 1<<40)<<15) }

// LZMA reads bare LZMA of size bytes, as zip and 7z hold it, with its five
// bytes of properties. packed is how many bytes r has at most.
func LZMA(props []byte, size, packed uint64, r io.Reader) (io.Reader, error) {
	if len(props) != 5 {
		return nil, errProps
	}
	dict := uint64(binary.LittleEndian.Uint32(props[1:]))
	head := binary.LittleEndian.AppendUint32([]byte{props[0]}, uint32(min(dict, most(packed))))
	head = binary.LittleEndian.AppendUint64(head, size)
	return lzma.ReaderConfig{DictCap: MaxWindow}.NewReader(io.MultiReader(bytes.NewReader(head), r))
}

// LZMA2 reads bare LZMA2 of size bytes, as 7z holds it, with its one byte of
// properties. packed is how many bytes r has at most.
func LZMA2(props []byte, size, packed uint64, r io.Reader) (io.Reader, error) {
	if len(props) != 1 || props[0] > 40 {
		return nil, errProps
	}
	dict, err := lzma.DecodeDictCap(props[0])
	if err != nil {
		return nil, err
	}
	dict = int64(min(uint64(dict), size, most(packed)))
	if dict > MaxWindow {
		return nil, errDict
	}
	return lzma.Reader2Config{DictCap: int(max(dict, lzma.MinDictCap))}.NewReader2(r)
}
