package evtx

import "slices"

// Record is one event record. It and everything reached from it are valid
// until the next record is asked for; see Clone.
type Record struct {
	Chunk  int    // number of the chunk, from 0
	Offset int64  // of the record, from the start of the file
	Size   int    // bytes in the file
	ID     uint64 // from the record's header; see System.EventRecordID
	// Written is when the log service wrote the record, from its header. The
	// event's own time is System.TimeCreated.
	Written FileTime
	// Torn says that the record's two sizes differ: a part of it, mostly the
	// end, may have been overwritten, and values there may be wrong.
	Torn   bool
	System System
	// Fields is everything outside System, in the order of the record. Names
	// may repeat and may be empty.
	Fields []Field

	d      *Decoder
	raw    []byte
	binxml int // where the XML starts in raw, or the chunk
	xml    []byte
	cloned bool
}

// Field is one value below EventData, UserData or another section of the event.
type Field struct {
	Section string // "EventData", "UserData", "RenderingInfo", …
	Element string // the element that holds the value: "Data", "Binary", …
	// Name is the attribute Name of Data and ComplexData ("" where they have
	// none), and of all others the name of the element.
	Name  string
	Attr  string // the attribute that holds the value, "" for the element's content
	Value Value
}

// Raw is the record's bytes in the file, from its signature to its second size.
// Names and templates that it uses may lie elsewhere in its chunk.
func (r *Record) Raw() []byte { return r.raw }

// Get is the first field of a name that is no attribute.
func (r *Record) Get(name string) (Value, bool) {
	for i := range r.Fields {
		if f := &r.Fields[i]; f.Name == name && f.Attr == "" {
			return f.Value, true
		}
	}
	return Value{}, false
}

// Clone is a copy that stays valid. It renders the XML, which costs about as
// much as decoding did.
func (r *Record) Clone() *Record {
	c := *r
	c.cloned, c.d = true, nil
	c.xml, _ = r.AppendXML(nil)
	n := len(r.raw)
	for i := range r.Fields {
		n += len(r.Fields[i].Value.raw)
	}
	for i := range r.System.values {
		n += len(r.System.values[i].raw)
	}
	mem := make([]byte, 0, n)
	keep := func(b []byte) []byte {
		from := len(mem)
		mem = append(mem, b...)
		return mem[from:len(mem):len(mem)]
	}
	c.raw = keep(r.raw)
	c.Fields = slices.Clone(r.Fields)
	for i := range c.Fields {
		c.Fields[i].Value.raw = keep(c.Fields[i].Value.raw)
	}
	for i := range c.System.values {
		c.System.values[i].raw = keep(c.System.values[i].raw)
	}
	return &c
}
