package petest

import "strings"

// heaps are those of an assembly's metadata.
type heaps struct{ names, blobs []byte }

func (h *heaps) name(s string) uint16 {
	h.names = append(append(h.names, s...), 0)
	return uint16(len(h.names) - len(s) - 1)
}

// metadata is an assembly's: its tables Module, TypeRef, TypeDef, InterfaceImpl and Assembly.
func (d DLL) metadata(p *part) [2]uint32 {
	h := &heaps{names: []byte{0}, blobs: []byte{0}}
	var rows []byte
	row := func(v ...uint16) {
		for _, x := range v {
			rows = le.AppendUint16(rows, x)
		}
	}
	row(0, h.name(d.Name), 1, 0, 0)
	web := h.name("System.Web")
	row(6, h.name("IHttpModule"), web)
	row(6, h.name("IHttpHandler"), web)
	row(0, 0, h.name("<Module>"), 0, 0, 1, 1)
	var impl []uint16
	n := uint16(1)
	for i, types := range [][]string{d.Types, d.Handlers, d.Others} {
		for _, t := range types {
			dot := strings.LastIndexByte(t, '.')
			row(1, 0, h.name(t[dot+1:]), h.name(t[:max(dot, 0)]), 0, 1, 1)
			if n++; i < 2 {
				impl = append(impl, n, uint16(i+1)<<2|1)
			}
		}
	}
	row(impl...)
	key := uint16(0)
	if k := len(d.Key); k > 0 {
		key = uint16(len(h.blobs))
		h.blobs = append(append(h.blobs, 0x80|byte(k>>8), byte(k)), d.Key...)
	}
	row(0x8004, 0, 1, 2, 3, 4, 0, 0, key, h.name(strings.TrimSuffix(d.Name, ".dll")), 0)

	head := []byte{0, 0, 0, 0, 2, 0, 0, 1}
	head = le.AppendUint64(head, 1<<0|1<<1|1<<2|1<<9|1<<32)
	head = le.AppendUint64(head, 0)
	for _, count := range []uint32{1, 2, uint32(n), uint32(len(impl) / 2), 1} {
		head = le.AppendUint32(head, count)
	}
	streams := []struct {
		name string
		b    []byte
	}{{"#~\x00\x00", pad(append(head, rows...))}, {"#Strings\x00\x00\x00\x00", pad(h.names)},
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
