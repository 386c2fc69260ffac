// Package petest writes libraries of Windows as linkers lay them out, for tests and for the
// demo: headers, exports, a version, debug entries, an assembly's names, and no code that
// does anything.
package petest

import (
	"encoding/binary"
	"sort"
	"strconv"
	"strings"
	"time"
)

// DLL says what is in a library.
type DLL struct {
	Name     string   // its own, in the table of exports
	Exports  []string // names
	X86      bool     // for 32 bits
	Linked   time.Time
	Version  map[string]string // of the version resource: CompanyName, OriginalFilename …
	PDB      string
	Signed   bool                // a table of certificates, which holds none
	Types    []string            // an assembly's, that implement IHttpModule: Namespace.Class
	Handlers []string            // those that implement IHttpHandler
	Others   []string            // those that implement neither; no type at all: it is no assembly
	Derived  []Derived           // those that are derived from another
	Key      []byte              // the assembly's public key
	Imports  map[string][]string // #1: by number
	Overlay  []byte
	Sections []string // further ones, empty
}

// Derived is a type that is derived from another: of the assembly itself, or of another
// one. Types are nested by their names, Namespace.Outer+Inner, where Outer is there, too.
type Derived struct {
	Type, Base string
	Of         string // the other assembly
	Generic    bool   // from an instance of that type, which is generic
}

const (
	rva = 0x1000 // of the one section that holds all
	raw = 0x400
)

var le = binary.LittleEndian

// part is what the section holds so far.
type part struct{ b []byte }

func (p *part) here() uint32 { return rva + uint32(len(p.b)) }

func (p *part) align() {
	for len(p.b)%8 != 0 {
		p.b = append(p.b, 0)
	}
}

func (p *part) text(s string) (at uint32) {
	at = p.here()
	p.b = append(append(p.b, s...), 0)
	return at
}

func (p *part) words(v ...uint32) (at uint32) {
	p.align()
	at = p.here()
	for _, x := range v {
		p.b = le.AppendUint32(p.b, x)
	}
	return at
}

// Bytes is the file.
func (d DLL) Bytes() []byte {
	p := &part{b: []byte{0xc3, 0, 0, 0, 0, 0, 0, 0}} // ret
	var dirs [16][2]uint32
	if len(d.Exports) > 0 {
		dirs[0] = d.exports(p)
	}
	if len(d.Imports) > 0 {
		dirs[1] = d.imports(p)
	}
	if len(d.Version) > 0 {
		dirs[2] = d.version(p)
	}
	if d.PDB != "" {
		code := append(append([]byte("RSDS"), make([]byte, 20)...), d.PDB+"\x00"...)
		p.align()
		at := p.here()
		p.b = append(p.b, code...)
		dirs[6] = [2]uint32{p.words(0, 0, 0, 2, uint32(len(code)), at, at-rva+raw), 28}
	}
	if len(d.Types)+len(d.Handlers)+len(d.Others)+len(d.Derived) > 0 {
		dirs[14] = d.metadata(p)
	}
	for len(p.b)%0x200 != 0 {
		p.b = append(p.b, 0)
	}
	out := make([]byte, raw, raw+len(p.b))
	copy(out, "MZ")
	le.PutUint32(out[0x3c:], 0x80)
	copy(out[0x80:], "PE\x00\x00")
	machine, optional, magic, base := uint16(0x8664), uint16(240), uint16(0x20b), 108
	if d.X86 {
		machine, optional, magic, base = 0x14c, 224, 0x10b, 92
	}
	le.PutUint16(out[0x84:], machine)
	le.PutUint16(out[0x86:], uint16(1+len(d.Sections)))
	if !d.Linked.IsZero() {
		le.PutUint32(out[0x88:], uint32(d.Linked.Unix()))
	}
	le.PutUint16(out[0x94:], optional)
	le.PutUint16(out[0x96:], 0x2022) // a library
	opt := out[0x98:]
	le.PutUint16(opt, magic)
	le.PutUint32(opt[base:], 16)
	if d.Signed {
		dirs[4] = [2]uint32{uint32(raw + len(p.b)), 16}
	}
	for i, dir := range dirs {
		le.PutUint32(opt[base+4+8*i:], dir[0])
		le.PutUint32(opt[base+8+8*i:], dir[1])
	}
	h := out[0x98+int(optional):]
	for i, name := range append([]string{".text"}, d.Sections...) {
		copy(h[i*40:], name)
		if i == 0 {
			le.PutUint32(h[8:], uint32(len(p.b)))
			le.PutUint32(h[12:], rva)
			le.PutUint32(h[16:], uint32(len(p.b)))
			le.PutUint32(h[20:], raw)
			le.PutUint32(h[36:], 0x60000020)
		}
	}
	out = append(out, p.b...)
	if d.Signed {
		out = append(out, 16, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0)
	}
	return append(out, d.Overlay...)
}

func (d DLL) exports(p *part) [2]uint32 {
	names := append([]string(nil), d.Exports...)
	sort.Strings(names)
	var at []uint32
	for _, n := range names {
		at = append(at, p.text(n))
	}
	own := p.text(d.Name)
	list := p.words(at...)
	code := p.words(make([]uint32, len(names))...)
	ordinals := p.words(make([]uint32, len(names))...)
	n := uint32(len(names))
	return [2]uint32{p.words(0, 0, 0, own, 1, n, n, code, list, ordinals), 40}
}

func (d DLL) imports(p *part) [2]uint32 {
	var dlls []string
	for dll := range d.Imports {
		dlls = append(dlls, dll)
	}
	sort.Strings(dlls)
	var table []uint32
	for _, dll := range dlls {
		var thunks []uint32
		for _, f := range d.Imports[dll] {
			if n, err := strconv.ParseUint(strings.TrimPrefix(f, "#"), 10, 16); err == nil {
				if d.X86 {
					thunks = append(thunks, uint32(n)|1<<31)
				} else {
					thunks = append(thunks, uint32(n), 1<<31)
				}
				continue
			}
			p.align()
			at := p.here()
			p.b = append(p.b, 0, 0)
			p.text(f)
			thunks = append(thunks, at)
			if !d.X86 {
				thunks = append(thunks, 0)
			}
		}
		at := p.words(append(thunks, 0, 0)...)
		table = append(table, at, 0, 0, p.text(dll), at)
	}
	return [2]uint32{p.words(append(table, 0, 0, 0, 0, 0)...), uint32(4 * len(table))}
}
