package evtx

import "bytes"

// opKind is one part of a template.
type opKind uint8

const (
	opElement opKind = iota // opens an element; end is the index behind its opClose
	opAttr                  // opens an attribute; end is the index behind its value
	opInside                // the start tag is over, content follows
	opClose                 // the element is over
	opText                  // fixed text, text[from:to]
	opRaw                   // fixed XML that is no text: an instruction, an entity
	opSub                   // a value of the record
)

// op is a part of a template, in the order of the document.
type op struct {
	kind     opKind
	optional bool // opSub: what encloses it goes when the value is missing
	empty    bool // opElement: written as <x/>
	slot     uint16
	end      int32
	from, to int32  // of text
	name     string // of an element or attribute
}

// template is compiled binary XML: one that a log defines, or a literal
// record. It never changes once its plans are made.
type template struct {
	ops   []op
	text  []byte
	slots int // one more than the highest slot named
	plans [contexts]plan
	made  [contexts]bool
	xml   []xmlOp
	lit   []byte // text of xml
	ready bool   // xml is made

	src  []byte // the definition, to know it again in another chunk
	refs []nameRef
	err  error // this definition cannot be read
}

// nameRef is where a definition names a name: the only bytes in it that differ
// between chunks for the same template.
type nameRef struct {
	at     int    // of the name's offset, from the definition's start
	inline bool   // the name itself follows
	utf16  []byte // the name
}

// reset empties t and keeps its memory.
func (t *template) reset() {
	plans := t.plans
	for i := range plans {
		plans[i] = plans[i][:0]
	}
	*t = template{ops: t.ops[:0], text: t.text[:0], plans: plans, xml: t.xml[:0], lit: t.lit[:0]}
}

// same says whether the definition at chunk[at:at+size] is this template: all
// bytes are equal but the offsets of names and the links of the name table,
// and the names are the same.
func (t *template) same(chunk []byte, at int) bool {
	def, from := chunk[at:at+len(t.src)], 0
	for _, r := range t.refs {
		off := int(le.Uint32(def[r.at:]))
		if !bytes.Equal(def[from:r.at], t.src[from:r.at]) || (off == at+r.at+4) != r.inline {
			return false
		}
		from = r.at + 4
		if r.inline {
			from += 4 // the link to the next name of the same hash
			continue
		}
		if name, ok := nameBytes(chunk, off); !ok || !bytes.Equal(name, r.utf16) {
			return false
		}
	}
	return bytes.Equal(def[from:], t.src[from:])
}

// nameBytes is the UTF-16 of the name at an offset of a chunk: a link, a hash,
// a length, the name and a zero.
func nameBytes(chunk []byte, off int) ([]byte, bool) {
	if off < 0 || off+8 > len(chunk) {
		return nil, false
	}
	n := int(le.Uint16(chunk[off+6:]))
	if n == 0 || n > maxNameUnits || off+8+2*n > len(chunk) {
		return nil, false
	}
	return chunk[off+8 : off+8+2*n], true
}
