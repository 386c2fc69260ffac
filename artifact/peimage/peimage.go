// Package peimage reads what a library of Windows says of itself: what of IIS it can be,
// for which machine, when it was linked, its names, its version, where its symbols lay. It
// reads nothing but bytes, each within bounds, and judges nothing.
package peimage

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"time"
)

// What is taken of a file.
const (
	mostSections = 96
	mostExports  = 200   // names kept, and those that say its kind
	mostImports  = 20000 // for the import hash
	mostText     = 512   // bytes of a text
	mostNames    = 4096  // of the resources looked at
)

// The kinds of library. A library may be several.
const (
	NativeModule   = "native module"   // exports RegisterModule
	Filter         = "ISAPI filter"    // exports GetFilterVersion and HttpFilterProc
	Extension      = "ISAPI extension" // exports GetExtensionVersion and HttpExtensionProc
	ManagedModule  = "managed module"  // a type implements System.Web.IHttpModule
	ManagedHandler = "managed handler" // a type implements System.Web.IHttpHandler
)

// Image is what is read of a file.
type Image struct {
	Kinds     []string  `json:"kinds,omitempty"` // none: a library of no kind that IIS loads by itself
	Machine   string    `json:"machine,omitempty"`
	Bits      int       `json:"bits,omitempty"` // 32 or 64; 0: both, or not known
	Managed   bool      `json:"managed,omitempty"`
	Linked    time.Time `json:"linked,omitzero"`    // as the linker wrote it: it can be forged
	Repro     bool      `json:"repro,omitempty"`    // a reproducible build: Linked is no time
	Internal  string    `json:"internal,omitempty"` // its name by its table of exports
	Exports   []string  `json:"exports,omitempty"`
	ExportsN  int       `json:"exports_n,omitempty"`
	Company   string    `json:"company,omitempty"`
	Product   string    `json:"product,omitempty"`
	Describes string    `json:"description,omitempty"`
	Original  string    `json:"original,omitempty"` // OriginalFilename
	Version   string    `json:"version,omitempty"`
	PDB       string    `json:"pdb,omitempty"`
	Signed    bool      `json:"signed,omitempty"`   // a table of certificates is there: whether it is valid is not said
	Assembly  string    `json:"assembly,omitempty"` // its name, version, culture and token
	Types     []string  `json:"types,omitempty"`    // that IIS can load: Namespace.Outer+Inner
	Unseen    []Unseen  `json:"unseen,omitempty"`   // those of which another assembly says whether it can
	ImpHash   string    `json:"imphash,omitempty"`
	Odd       []string  `json:"odd,omitempty"` // sections that packers make, or that can be written and run
	Overlay   int64     `json:"overlay,omitempty"`
	Problem   string    `json:"problem,omitempty"`
}

// Unseen is a type that is derived from one of another assembly, which was not read.
type Unseen struct {
	Type string `json:"type"`
	Base string `json:"base"`
	Of   string `json:"of"` // the assembly
}

var le = binary.LittleEndian

// Looks says whether a file that begins with head is a library of Windows: a program is
// none, as it may be an archive that unpacks itself. Only its header tells them apart: where
// head does not reach that, it is none either.
func Looks(head []byte) bool {
	if len(head) < 0x40 || head[0] != 'M' || head[1] != 'Z' {
		return false
	}
	at := int(le.Uint32(head[0x3c:]))
	if at < 4 || at+24 > len(head) || string(head[at:at+4]) != "PE\x00\x00" {
		return false
	}
	return le.Uint16(head[at+22:])&0x2000 != 0
}

type section struct {
	name                 string
	va, size, raw, rawSz uint32
	flags                uint32
}

type reader struct {
	in       []byte
	sections []section
	dirs     [16][2]uint32
	wide     bool // PE32+
	img      *Image
}

// Read reads a library that Looks has recognised, as far as it goes.
func Read(data []byte) *Image {
	r := &reader{in: data, img: &Image{}}
	if err := r.headers(); err != nil {
		r.img.Problem = "It is no whole library: " + err.Error() + "."
		return r.img
	}
	for _, part := range []struct {
		name string
		read func() error
	}{{"exports", r.exports}, {"resources", r.resources}, {"debug entries", r.debug}, {"imports", r.imports},
		{"metadata", r.managed}} {
		if err := part.read(); err != nil && r.img.Problem == "" {
			r.img.Problem = fmt.Sprintf("Its %s cannot be read: %s. What is told here is of the rest.", part.name, err)
		}
	}
	r.kinds()
	return r.img
}

// at are n bytes at an offset; nil where the file has none.
func (r *reader) at(off, n uint64) []byte {
	if off > uint64(len(r.in)) || n > uint64(len(r.in))-off {
		return nil
	}
	return r.in[off : off+n]
}

// rva are up to n bytes at an address, at least least.
func (r *reader) rva(addr uint32, least, n uint64) []byte {
	for _, s := range r.sections {
		size := max(s.size, s.rawSz)
		if addr < s.va || addr-s.va >= size {
			continue
		}
		into := uint64(addr - s.va)
		if into >= uint64(s.rawSz) {
			return nil
		}
		have := min(uint64(s.rawSz)-into, n)
		if off := uint64(s.raw) + into; off < uint64(len(r.in)) {
			have = min(have, uint64(len(r.in))-off)
			if have >= least {
				return r.in[off : off+have]
			}
		}
		return nil
	}
	return nil
}

func (r *reader) headers() error {
	head := r.at(0x3c, 4)
	if head == nil {
		return fmt.Errorf("it ends at byte %d", len(r.in))
	}
	pe := uint64(le.Uint32(head))
	file := r.at(pe, 24)
	if file == nil {
		return fmt.Errorf("its header lies behind its end, at byte %d", pe)
	}
	count, optSize := int(le.Uint16(file[6:])), uint64(le.Uint16(file[20:]))
	r.img.Machine = map[uint16]string{0x14c: "x86", 0x8664: "x64", 0xaa64: "ARM64", 0x1c4: "ARM"}[le.Uint16(file[4:])]
	r.img.Bits = map[string]int{"x86": 32, "x64": 64, "ARM64": 64, "ARM": 32}[r.img.Machine]
	if stamp := le.Uint32(file[8:]); stamp != 0 {
		r.img.Linked = time.Unix(int64(stamp), 0).UTC()
	}
	opt := r.at(pe+24, optSize)
	if opt == nil || optSize < 96 {
		return fmt.Errorf("its optional header is cut, at byte %d", pe+24)
	}
	r.wide = le.Uint16(opt) == 0x20b
	base := uint64(92)
	if r.wide {
		base = 108
	}
	if uint64(len(opt)) < base+4 {
		return fmt.Errorf("its optional header is cut, at byte %d", pe+24)
	}
	for i := range min(int(le.Uint32(opt[base:])), 16) {
		if o := base + 4 + uint64(i)*8; o+8 <= uint64(len(opt)) {
			r.dirs[i] = [2]uint32{le.Uint32(opt[o:]), le.Uint32(opt[o+4:])}
		}
	}
	end := uint64(0)
	for i := range min(count, mostSections) {
		h := r.at(pe+24+optSize+uint64(i)*40, 40)
		if h == nil {
			return fmt.Errorf("its table of sections is cut, at byte %d", pe+24+optSize+uint64(i)*40)
		}
		s := section{name: clean(h[:8]), size: le.Uint32(h[8:]), va: le.Uint32(h[12:]), rawSz: le.Uint32(h[16:]),
			raw: le.Uint32(h[20:]), flags: le.Uint32(h[36:])}
		r.sections = append(r.sections, s)
		end = max(end, uint64(s.raw)+uint64(s.rawSz))
		r.odd(&s)
	}
	if end > uint64(len(r.in)) {
		r.img.Problem = fmt.Sprintf("It is cut short: its sections end at byte %d, the file at %d.", end, len(r.in))
	}
	if cert := r.dirs[4]; cert[0] != 0 && cert[1] >= 8 && r.at(uint64(cert[0]), uint64(cert[1])) != nil {
		r.img.Signed = true
		end = max(end, uint64(cert[0])+uint64(cert[1]))
	}
	if n := uint64(len(r.in)); end < n && len(r.sections) > 0 {
		r.img.Overlay = int64(n - end)
	}
	return nil
}

func (r *reader) odd(s *section) {
	const run, write = 0x20000000, 0x80000000
	low := strings.ToLower(s.name)
	switch {
	case strings.HasPrefix(low, "upx"), strings.HasPrefix(low, ".vmp"), strings.HasPrefix(low, ".themida"),
		strings.HasPrefix(low, ".aspack"), strings.HasPrefix(low, ".mpress"), strings.HasPrefix(low, ".enigma"):
		r.img.Odd = append(r.img.Odd, "section "+s.name+", as packers make")
	case s.flags&run != 0 && s.flags&write != 0:
		r.img.Odd = append(r.img.Odd, "section "+s.name+" can be written and run")
	}
}

// text is a text at an address that ends at a zero byte.
func (r *reader) text(addr uint32) string {
	b := r.rva(addr, 1, mostText)
	if i := slices.Index(b, 0); i >= 0 {
		b = b[:i]
	}
	return clean(b)
}

func clean(b []byte) string {
	return strings.ToValidUTF8(strings.TrimRight(string(b), "\x00"), "\uFFFD")
}

func (r *reader) exports() error {
	d := r.dirs[0]
	if d[0] == 0 {
		return nil
	}
	h := r.rva(d[0], 40, 40)
	if h == nil {
		return fmt.Errorf("their table lies outside of the file")
	}
	r.img.Internal = r.text(le.Uint32(h[12:]))
	n := le.Uint32(h[24:])
	names := r.rva(le.Uint32(h[32:]), 0, uint64(min(n, 65536))*4)
	r.img.ExportsN = len(names) / 4
	told := map[string]bool{}
	for i := range len(names) / 4 {
		b := r.rva(le.Uint32(names[i*4:]), 1, mostText)
		if k := bytes.IndexByte(b, 0); k >= 0 {
			b = b[:k]
		}
		if len(r.img.Exports) < mostExports {
			r.img.Exports = append(r.img.Exports, clean(b))
		} else if telling[string(b)] && !told[string(b)] {
			told[string(b)] = true
			r.img.Exports = append(r.img.Exports, string(b))
		}
	}
	if uint32(len(names)/4) < n {
		return fmt.Errorf("%d are promised, and %d are there", n, len(names)/4)
	}
	return nil
}

// telling are exports that say what a library is.
var telling = map[string]bool{"RegisterModule": true, "GetFilterVersion": true, "HttpFilterProc": true,
	"GetExtensionVersion": true, "HttpExtensionProc": true}

func (r *reader) kinds() {
	has := func(name string) bool { return slices.Contains(r.img.Exports, name) }
	var kinds []string
	if has("RegisterModule") {
		kinds = append(kinds, NativeModule)
	}
	if has("GetFilterVersion") && has("HttpFilterProc") {
		kinds = append(kinds, Filter)
	}
	if has("GetExtensionVersion") && has("HttpExtensionProc") {
		kinds = append(kinds, Extension)
	}
	r.img.Kinds = append(kinds, r.img.Kinds...)
}

func (r *reader) debug() error {
	d := r.dirs[6]
	if d[0] == 0 {
		return nil
	}
	for i := range min(d[1]/28, 32) {
		e := r.rva(d[0]+i*28, 28, 28)
		if e == nil {
			return fmt.Errorf("entry %d lies outside of the file", i)
		}
		switch le.Uint32(e[12:]) {
		case 16:
			r.img.Repro = true
		case 2:
			if b := r.at(uint64(le.Uint32(e[24:])), uint64(min(le.Uint32(e[16:]), 24+mostText))); len(b) > 24 &&
				string(b[:4]) == "RSDS" && r.img.PDB == "" {
				b = b[24:]
				if k := slices.Index(b, 0); k >= 0 {
					b = b[:k]
				}
				r.img.PDB = clean(b)
			}
		}
	}
	return nil
}

// Says is in few words what it is.
func (i *Image) Says() string {
	kind := "a library that IIS does not load by itself"
	if len(i.Kinds) > 0 {
		kind = strings.Join(i.Kinds, ", ")
	}
	switch i.Bits {
	case 32, 64:
		kind += fmt.Sprintf(", %d-bit", i.Bits)
	}
	if !i.Signed {
		kind += ", no certificate in it"
	}
	return kind
}
