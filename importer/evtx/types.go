package evtx

import "strconv"

// Type is how a value is stored. The numbers are the format's own.
type Type uint8

// The types of values. Array is a bit on top of another type; the iterators
// give each item of an array as a field of its own, so that it shows only
// where an array stands in an attribute or in the middle of text.
const (
	Null       Type = 0x00
	String     Type = 0x01 // UTF-16 in the file, or text of the template
	ANSIString Type = 0x02 // Windows-1252
	Int8       Type = 0x03
	UInt8      Type = 0x04
	Int16      Type = 0x05
	UInt16     Type = 0x06
	Int32      Type = 0x07
	UInt32     Type = 0x08
	Int64      Type = 0x09
	UInt64     Type = 0x0A
	Real32     Type = 0x0B
	Real64     Type = 0x0C
	Bool       Type = 0x0D
	Binary     Type = 0x0E
	GUIDType   Type = 0x0F
	SizeT      Type = 0x10
	FileTimeT  Type = 0x11
	SystemTime Type = 0x12
	SID        Type = 0x13
	HexInt32   Type = 0x14
	HexInt64   Type = 0x15
	BinXML     Type = 0x21
	Array      Type = 0x80
)

var typeNames = map[Type]string{
	Null: "Null", String: "String", ANSIString: "AnsiString", Int8: "Int8", UInt8: "UInt8", Int16: "Int16",
	UInt16: "UInt16", Int32: "Int32", UInt32: "UInt32", Int64: "Int64", UInt64: "UInt64", Real32: "Real32",
	Real64: "Real64", Bool: "Bool", Binary: "Binary", GUIDType: "Guid", SizeT: "SizeT", FileTimeT: "FileTime",
	SystemTime: "SysTime", SID: "Sid", HexInt32: "HexInt32", HexInt64: "HexInt64", BinXML: "BinXml",
}

// String is the type's name in [MS-EVEN6], "Array of …" for arrays.
func (t Type) String() string {
	s, ok := typeNames[t&^Array]
	if !ok {
		s = "0x" + strconv.FormatUint(uint64(t&^Array), 16)
	}
	if t&Array != 0 {
		return "Array of " + s
	}
	return s
}

// width is the size in bytes of a type whose values all have one, else 0.
func (t Type) width() int {
	switch t {
	case Int8, UInt8:
		return 1
	case Int16, UInt16:
		return 2
	case Int32, UInt32, Real32, Bool, HexInt32:
		return 4
	case Int64, UInt64, Real64, FileTimeT, HexInt64:
		return 8
	case GUIDType, SystemTime:
		return 16
	}
	return 0
}

// widths is width for all types.
var widths = func() (t [256]uint8) {
	for i := range t {
		t[i] = uint8(Type(i).width())
	}
	return t
}()

// fits says whether a value of the type may be n bytes long. Nothing at all
// is a missing value of any type.
func (t Type) fits(n int) bool {
	switch {
	case n == 0:
		return true
	case t&Array != 0:
		w := (t &^ Array).width()
		return w == 0 || n%w == 0
	case t == Null:
		return true
	case t == SizeT:
		return n == 4 || n == 8
	case t == Bool:
		return n == 1 || n == 4
	case t == SID:
		return n >= 8 && n <= 8+4*255
	}
	w := t.width()
	return w == 0 || w == n
}
