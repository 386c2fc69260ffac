package block

import (
	"encoding/binary"
	"fmt"
	"slices"
	"unsafe"

	"github.com/klauspost/compress/zstd"
)

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
	plain   []byte // all that was unpacked
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
	from, to := o.span(i)
	return o.bytes[from:to]
}

func (o *Originals) span(i int) (from, to int) {
	if i > 0 {
		from = o.ends[i-1]
	}
	return from, o.ends[i]
}

// Unpack reads the count records that Pack packed; the error wraps ErrDamaged.
func Unpack(data []byte, count int) (*Originals, error) {
	o := &Originals{}
	if err := o.Unpack(data, count); err != nil {
		return nil, err
	}
	return o, nil
}

// Unpack reads another block into the memory of one that nobody needs any more,
// whose records must not be used from then on. After an error o is empty.
func (o *Originals) Unpack(data []byte, count int) error {
	plain, err := decoder.DecodeAll(data, o.plain[:0])
	if err != nil {
		*o = Originals{}
		return fmt.Errorf("%w (%v)", ErrDamaged, err)
	}
	*o = Originals{plain, nil, o.offsets[:0], o.ends[:0]}
	if !o.parse(plain, count) {
		*o = Originals{}
		return ErrDamaged
	}
	return nil
}

func (o *Originals) parse(b []byte, count int) bool {
	if count < 0 || count > len(b)/2 { // a record takes two bytes at least
		return false
	}
	o.offsets, o.ends = slices.Grow(o.offsets, count), slices.Grow(o.ends, count)
	last, end := int64(0), 0
	for range count {
		d, n := binary.Varint(b)
		size, m := binary.Uvarint(b[max(n, 0):])
		if n <= 0 || m <= 0 || size > uint64(len(b)-end) {
			return false
		}
		b = b[n+m:]
		last, end = last+d, end+int(size)
		o.offsets, o.ends = append(o.offsets, last), append(o.ends, end)
	}
	if end > len(b) {
		return false
	}
	o.bytes = b[:end]
	return true
}
