package evtx

import "sync"

// Decoder decodes the records of one chunk after another. It keeps compiled
// templates and memory between them. One goroutine at a time may use it;
// chunks need nothing of each other, so several may each have one.
type Decoder struct {
	chunk  []byte
	index  int
	sound  bool  // the chunk's checksums are right
	offset int64 // of the chunk in the file
	names  map[string]string
	cache  map[templateKey][]*template
	cached int                  // templates in cache
	bytes  int                  // of their definitions
	here   map[uint32]*template // of this chunk, by the offset of the definition
	recent [64]struct {         // of here, so that most look-ups are cheap
		def uint32
		t   *template
	}
	nameAt [256]struct { // names of this chunk, by their offset
		off  int
		name string
	}
	literals  []*template // memory for literal XML, reused
	nLiterals int
	slots     []Value
	arena     []byte // text put together
	scratch   []byte

	work, named                   int // of this record
	chunkWork, chunkNamed         int // of this chunk
	chunkFields, compiled, xmlOut int
	rec                           Record
}

type templateKey struct {
	guid GUID
	size uint32
}

// NewDecoder returns a decoder.
func NewDecoder() *Decoder {
	return &Decoder{
		names: map[string]string{}, cache: map[templateKey][]*template{}, here: map[uint32]*template{},
	}
}

// decoders are those that were given back.
var decoders = sync.Pool{New: func() any { return NewDecoder() }}

// Borrow is a decoder that may know the templates of other logs already, so that
// a small log costs little more than its records. Give it back with Return.
func Borrow() *Decoder { return decoders.Get().(*Decoder) }

// Return gives a borrowed decoder back. What it decoded is not valid any more.
func (d *Decoder) Return() {
	d.chunk, d.rec = nil, Record{Fields: d.rec.Fields[:0]}
	if cap(d.rec.Fields) > keptFields {
		d.rec.Fields = nil
	}
	decoders.Put(d)
}

// begin makes the decoder ready for a chunk.
func (d *Decoder) begin(c *Chunk) {
	d.chunk, d.index, d.offset = c.Data, c.Index, c.Offset
	d.sound = c.DataOK
	clear(d.here)
	clear(d.recent[:])
	clear(d.nameAt[:])
	d.chunkWork, d.chunkNamed, d.chunkFields, d.compiled, d.xmlOut = 0, 0, 0, 0, 0
}

// decode fills d.rec from the record at [at, end) of the chunk.
func (d *Decoder) decode(at, end int) error {
	r := &d.rec
	r.Chunk, r.Offset, r.Size, r.Torn = d.index, d.offset+int64(at), end-at, false
	r.ID, r.Written = le.Uint64(d.chunk[at+8:]), FileTime(le.Uint64(d.chunk[at+16:]))
	r.d, r.raw, r.binxml = d, d.chunk[at:end:end], at+recordHeaderSize
	r.Fields = r.Fields[:0]
	clear(r.System.values[:])
	d.work, d.named, d.nLiterals = 0, 0, 0
	d.slots, d.arena = d.slots[:0], d.arena[:0]
	err := d.fragment(r.binxml, end-4, inTop, "", 0)
	d.chunkWork += d.work
	d.chunkNamed += d.named
	d.chunkFields += len(r.Fields)
	return err
}

// spend counts steps of work.
func (d *Decoder) spend(n int) error {
	d.work += n
	if d.work > maxWork || d.chunkWork+d.work > stepsPerByte*len(d.chunk) {
		return fault(TooMuch)
	}
	return nil
}

// fragment decodes binary XML: template instances and literal elements.
func (d *Decoder) fragment(pos, limit int, ctx place, section string, depth int) error {
	if depth > maxNesting {
		return fault(TooDeep)
	}
	for pos < limit {
		if err := d.spend(1); err != nil {
			return err
		}
		switch d.chunk[pos] {
		case tokEnd:
			return nil
		case tokFragment:
			pos += 4
			continue
		}
		t, slots, next, err := d.piece(pos, limit)
		if err != nil {
			return err
		}
		if err := d.run(t, slots, ctx, section, depth); err != nil {
			return err
		}
		pos = next
	}
	if depth == 0 {
		return fault(BadXML) // a record ends in a token of its own
	}
	return nil
}

// piece reads a template instance or a literal element at pos.
func (d *Decoder) piece(pos, limit int) (*template, []Value, int, error) {
	if d.chunk[pos] == tokTemplate {
		return d.instance(pos, limit)
	}
	t := d.literal()
	next, err := d.compile(t, pos, limit, false)
	if err == nil && t.slots > 0 {
		err = fault(BadXML) // there is nothing to put in
	}
	return t, nil, next, err
}

// literal is an empty template for literal XML of this record.
func (d *Decoder) literal() *template {
	if d.nLiterals == len(d.literals) {
		d.literals = append(d.literals, &template{})
	}
	t := d.literals[d.nLiterals]
	t.reset()
	d.nLiterals++
	return t
}

// instance reads a template instance: its template and its values.
func (d *Decoder) instance(pos, limit int) (*template, []Value, int, error) {
	if limit-pos < 14 {
		return nil, nil, 0, fault(BadOffset)
	}
	def, next := le.Uint32(d.chunk[pos+6:]), pos+10
	if int64(def) == int64(next) {
		if limit-next < templateHeaderSize {
			return nil, nil, 0, fault(BadOffset)
		}
		size := le.Uint32(d.chunk[next+20:])
		if int64(size) > int64(limit-next-templateHeaderSize) {
			return nil, nil, 0, fault(BadOffset)
		}
		next += templateHeaderSize + int(size)
	}
	recent := &d.recent[(def^def>>6)%uint32(len(d.recent))]
	if recent.t == nil || recent.def != def {
		t := d.here[def]
		if t == nil {
			t = d.template(def)
			d.here[def] = t
		}
		recent.def, recent.t = def, t
	}
	t := recent.t
	if t.err != nil {
		return nil, nil, 0, t.err
	}
	if !d.sound && le.Uint32(d.chunk[pos+2:]) != le.Uint32(d.chunk[def+4:]) {
		return nil, nil, 0, fault(Overwritten) // another template lies there now
	}
	slots, next, err := d.values(next, limit)
	if err == nil && t.slots > len(slots) {
		err = fault(BadXML)
	}
	return t, slots, next, err
}

// values reads the values of an instance: their number, their sizes and types,
// and then themselves.
func (d *Decoder) values(pos, limit int) ([]Value, int, error) {
	if limit-pos < 4 {
		return nil, 0, fault(BadOffset)
	}
	count := le.Uint32(d.chunk[pos:])
	pos += 4
	if int64(count) > int64(limit-pos)/4 {
		return nil, 0, fault(BadOffset)
	}
	if err := d.spend(int(count)); err != nil {
		return nil, 0, err
	}
	from := len(d.slots)
	at := pos + 4*int(count)
	for ; count > 0; count, pos = count-1, pos+4 {
		desc := le.Uint32(d.chunk[pos:])
		n, typ := int(desc&0xFFFF), Type(desc>>16)
		if n > limit-at {
			return nil, 0, fault(BadOffset)
		}
		if n == 0 {
			typ = typ.ofNothing()
		} else if typ != String && widths[typ] != uint8(min(n, 255)) && !typ.fits(n) {
			return nil, 0, fault(BadValue)
		}
		d.slots = append(d.slots, Value{raw: d.chunk[at : at+n : at+n], typ: typ, off: uint32(at)})
		at += n
	}
	return d.slots[from:len(d.slots):len(d.slots)], at, nil
}

// ofNothing is the type of a value without a byte: text and bytes can be
// empty, anything else is missing then.
func (t Type) ofNothing() Type {
	switch t &^= Array; t {
	case String, ANSIString, Binary, BinXML:
		return t
	}
	return Null
}
