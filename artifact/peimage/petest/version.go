package petest

import (
	"sort"
	"unicode/utf16"
)

// version is a resource VS_VERSIONINFO, in the tree that resources stand in.
func (d DLL) version(p *part) [2]uint32 {
	var names []string
	for n := range d.Version {
		names = append(names, n)
	}
	sort.Strings(names)
	var all []byte
	for _, n := range names {
		all = append(pad(all), block(n, true, wide(d.Version[n]))...)
	}
	all = block("StringFileInfo", true, nil, block("040904b0", true, nil, all))
	fixed := le.AppendUint32(nil, 0xfeef04bd)
	all = block("VS_VERSION_INFO", false, append(fixed, make([]byte, 48)...), all)
	p.align()
	at := p.here()
	p.b = append(p.b, all...)
	root := p.words(0, 0, 0, 0x10000, 16, 0x80000000|24) // one type
	p.words(0, 0, 0, 0x10000, 1, 0x80000000|48)          // one name
	p.words(0, 0, 0, 0x10000, 1033, 72)                  // one language
	p.words(at, uint32(len(all)), 0, 0)
	return [2]uint32{root, 88}
}

// block is a part of the resource: its size, that of its value, which is text or not, and its key.
func block(key string, isText bool, value []byte, inner ...[]byte) []byte {
	size, kind := len(value), uint16(0)
	if isText {
		size, kind = size/2, 1
	}
	b := le.AppendUint16([]byte{0, 0}, uint16(size))
	b = pad(append(le.AppendUint16(b, kind), wide(key)...))
	b = append(b, value...)
	for _, in := range inner {
		b = append(pad(b), in...)
	}
	le.PutUint16(b, uint16(len(b)))
	return b
}

func wide(s string) (b []byte) {
	for _, u := range utf16.Encode([]rune(s + "\x00")) {
		b = le.AppendUint16(b, u)
	}
	return b
}

func pad(b []byte) []byte {
	for len(b)%4 != 0 {
		b = append(b, 0)
	}
	return b
}
