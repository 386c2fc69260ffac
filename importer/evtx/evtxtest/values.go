package evtxtest

import "encoding/binary"

var le = binary.LittleEndian

// Value is a value of a template instance: bytes of a type, or binary XML.
type Value struct {
	Type byte
	Raw  []byte
	Item *Item // binary XML, which needs to know where it stands
}

// Item is binary XML: an instance of a template, or a literal element.
type Item struct {
	Template *Template
	Values   []Value
	Literal  *Node
	Bytes    []byte // written as they are
}

// Template is a definition. One Template is defined once in each chunk.
type Template struct {
	GUID [16]byte
	Root Node
}

// Str is a string.
func Str(s string) Value { return Value{Type: 0x01, Raw: UTF16(s)} }

// StrZ is a string with a zero behind it, as many providers write it.
func StrZ(s string) Value { return Value{Type: 0x01, Raw: append(UTF16(s), 0, 0)} }

// Strs is an array of strings.
func Strs(list ...string) Value {
	v := Value{Type: 0x81}
	for _, s := range list {
		v.Raw = append(append(v.Raw, UTF16(s)...), 0, 0)
	}
	return v
}

// Null is a missing value.
func Null() Value { return Value{} }

// Raw is bytes of a type.
func Raw(typ byte, b ...byte) Value { return Value{Type: typ, Raw: b} }

// U8 is an unsigned number of one byte.
func U8(v uint8) Value { return Raw(0x04, v) }

// U16 is an unsigned number of two bytes.
func U16(v uint16) Value { return Raw(0x06, le.AppendUint16(nil, v)...) }

// U32 is an unsigned number of four bytes.
func U32(v uint32) Value { return Raw(0x08, le.AppendUint32(nil, v)...) }

// U64 is an unsigned number of eight bytes.
func U64(v uint64) Value { return Raw(0x0A, le.AppendUint64(nil, v)...) }

// Hex64 is a number shown in hex.
func Hex64(v uint64) Value { return Raw(0x15, le.AppendUint64(nil, v)...) }

// Time is a moment in 100 ns since 1601.
func Time(v uint64) Value { return Raw(0x11, le.AppendUint64(nil, v)...) }

// GUID is a GUID in the byte order of the file.
func GUID(g [16]byte) Value { return Raw(0x0F, g[:]...) }

// SID is S-1-authority-subs….
func SID(authority byte, subs ...uint32) Value {
	b := []byte{1, byte(len(subs)), 0, 0, 0, 0, 0, authority}
	for _, s := range subs {
		b = le.AppendUint32(b, s)
	}
	return Raw(0x13, b...)
}

// XML is an instance of a template inside another.
func XML(t *Template, values ...Value) Value {
	return Value{Type: 0x21, Item: &Item{Template: t, Values: values}}
}

// LiteralXML is an element inside a template instance.
func LiteralXML(n Node) Value { return Value{Type: 0x21, Item: &Item{Literal: &n}} }

// item writes binary XML with its end. A template is defined where it is used
// first.
func (c *chunk) item(it *Item) {
	if it.Bytes != nil {
		c.u8(it.Bytes...)
		return
	}
	c.u8(0x0F, 1, 1, 0)
	if it.Literal != nil {
		c.node(*it.Literal, false, false)
		c.u8(0)
		return
	}
	c.u8(0x0C, 1)
	c.u8(it.Template.GUID[:4]...)
	if at, ok := c.templates[it.Template]; ok {
		c.u32(uint32(at))
	} else {
		c.u32(uint32(len(c.b) + 4))
		c.define(it.Template)
	}
	c.values(it.Values)
	c.u8(0)
}

// define writes a definition where it stands.
func (c *chunk) define(t *Template) {
	c.templates[t] = len(c.b)
	c.u32(0)
	c.u8(t.GUID[:]...)
	c.length(func() {
		c.u8(0x0F, 1, 1, 0)
		c.node(t.Root, true, false)
		c.u8(0)
	})
}

func (c *chunk) values(values []Value) {
	c.u32(uint32(len(values)))
	at := len(c.b)
	for _, v := range values {
		c.u16(uint16(len(v.Raw)))
		c.u8(v.Type, 0)
	}
	for i, v := range values {
		if v.Item == nil {
			c.u8(v.Raw...)
			continue
		}
		from := len(c.b)
		c.item(v.Item)
		le.PutUint16(c.b[at+4*i:], uint16(len(c.b)-from))
	}
}
