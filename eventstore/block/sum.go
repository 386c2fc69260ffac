package block

import (
	"encoding/binary"
	"hash/crc32"
)

// The first byte of encoded columns and summaries: what older versions wrote, and what
// ends with a checksum of all before it.
const (
	bare   = 1
	sealed = 2
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Sum is the checksum that stored bytes carry: CRC-32C.
func Sum(b []byte) uint32 { return crc32.Checksum(b, castagnoli) }

// addSum appends a checksum.
func addSum(b []byte) []byte { return binary.LittleEndian.AppendUint32(b, Sum(b)) }

// withoutSum is what stands behind the first byte, without the checksum; ok is false where
// that is another one, or the first byte is not known.
func withoutSum(b []byte) (body []byte, ok bool) {
	switch {
	case len(b) > 0 && b[0] == bare:
		return b[1:], true
	case len(b) < 5 || b[0] != sealed:
		return nil, false
	}
	end := len(b) - 4
	return b[1:end], Sum(b[:end]) == binary.LittleEndian.Uint32(b[end:])
}
