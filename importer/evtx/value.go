package evtx

import (
	"math"
	"math/bits"
	"strconv"
)

// Value is one value of a record: a view of the chunk's bytes, valid as long
// as its record is. The zero Value is a missing one.
type Value struct {
	raw  []byte
	off  uint32 // of raw in the chunk
	typ  Type
	utf8 bool // raw is UTF-8 already: text of a template, or put together
}

// Type is how the file stores the value; Null for a missing one.
func (v Value) Type() Type { return v.typ }

// Missing says that the record gives no value here. An empty string is not
// missing.
func (v Value) Missing() bool { return v.typ == Null }

// Raw is the value's bytes as the file holds them (UTF-16, little-endian
// numbers). Text that stands in the template itself is UTF-8.
func (v Value) Raw() []byte { return v.raw }

// String is the text Windows shows for the value; "" for a missing one.
func (v Value) String() string {
	if v.utf8 {
		return string(v.raw)
	}
	var buf [128]byte
	return string(v.AppendText(buf[:0]))
}

// AppendText appends what String returns.
func (v Value) AppendText(dst []byte) []byte {
	switch {
	case v.utf8:
		return append(dst, v.raw...)
	case v.typ == String:
		return appendUTF16(dst, trimUTF16(v.raw))
	case v.typ == Null:
		return dst
	case v.typ&Array != 0:
		first := true
		for item := range v.items() {
			if !first {
				dst = append(dst, ", "...)
			}
			first = false
			dst = item.AppendText(dst)
		}
		return dst
	}
	return v.appendScalar(dst)
}

func (v Value) appendScalar(dst []byte) []byte {
	b := v.raw
	if len(b) == 0 {
		return dst
	}
	if widths[v.typ] != uint8(min(len(b), 255)) && !v.typ.fits(len(b)) {
		return appendHex(dst, b)
	}
	switch v.typ {
	case Null:
		return dst
	case ANSIString:
		return appendANSI(dst, trimANSI(b))
	case Int8, Int16, Int32, Int64:
		return strconv.AppendInt(dst, signed(b), 10)
	case UInt8, UInt16, UInt32, UInt64:
		return appendUint(dst, unsigned(b))
	case HexInt32, HexInt64, SizeT:
		return appendHexNumber(dst, unsigned(b))
	case Real32:
		return appendReal(dst, float64(math.Float32frombits(le.Uint32(b))), 32)
	case Real64:
		return appendReal(dst, math.Float64frombits(le.Uint64(b)), 64)
	case Bool:
		return strconv.AppendBool(dst, unsigned(b) != 0)
	case GUIDType:
		return GUID(b[:16]).append(dst)
	case FileTimeT:
		return FileTime(le.Uint64(b)).append(dst)
	case SystemTime:
		return appendSystemTime(dst, b)
	case SID:
		return appendSID(dst, b)
	}
	return appendHex(dst, b)
}

// Uint is the value as an unsigned number, when it is an integer, a hex
// number, or text that reads as one ("4624", "0x10").
func (v Value) Uint() (uint64, bool) {
	switch v.typ {
	case Int8, Int16, Int32, Int64:
		n := signed(v.raw)
		return uint64(n), n >= 0 && len(v.raw) > 0
	case UInt8, UInt16, UInt32, UInt64, HexInt32, HexInt64, SizeT, Bool:
		return unsigned(v.raw), len(v.raw) > 0
	case String, ANSIString:
		return v.parseUint()
	}
	return 0, false
}

func (v Value) parseUint() (uint64, bool) {
	if len(v.raw) > 64 {
		return 0, false
	}
	var buf [64]byte
	s := v.AppendText(buf[:0])
	base := 10
	if len(s) > 2 && s[0] == '0' && s[1]|0x20 == 'x' {
		s, base = s[2:], 16
	}
	n, err := strconv.ParseUint(string(s), base, 64)
	return n, err == nil
}

// Int is the value as a signed number; see Uint.
func (v Value) Int() (int64, bool) {
	switch v.typ {
	case Int8, Int16, Int32, Int64:
		return signed(v.raw), len(v.raw) > 0
	}
	n, ok := v.Uint()
	return int64(n), ok && n <= math.MaxInt64
}

// Real is the value of a Real32 or Real64.
func (v Value) Real() (float64, bool) {
	switch {
	case v.typ == Real32 && len(v.raw) == 4:
		return float64(math.Float32frombits(le.Uint32(v.raw))), true
	case v.typ == Real64 && len(v.raw) == 8:
		return math.Float64frombits(le.Uint64(v.raw)), true
	}
	return 0, false
}

// FileTime is the value of a FileTime or SysTime, or of the text of a time.
func (v Value) FileTime() (FileTime, bool) {
	switch {
	case v.typ == FileTimeT && len(v.raw) == 8:
		return FileTime(le.Uint64(v.raw)), true
	case v.typ == SystemTime && len(v.raw) == 16:
		return fileTimeOf(v.raw)
	case (v.typ == String || v.typ == ANSIString) && len(v.raw) <= 128:
		return parseFileTime(v.String())
	}
	return 0, false
}

// GUID is the value of a Guid, or of the text of one.
func (v Value) GUID() (GUID, bool) {
	if v.typ == GUIDType && len(v.raw) == 16 {
		return GUID(v.raw), true
	}
	if (v.typ == String || v.typ == ANSIString) && len(v.raw) <= 128 {
		return parseGUID(v.String())
	}
	return GUID{}, false
}

// unsigned reads up to eight bytes.
func unsigned(b []byte) uint64 {
	switch len(b) {
	case 8:
		return le.Uint64(b)
	case 4:
		return uint64(le.Uint32(b))
	case 2:
		return uint64(le.Uint16(b))
	case 1:
		return uint64(b[0])
	}
	return 0
}

func signed(b []byte) int64 {
	switch len(b) {
	case 8:
		return int64(le.Uint64(b))
	case 4:
		return int64(int32(le.Uint32(b)))
	case 2:
		return int64(int16(le.Uint16(b)))
	case 1:
		return int64(int8(b[0]))
	}
	return 0
}

// appendUint is quick for the small numbers that most are.
func appendUint(dst []byte, n uint64) []byte {
	if n < 10 {
		return append(dst, byte('0'+n))
	}
	return strconv.AppendUint(dst, n, 10)
}

func appendHexNumber(dst []byte, n uint64) []byte {
	const digits = "0123456789abcdef"
	dst = append(dst, "0x"...)
	for shift := max(bits.Len64(n)-1, 0) &^ 3; shift >= 0; shift -= 4 {
		dst = append(dst, digits[n>>shift&15])
	}
	return dst
}
