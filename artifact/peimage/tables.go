package peimage

import (
	"crypto/sha1" // #nosec: tokens of public keys are made of it
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
)

const (
	mostTypes = 50
	mostKey   = 4096 // bytes of a public key
	mostRows  = 1 << 20
)

// What a column of a table holds: a number of 2 or 4 bytes, a place in a heap, a row of a
// table (from 0 on), a row of one of several tables (from coded on).
const (
	num2 = -1 - iota
	num4
	str
	guid
	blob
	coded = 100
)

const (
	typeDefOrRef = coded + iota
	hasConstant
	hasAttribute
	hasMarshal
	hasSecurity
	refParent
	hasSemantics
	methodDefOrRef
	forwarded
	attributeType
	scope
	implementation
)

// codes are the tables that a coded column refers to; its lowest bits say which.
var codes = [...]struct {
	bits   uint
	tables []int
}{
	{2, []int{2, 1, 27}}, {2, []int{4, 8, 23}},
	{5, []int{6, 4, 1, 2, 8, 9, 10, 0, 14, 23, 20, 17, 26, 27, 32, 35, 38, 39, 40, 42, 44, 43}},
	{1, []int{4, 8}}, {2, []int{2, 6, 32}}, {3, []int{2, 1, 26, 6, 27}}, {1, []int{20, 23}}, {1, []int{6, 10}},
	{1, []int{4, 6}}, {3, []int{6, 10}}, {2, []int{0, 26, 35, 1}}, {2, []int{38, 35, 39}},
}

// columns are those of the tables up to NestedClass (ECMA-335, II.22).
var columns = [...][]int{
	{num2, str, guid, guid, guid}, {scope, str, str}, {num4, str, str, typeDefOrRef, 4, 6}, {4}, {num2, str, blob},
	{6}, {num4, num2, num2, str, blob, 8}, {8}, {num2, num2, str}, {2, typeDefOrRef}, {refParent, str, blob},
	{num2, hasConstant, blob}, {hasAttribute, attributeType, blob}, {hasMarshal, blob}, {num2, hasSecurity, blob},
	{num2, num4, 2}, {num4, 4}, {blob}, {2, 20}, {20}, {num2, str, typeDefOrRef}, {2, 23}, {23}, {num2, str, blob},
	{num2, 6, hasSemantics}, {2, methodDefOrRef, methodDefOrRef}, {str}, {blob}, {num2, forwarded, str, 26}, {num4, 4},
	{num4, num4}, {num4}, {num4, num2, num2, num2, num2, num4, blob, str, str}, {num4}, {num4, num4, num4},
	{num2, num2, num2, num2, num4, blob, str, str, blob}, {num4, 35}, {num4, num4, num4, 35}, {num4, str, blob},
	{num4, num4, str, str, implementation}, {num4, num4, str, implementation}, {2, 2},
}

const (
	typeRef       = 1
	typeDef       = 2
	interfaceImpl = 9
	typeSpec      = 27
	assembly      = 32
	assemblyRef   = 35
	nestedClass   = 41
)

type table struct {
	b      []byte
	rows   uint32
	width  int
	widths []int
}

// tables are those of an assembly's metadata.
type tables struct {
	of           [len(columns)]table
	names, blobs string
}

var errTables = errors.New("its tables are cut, or larger than an assembly's are")

func readTables(meta []byte) (*tables, error) {
	in := heap(meta, "#~")
	if in == "" {
		in = heap(meta, "#-")
	}
	b := []byte(in)
	if len(b) < 24 {
		return nil, errTables
	}
	t := &tables{names: heap(meta, "#Strings"), blobs: heap(meta, "#Blob")}
	heaps, valid := b[6], le.Uint64(b[8:])
	var rows [64]uint32
	at := 24
	for i := range rows {
		if valid>>i&1 == 0 {
			continue
		}
		if at+4 > len(b) {
			return nil, errTables
		}
		rows[i] = le.Uint32(b[at:])
		at += 4
	}
	if heaps&0x40 != 0 { // a further number
		at += 4
	}
	for i := range t.of {
		one := &t.of[i]
		one.rows = rows[i]
		for _, c := range columns[i] {
			w := widthOf(c, heaps, &rows)
			one.widths = append(one.widths, w)
			one.width += w
		}
		size := uint64(one.rows) * uint64(one.width)
		if at > len(b) || one.rows > mostRows || size > uint64(len(b)-at) {
			if i <= assembly {
				return nil, errTables
			}
			one.rows = 0 // of what comes last, the rest says enough without it
			break
		}
		one.b = b[at : at+int(size)]
		at += int(size)
	}
	return t, nil
}

func widthOf(column int, heaps byte, rows *[64]uint32) int {
	big := false
	switch {
	case column == num2:
		return 2
	case column == num4:
		return 4
	case column == str:
		big = heaps&1 != 0
	case column == guid:
		big = heaps&2 != 0
	case column == blob:
		big = heaps&4 != 0
	case column >= coded:
		c := &codes[column-coded]
		for _, i := range c.tables {
			big = big || rows[i] >= 1<<(16-c.bits)
		}
	default:
		big = rows[column] >= 1<<16
	}
	if big {
		return 4
	}
	return 2
}

// get is a column of a row, which are counted from 1; 0 where there is none.
func (t *table) get(row uint32, column int) uint32 {
	if row == 0 || row > t.rows {
		return 0
	}
	b := t.b[int(row-1)*t.width:]
	for _, w := range t.widths[:column] {
		b = b[w:]
	}
	if t.widths[column] == 2 {
		return uint32(le.Uint16(b))
	}
	return le.Uint32(b)
}

func (t *tables) from(at uint32) string {
	if uint64(at) >= uint64(len(t.names)) {
		return ""
	}
	return t.names[at:]
}

func (t *tables) name(at uint32) string {
	s := t.from(at)
	s, _, _ = strings.Cut(s[:min(len(s), mostText)], "\x00")
	return clean([]byte(s))
}

// types reads what the tables of an assembly tell.
func (r *reader) types(t *tables) {
	defs := &t.of[typeDef]
	l := t.lineage()
	var all byte
	for row := uint32(1); row <= defs.rows; row++ {
		const isInterface = 0x20
		switch is := l.is[row]; {
		case defs.get(row, 0)&isInterface != 0:
		case is != 0:
			all |= is
			if len(r.img.Types) < mostTypes {
				r.img.Types = append(r.img.Types, l.name(row))
			}
		case len(r.img.Unseen) < mostUnseen:
			if base, of := l.unseen(row); base != "" {
				r.img.Unseen = append(r.img.Unseen, Unseen{l.name(row), base, of})
			}
		}
	}
	if all&isHandler != 0 {
		r.img.Kinds = append(r.img.Kinds, ManagedHandler)
	}
	if all&isModule != 0 {
		r.img.Kinds = append(r.img.Kinds, ManagedModule)
	}
	slices.Sort(r.img.Kinds)
	a := &t.of[assembly]
	if a.rows == 0 {
		return
	}
	culture := t.name(a.get(1, 8))
	if culture == "" {
		culture = "neutral"
	}
	r.img.Assembly = fmt.Sprintf("%s, Version=%d.%d.%d.%d, Culture=%s, PublicKeyToken=%s", t.name(a.get(1, 7)),
		a.get(1, 1), a.get(1, 2), a.get(1, 3), a.get(1, 4), culture, token(t.blob(a.get(1, 6))))
}

func (t *tables) blob(at uint32) []byte {
	if uint64(at) >= uint64(len(t.blobs)) {
		return nil
	}
	b := []byte(t.blobs[at:min(uint64(at)+mostKey+4, uint64(len(t.blobs)))])
	size, skip := int(b[0]), 1
	if b[0]&0x80 != 0 {
		if b[0]&0x40 != 0 || len(b) < 2 { // of 16 KiB and more: no key
			return nil
		}
		size, skip = int(b[0]&0x3f)<<8|int(b[1]), 2
	}
	if size > len(b)-skip {
		return nil
	}
	return b[skip : skip+size]
}

// token is the token of a public key.
func token(key []byte) string {
	if len(key) == 0 {
		return "null"
	}
	sum := sha1.Sum(key) // #nosec
	last := sum[12:]
	slices.Reverse(last)
	return hex.EncodeToString(last)
}
