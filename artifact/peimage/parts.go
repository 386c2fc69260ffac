package peimage

import (
	"crypto/md5" // #nosec: the import hash is made of it
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
)

// imports makes the import hash, as others publish it.
func (r *reader) imports() error {
	d := r.dirs[1]
	if d[0] == 0 {
		return nil
	}
	var all []string
	for i := uint32(0); i < 4096; i++ {
		e := r.rva(d[0]+i*20, 20, 20)
		if e == nil {
			return fmt.Errorf("entry %d lies outside of the file", i)
		}
		name, table := le.Uint32(e[12:]), le.Uint32(e)
		if name == 0 {
			break
		}
		if table == 0 {
			table = le.Uint32(e[16:])
		}
		all = r.importsOf(strings.ToLower(r.text(name)), table, all)
		if len(all) >= mostImports {
			return fmt.Errorf("there are more than %d", mostImports)
		}
	}
	if len(all) > 0 {
		sum := md5.Sum([]byte(strings.Join(all, ","))) // #nosec
		r.img.ImpHash = hex.EncodeToString(sum[:])
	}
	return nil
}

func (r *reader) importsOf(dll string, table uint32, all []string) []string {
	short := dll
	if i := max(strings.LastIndexByte(dll, '.'), 0); slices.Contains([]string{".dll", ".ocx", ".sys"}, dll[i:]) {
		short = dll[:i]
	}
	width := uint32(4)
	if r.wide {
		width = 8
	}
	for k := uint32(0); len(all) < mostImports; k++ {
		t := r.rva(table+k*width, uint64(width), uint64(width))
		if t == nil {
			break
		}
		v, ordinal := uint64(le.Uint32(t)), uint64(1)<<31
		if r.wide {
			v, ordinal = le.Uint64(t), 1<<63
		}
		if v == 0 {
			break
		}
		if v&ordinal != 0 {
			all = append(all, short+"."+byOrdinal(dll, uint16(v)))
		} else {
			all = append(all, short+"."+strings.ToLower(r.text(uint32(v)+2)))
		}
	}
	return all
}

// resources finds the version.
func (r *reader) resources() error {
	root := r.dirs[2][0]
	if root == 0 {
		return nil
	}
	at := root
	for depth := range 3 { // type, name, language
		h := r.rva(at, 16, 16)
		if h == nil {
			return fmt.Errorf("their tree lies outside of the file")
		}
		n := min(uint32(le.Uint16(h[12:]))+uint32(le.Uint16(h[14:])), mostNames)
		next := uint32(0)
		for i := range n {
			e := r.rva(at+16+i*8, 8, 8)
			if e == nil {
				return fmt.Errorf("their tree is cut")
			}
			if depth > 0 || le.Uint32(e) == 16 {
				next = le.Uint32(e[4:])
				break
			}
		}
		if next == 0 {
			return nil
		}
		if next&0x80000000 == 0 {
			leaf := r.rva(root+next, 16, 16)
			if leaf == nil {
				return fmt.Errorf("the version lies outside of the file")
			}
			r.version(r.rva(le.Uint32(leaf), 6, uint64(min(le.Uint32(leaf[4:]), 64<<10))))
			return nil
		}
		at = root + next&^0x80000000
	}
	return nil
}

// managed reads what the metadata of an assembly names.
func (r *reader) managed() error {
	d := r.dirs[14]
	if d[0] == 0 {
		return nil
	}
	h := r.rva(d[0], 24, 24)
	if h == nil {
		return fmt.Errorf("their header lies outside of the file")
	}
	r.img.Managed = true
	const ilOnly, only32 = 1, 2
	if flags := le.Uint32(h[16:]); r.img.Machine == "x86" && flags&ilOnly != 0 && flags&only32 == 0 {
		r.img.Bits = 0 // any
	}
	meta := r.rva(le.Uint32(h[8:]), 20, uint64(min(le.Uint32(h[12:]), 32<<20)))
	if meta == nil || string(meta[:4]) != "BSJB" {
		return fmt.Errorf("they do not begin where the header says")
	}
	if t, err := readTables(meta); err == nil {
		r.types(t)
		return nil
	}
	names := heap(meta, "#Strings") // the names alone say of what kind it may be
	for name, kind := range map[string]string{"IHttpModule": ManagedModule, "IHttpHandler": ManagedHandler} {
		if strings.Contains(names, "\x00"+name+"\x00") {
			r.img.Kinds = append(r.img.Kinds, kind)
		}
	}
	slices.Sort(r.img.Kinds)
	return nil
}

// heap is a heap of an assembly's metadata, as text.
func heap(meta []byte, name string) string {
	length := uint64(le.Uint32(meta[12:]))
	at := 16 + length
	if at+4 > uint64(len(meta)) {
		return ""
	}
	n := int(le.Uint16(meta[at+2:]))
	at += 4
	for range min(n, 16) {
		if at+8 > uint64(len(meta)) {
			return ""
		}
		off, size := uint64(le.Uint32(meta[at:])), uint64(le.Uint32(meta[at+4:]))
		end := at + 8
		for end < uint64(len(meta)) && end < at+40 && meta[end] != 0 {
			end++
		}
		if string(meta[at+8:end]) == name && off <= uint64(len(meta)) && size <= uint64(len(meta))-off {
			return string(meta[off : off+size])
		}
		at = at + 8 + (end-at-8)/4*4 + 4
	}
	return ""
}
