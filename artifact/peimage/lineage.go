package peimage

import "strings"

// What a type implements.
const (
	isModule = 1 << iota
	isHandler
)

const (
	mostUnseen = 200
	mostOuter  = 8       // types that one is nested in
	mostSteps  = 1 << 22 // from types to those that they are derived from
)

// lineage is what the types of an assembly come from.
type lineage struct {
	*tables
	is    []byte            // of each type what it implements
	outer map[uint32]uint32 // the type that one is nested in
	steps int
}

// What a reference leads to.
const (
	noType = iota
	ownType
	otherType // of another assembly
)

// refer is the type that a coded column refers to: a row of TypeDef or of TypeRef. Of an
// instance of a generic type it is that type.
func (t *tables) refer(of uint32) (kind int, row uint32) {
	if of&3 == 2 {
		b := t.blob(t.of[typeSpec].get(of>>2, 0))
		if len(b) < 3 || b[0] != 0x15 || b[1] != 0x12 {
			return noType, 0
		}
		of = compressed(b[2:])
	}
	switch row = of >> 2; {
	case of&3 == 0 && row > 0 && row <= t.of[typeDef].rows:
		return ownType, row
	case of&3 == 1 && row > 0 && row <= t.of[typeRef].rows:
		return otherType, row
	}
	return noType, 0
}

// compressed is a number as signatures have it; 0 where it is cut.
func compressed(b []byte) uint32 {
	switch {
	case b[0]&0x80 == 0:
		return uint32(b[0])
	case b[0]&0x40 == 0 && len(b) > 1:
		return uint32(b[0]&0x3f)<<8 | uint32(b[1])
	case b[0]&0x40 != 0 && len(b) > 3:
		return uint32(b[0]&0x1f)<<24 | uint32(b[1])<<16 | uint32(b[2])<<8 | uint32(b[3])
	}
	return 0
}

// implements is what the type of System.Web implements that a row of TypeRef refers to.
func (t *tables) implements(row uint32) byte {
	of := &t.of[typeRef]
	if !strings.HasPrefix(t.from(of.get(row, 2)), "System.Web\x00") {
		return 0
	}
	name := t.from(of.get(row, 1))
	if strings.HasPrefix(name, "IHttpModule\x00") {
		return isModule
	}
	for _, handler := range []string{"IHttpHandler\x00", "IHttpAsyncHandler\x00", "HttpTaskAsyncHandler\x00"} {
		if strings.HasPrefix(name, handler) {
			return isHandler
		}
	}
	return 0
}

// lineage follows from the types that implement something by themselves to those of the
// assembly that are derived from them, however deep. Each type is passed on as often as it
// comes to implement more: cycles end.
func (t *tables) lineage() *lineage {
	defs, impl := &t.of[typeDef], &t.of[interfaceImpl]
	l := &lineage{tables: t, is: make([]byte, defs.rows+1), outer: map[uint32]uint32{}}
	last := make([]uint32, defs.rows+1) // the last link to a derived type, counted from 1
	var links [][2]uint32               // the link before it, and the derived type
	var more []uint32
	take := func(row uint32, is byte) {
		if l.is[row]|is != l.is[row] {
			l.is[row] |= is
			more = append(more, row)
		}
	}
	link := func(row, of uint32) {
		if row == 0 || row > defs.rows {
			return
		}
		switch kind, base := t.refer(of); kind {
		case ownType:
			links = append(links, [2]uint32{last[base], row})
			last[base] = uint32(len(links))
		case otherType:
			take(row, t.implements(base))
		}
	}
	for row := uint32(1); row <= impl.rows; row++ {
		link(impl.get(row, 0), impl.get(row, 1))
	}
	for row := uint32(1); row <= defs.rows; row++ {
		link(row, defs.get(row, 3))
	}
	for len(more) > 0 {
		row := more[len(more)-1]
		more = more[:len(more)-1]
		for at := last[row]; at != 0; at = links[at-1][0] {
			take(links[at-1][1], l.is[row])
		}
	}
	nested := &t.of[nestedClass]
	for row := uint32(1); row <= nested.rows; row++ {
		l.outer[nested.get(row, 0)] = nested.get(row, 1)
	}
	return l
}

// name is a type's as configurations have it: Namespace.Outer+Inner.
func (l *lineage) name(row uint32) string {
	defs := &l.of[typeDef]
	name := l.tables.name(defs.get(row, 1))
	for range mostOuter {
		outer := l.outer[row]
		if outer == 0 || outer > defs.rows {
			break
		}
		row = outer
		name = l.tables.name(defs.get(row, 1)) + "+" + name
	}
	if space := l.tables.name(defs.get(row, 2)); space != "" {
		name = space + "." + name
	}
	return clean([]byte(name[:min(len(name), mostText)]))
}

// unseen is the type of another assembly that a type is derived from, with that assembly;
// "" there is none that may implement what IIS loads.
func (l *lineage) unseen(row uint32) (base, of string) {
	for range mostUnseen {
		if l.steps++; l.steps > mostSteps {
			return "", ""
		}
		kind, next := l.refer(l.of[typeDef].get(row, 3))
		if kind == otherType {
			return l.outside(next)
		}
		if row = next; kind == noType {
			break
		}
	}
	return "", ""
}

// outside names a type of another assembly, but for those of .NET itself.
func (l *lineage) outside(row uint32) (base, of string) {
	refs := &l.of[typeRef]
	in := refs.get(row, 0)
	base = l.tables.name(refs.get(row, 1))
	for range mostOuter { // nested in another
		if in&3 != 3 {
			break
		}
		row = in >> 2
		in = refs.get(row, 0)
		base = l.tables.name(refs.get(row, 1)) + "+" + base
	}
	if in&3 != 2 {
		return "", ""
	}
	if space := l.tables.name(refs.get(row, 2)); space != "" {
		base = space + "." + base
	}
	of = l.tables.name(l.of[assemblyRef].get(in>>2, 6))
	switch low := strings.ToLower(of); {
	case of == "", low == "mscorlib", low == "netstandard", low == "system", low == "microsoft.csharp",
		strings.HasPrefix(low, "system.") && low != "system.web" && !strings.HasPrefix(low, "system.web."):
		return "", ""
	}
	return clean([]byte(base[:min(len(base), mostText)])), of
}
