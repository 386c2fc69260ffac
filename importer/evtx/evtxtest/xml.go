package evtxtest

import "unicode/utf16"

// Node is a part of binary XML: an element, an attribute, text or a value.
type Node struct {
	token    byte
	name     string
	children []Node // an element's attributes come first
	slot     uint16
	typ      byte
}

// El is an element. Attributes go before content.
func El(name string, parts ...Node) Node { return Node{token: 0x01, name: name, children: parts} }

// At is an attribute made of Text, Sub and Opt.
func At(name string, parts ...Node) Node { return Node{token: 0x06, name: name, children: parts} }

// Text is fixed text.
func Text(s string) Node { return Node{token: 0x05, name: s} }

// CDATA is a CDATA section.
func CDATA(s string) Node { return Node{token: 0x07, name: s} }

// Char is a reference to a character below U+10000.
func Char(c uint16) Node { return Node{token: 0x08, slot: c} }

// Entity is a reference to an entity, such as "amp".
func Entity(name string) Node { return Node{token: 0x09, name: name} }

// PI is a processing instruction.
func PI(target, data string) Node {
	return Node{token: 0x0A, name: target, children: []Node{{name: data}}}
}

// Sub is the value of a slot, always shown.
func Sub(slot int, typ byte) Node { return Node{token: 0x0D, slot: uint16(slot), typ: typ} }

// Opt is the value of a slot; what encloses it is not shown when it is null.
func Opt(slot int, typ byte) Node { return Node{token: 0x0E, slot: uint16(slot), typ: typ} }

// chunk is a chunk that is being written.
type chunk struct {
	b         []byte
	names     map[string]int
	templates map[*Template]int
	records   []Place // offsets in the chunk
	first     uint64
	last      uint64
}

func (c *chunk) u8(v ...byte)   { c.b = append(c.b, v...) }
func (c *chunk) u16(v uint16)   { c.b = le.AppendUint16(c.b, v) }
func (c *chunk) u32(v uint32)   { c.b = le.AppendUint32(c.b, v) }
func (c *chunk) u64(v uint64)   { c.b = le.AppendUint64(c.b, v) }
func (c *chunk) utf16(s string) { c.b = append(c.b, UTF16(s)...) }

// UTF16 is text in little-endian UTF-16.
func UTF16(s string) []byte {
	var b []byte
	for _, u := range utf16.Encode([]rune(s)) {
		b = le.AppendUint16(b, u)
	}
	return b
}

// name writes the offset of a name, and the name itself the first time.
func (c *chunk) name(s string) {
	if at, ok := c.names[s]; ok {
		c.u32(uint32(at))
		return
	}
	at := len(c.b) + 4
	c.names[s] = at
	c.u32(uint32(at))
	c.u32(0)
	units := utf16.Encode([]rune(s))
	var hash uint32
	for _, u := range units {
		hash = hash*65599 + uint32(u)
	}
	c.u16(uint16(hash))
	c.u16(uint16(len(units)))
	c.utf16(s)
	c.u16(0)
}

// length writes what f writes after its length in bytes.
func (c *chunk) length(f func()) {
	at := len(c.b)
	c.u32(0)
	f()
	le.PutUint32(c.b[at:], uint32(len(c.b)-at-4))
}

// node writes a node; elements of templates have a dependency id.
func (c *chunk) node(n Node, inTemplate, more bool) {
	token := n.token
	if more {
		token |= 0x40
	}
	switch n.token {
	case 0x01:
		c.element(n, inTemplate)
	case 0x06:
		c.u8(token)
		c.name(n.name)
		for _, p := range n.children {
			c.node(p, inTemplate, false)
		}
	case 0x05:
		c.u8(token, 0x01)
		c.counted(n.name)
	case 0x07:
		c.u8(token)
		c.counted(n.name)
	case 0x08:
		c.u8(token)
		c.u16(n.slot)
	case 0x09:
		c.u8(token)
		c.name(n.name)
	case 0x0A:
		c.u8(0x0A)
		c.name(n.name)
		c.u8(0x0B)
		c.counted(n.children[0].name)
	default:
		c.u8(token)
		c.u16(n.slot)
		c.u8(n.typ)
	}
}

func (c *chunk) counted(s string) {
	c.u16(uint16(len(UTF16(s)) / 2))
	c.utf16(s)
}

func (c *chunk) element(n Node, inTemplate bool) {
	attrs := 0
	for attrs < len(n.children) && n.children[attrs].token == 0x06 {
		attrs++
	}
	if attrs > 0 {
		c.u8(0x41)
	} else {
		c.u8(0x01)
	}
	if inTemplate {
		c.u16(0xFFFF)
	}
	c.length(func() {
		c.name(n.name)
		if attrs > 0 {
			c.length(func() {
				for i, a := range n.children[:attrs] {
					c.node(a, inTemplate, i+1 < attrs)
				}
			})
		}
		if attrs == len(n.children) {
			c.u8(0x03)
			return
		}
		c.u8(0x02)
		for _, child := range n.children[attrs:] {
			c.node(child, inTemplate, false)
		}
		c.u8(0x04)
	})
}
