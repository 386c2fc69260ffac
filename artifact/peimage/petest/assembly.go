package petest

import "strings"

// heaps are those of an assembly's metadata.
type heaps struct{ names, blobs []byte }

func (h *heaps) name(s string) uint16 {
	h.names = append(append(h.names, s...), 0)
	return uint16(len(h.names) - len(s) - 1)
}

// split parts a name at its last dot.
func split(name string) (space, rest string) {
	dot := strings.LastIndexByte(name, '.')
	return name[:max(dot, 0)], name[dot+1:]
}

// base is the row, in a column that may refer to several tables, of what a type comes from.
func (t *Derived) base(h *heaps, at map[string]uint16, refs, specs *rows, other func(string) uint16) uint16 {
	of := at[t.Base] << 2
	if t.Of != "" {
		space, name := split(t.Base)
		refs.add(other(t.Of)<<2|2, h.name(name), h.name(space))
		of = uint16(refs.n)<<2 | 1
	}
	if !t.Generic {
		return of
	}
	specs.add(uint16(len(h.blobs)))
	h.blobs = append(h.blobs, 6, 0x15, 0x12, 0x80|byte(of>>8), byte(of), 1, 0x1c) // of one argument, an object
	return uint16(specs.n)<<2 | 2
}

// rows are those of a table.
type rows struct {
	b []byte
	n uint32
}

func (r *rows) add(v ...uint16) {
	for _, x := range v {
		r.b = le.AppendUint16(r.b, x)
	}
	r.n++
}

// metadata is an assembly's.
func (d DLL) metadata(p *part) [2]uint32 {
	h := &heaps{names: []byte{0}, blobs: []byte{0}}
	var module, refs, defs, impl, specs, own, others, nested rows
	module.add(0, h.name(d.Name), 1, 0, 0)
	other := func(name string) uint16 {
		others.add(4, 0, 0, 0, 0, 0, 0, h.name(name), 0, 0)
		return uint16(others.n)
	}
	web := other("System.Web")
	refs.add(web<<2|2, h.name("IHttpModule"), h.name("System.Web"))
	refs.add(web<<2|2, h.name("IHttpHandler"), h.name("System.Web"))
	defs.add(0, 0, h.name("<Module>"), 0, 0, 1, 1)
	names := append(append(append([]string{}, d.Types...), d.Handlers...), d.Others...)
	for _, t := range d.Derived {
		names = append(names, t.Type)
	}
	byName := map[string]uint16{}
	for i, t := range names {
		byName[t] = uint16(i + 2)
	}
	for i, t := range names {
		base := uint16(0)
		if k := i - len(names) + len(d.Derived); k >= 0 {
			base = d.Derived[k].base(h, byName, &refs, &specs, other)
		}
		space, name := split(t)
		if plus := strings.LastIndexByte(t, '+'); plus > 0 && byName[t[:plus]] > 0 {
			space, name = "", t[plus+1:]
			nested.add(byName[t], byName[t[:plus]])
		}
		defs.add(1, 0, h.name(name), h.name(space), base, 1, 1)
		if i < len(d.Types) {
			impl.add(byName[t], 1<<2|1)
		} else if i < len(d.Types)+len(d.Handlers) {
			impl.add(byName[t], 2<<2|1)
		}
	}
	key := uint16(0)
	if k := len(d.Key); k > 0 {
		key = uint16(len(h.blobs))
		h.blobs = append(append(h.blobs, 0x80|byte(k>>8), byte(k)), d.Key...)
	}
	own.add(0x8004, 0, 1, 2, 3, 4, 0, 0, key, h.name(strings.TrimSuffix(d.Name, ".dll")), 0)

	head, body := []byte{0, 0, 0, 0, 2, 0, 0, 1}, []byte{}
	var there uint64
	var counts []byte
	for _, t := range []struct {
		number int
		*rows
	}{{0, &module}, {1, &refs}, {2, &defs}, {9, &impl}, {27, &specs}, {32, &own}, {35, &others}, {41, &nested}} {
		if t.n > 0 {
			there |= 1 << t.number
			counts = le.AppendUint32(counts, t.n)
			body = append(body, t.b...)
		}
	}
	head = append(le.AppendUint64(le.AppendUint64(head, there), 0), counts...)
	streams := []struct {
		name string
		b    []byte
	}{{"#~\x00\x00", pad(append(head, body...))}, {"#Strings\x00\x00\x00\x00", pad(h.names)},
		{"#GUID\x00\x00\x00", make([]byte, 16)}, {"#Blob\x00\x00\x00", pad(h.blobs)}}
	meta := []byte("BSJB\x01\x00\x01\x00\x00\x00\x00\x00\x0c\x00\x00\x00v4.0.30319\x00\x00\x00\x00\x04\x00")
	at := uint32(len(meta))
	for _, s := range streams {
		at += 8 + uint32(len(s.name))
	}
	for _, s := range streams {
		meta = le.AppendUint32(le.AppendUint32(meta, at), uint32(len(s.b)))
		meta = append(meta, s.name...)
		at += uint32(len(s.b))
	}
	for _, s := range streams {
		meta = append(meta, s.b...)
	}
	p.align()
	where := p.here()
	p.b = append(p.b, meta...)
	return [2]uint32{p.words(72, 0x50002, where, uint32(len(meta)), 1, 0), 72}
}
