package evtx

// Tokens of binary XML. The bit more says that attributes follow, or more of
// the same.
const (
	tokEnd        = 0x00
	tokOpen       = 0x01
	tokInside     = 0x02
	tokCloseEmpty = 0x03
	tokClose      = 0x04
	tokValue      = 0x05
	tokAttr       = 0x06
	tokCDATA      = 0x07
	tokCharRef    = 0x08
	tokEntity     = 0x09
	tokPITarget   = 0x0A
	tokPIData     = 0x0B
	tokTemplate   = 0x0C
	tokSub        = 0x0D
	tokOptional   = 0x0E
	tokFragment   = 0x0F
	more          = 0x40
)

// compiler turns binary XML between pos and limit of a chunk into ops.
type compiler struct {
	d          *Decoder
	b          []byte
	pos, limit int
	start      int
	t          *template
	keep       bool // remember names for template.same
	dependency bool // elements carry a dependency id, as they do in templates
	open       [maxElements]int32
	depth      int
	attr       int32 // the open attribute, or -1
	inTag      bool
}

// compile reads one element with all it holds. It returns where it ended.
func (d *Decoder) compile(t *template, pos, limit int, isTemplate bool) (int, error) {
	if d.compiled += limit - pos; d.compiled > compiledPerByte*len(d.chunk) {
		return 0, fault(TooMuch)
	}
	c := compiler{d: d, b: d.chunk, pos: pos, limit: limit, start: pos, t: t, keep: isTemplate, attr: -1}
	for c.pos+4 <= limit && c.b[c.pos] == tokFragment {
		c.pos += 4
	}
	c.dependency = isTemplate
	if !c.looksLikeElement(isTemplate) && c.looksLikeElement(!isTemplate) {
		c.dependency = !isTemplate
	}
	for {
		done, err := c.token()
		if err != nil {
			return 0, err
		}
		if done {
			return c.pos, nil
		}
		if len(t.ops) > maxOps || len(t.text) > maxStatic {
			return 0, fault(TooMuch)
		}
	}
}

// looksLikeElement says whether an element with, or without, a dependency id
// may start at pos: its name can be read.
func (c *compiler) looksLikeElement(dependency bool) bool {
	p := c.pos + 5
	if dependency {
		p += 2
	}
	if p+4 > c.limit || c.b[c.pos]&^more != tokOpen {
		return false
	}
	off := int(le.Uint32(c.b[p:]))
	_, ok := nameBytes(c.b, off)
	return ok && off >= chunkHeaderSize
}

// token reads one token; done says that the root element is over.
func (c *compiler) token() (done bool, err error) {
	if c.pos >= c.limit {
		return false, fault(BadXML)
	}
	tok := c.b[c.pos]
	if c.inTag && c.attr < 0 && tok&^more != tokAttr && tok != tokInside && tok != tokCloseEmpty {
		return false, fault(BadXML)
	}
	c.pos++
	if c.depth == 0 && tok&^more != tokOpen && tok&^more != tokPITarget && tok&^more != tokPIData {
		return false, fault(BadXML)
	}
	switch tok {
	case tokOpen, tokOpen | more:
		return false, c.element(tok&more != 0)
	case tokAttr, tokAttr | more:
		return false, c.attribute()
	case tokInside, tokCloseEmpty:
		return c.endTag(tok == tokCloseEmpty)
	case tokClose:
		return c.closeElement()
	case tokValue, tokValue | more:
		if err := c.need(1); err != nil {
			return false, err
		}
		if c.b[c.pos] != byte(String) {
			return false, fault(BadXML)
		}
		c.pos++
		return false, c.counted(opText)
	case tokCDATA, tokCDATA | more:
		return false, c.counted(opText)
	case tokCharRef, tokCharRef | more:
		return false, c.charRef()
	case tokEntity, tokEntity | more:
		return false, c.entity()
	case tokPITarget, tokPITarget | more, tokPIData, tokPIData | more:
		return false, c.instruction(tok&^more == tokPITarget)
	case tokSub, tokOptional:
		return false, c.substitution(tok == tokOptional)
	}
	return false, fault(BadXML)
}

func (c *compiler) need(n int) error {
	if c.limit-c.pos < n {
		return fault(BadOffset)
	}
	return nil
}

func (c *compiler) add(o op) int32 {
	c.t.ops = append(c.t.ops, o)
	return int32(len(c.t.ops) - 1)
}

func (c *compiler) element(attrs bool) error {
	if c.inTag {
		return fault(BadXML)
	}
	if c.depth == maxElements {
		return fault(TooDeep)
	}
	if c.dependency {
		c.pos += 2
	}
	c.pos += 4 // the element's length is not needed
	name, err := c.name()
	if err != nil {
		return err
	}
	if attrs {
		if err := c.need(4); err != nil {
			return err
		}
		c.pos += 4 // nor that of its attributes
	}
	c.open[c.depth] = c.add(op{kind: opElement, name: name})
	c.depth++
	c.inTag = true
	return nil
}

func (c *compiler) attribute() error {
	if !c.inTag {
		return fault(BadXML)
	}
	c.endAttr()
	name, err := c.name()
	if err != nil {
		return err
	}
	c.attr = c.add(op{kind: opAttr, name: name})
	return nil
}

func (c *compiler) endAttr() {
	if c.attr >= 0 {
		c.t.ops[c.attr].end = int32(len(c.t.ops))
		c.attr = -1
	}
}

func (c *compiler) endTag(empty bool) (done bool, err error) {
	if !c.inTag {
		return false, fault(BadXML)
	}
	c.endAttr()
	c.inTag = false
	c.add(op{kind: opInside})
	if empty {
		c.t.ops[c.open[c.depth-1]].empty = true
		return c.closeElement()
	}
	return false, nil
}

func (c *compiler) closeElement() (done bool, err error) {
	if c.inTag {
		return false, fault(BadXML)
	}
	c.add(op{kind: opClose})
	c.depth--
	c.t.ops[c.open[c.depth]].end = int32(len(c.t.ops))
	return c.depth == 0, nil
}

// name reads the offset of a name, and the name itself where it follows.
func (c *compiler) name() (string, error) {
	if err := c.need(4); err != nil {
		return "", err
	}
	off := int(le.Uint32(c.b[c.pos:]))
	raw, ok := nameBytes(c.b, off)
	if !ok {
		return "", fault(BadOffset)
	}
	inline := off == c.pos+4
	if c.keep {
		c.t.refs = append(c.t.refs, nameRef{c.pos - c.start, inline, raw})
	}
	c.pos += 4
	if inline {
		if c.pos += 8 + len(raw) + 2; c.pos > c.limit {
			return "", fault(BadOffset)
		}
	}
	known := &c.d.nameAt[(off^off>>8)%len(c.d.nameAt)]
	if known.off != off {
		name, err := c.d.intern(raw)
		if err != nil {
			return "", err
		}
		known.off, known.name = off, name
	}
	return known.name, nil
}

// text adds what f appends as one piece of text or of XML.
func (c *compiler) piece(kind opKind, b []byte, wide bool) {
	from := int32(len(c.t.text))
	if wide {
		c.t.text = appendUTF16(c.t.text, trimUTF16(b))
	} else {
		c.t.text = append(c.t.text, b...)
	}
	c.add(op{kind: kind, from: from, to: int32(len(c.t.text))})
}

// counted reads a string after its length in characters.
func (c *compiler) counted(kind opKind) error {
	if err := c.need(2); err != nil {
		return err
	}
	n := 2 * int(le.Uint16(c.b[c.pos:]))
	c.pos += 2
	if err := c.need(n); err != nil {
		return err
	}
	c.piece(kind, c.b[c.pos:c.pos+n], true)
	c.pos += n
	return nil
}

func (c *compiler) charRef() error {
	if err := c.need(2); err != nil {
		return err
	}
	c.piece(opText, c.b[c.pos:c.pos+2], true)
	c.pos += 2
	return nil
}

var entities = map[string]string{"amp": "&", "lt": "<", "gt": ">", "quot": `"`, "apos": "'"}

func (c *compiler) entity() error {
	name, err := c.name()
	if err != nil {
		return err
	}
	if s, ok := entities[name]; ok {
		c.piece(opText, []byte(s), false)
		return nil
	}
	c.piece(opRaw, []byte("&"+name+";"), false)
	return nil
}

// instruction reads a processing instruction's name or its data; what could
// end it early is not let through.
func (c *compiler) instruction(target bool) error {
	if c.inTag {
		return fault(BadXML)
	}
	if target {
		name, err := c.name()
		if err == nil {
			c.piece(opRaw, []byte("<?"+name), false)
		}
		return err
	}
	from := len(c.t.text)
	c.piece(opRaw, []byte{' '}, false)
	if err := c.counted(opRaw); err != nil {
		return err
	}
	c.t.text = escape(c.t.text, from, false, &c.d.scratch)
	c.t.ops[len(c.t.ops)-1].to = int32(len(c.t.text))
	c.piece(opRaw, []byte("?>"), false)
	return nil
}

func (c *compiler) substitution(optional bool) error {
	if err := c.need(3); err != nil {
		return err
	}
	slot := le.Uint16(c.b[c.pos:])
	c.pos += 3 // the type is with the value
	c.add(op{kind: opSub, slot: slot, optional: optional})
	c.t.slots = max(c.t.slots, int(slot)+1)
	return nil
}
