package sevenz

import (
	"encoding/binary"
	"errors"
	"io"
	"math/bits"
	"unicode/utf16"
)

var le = binary.LittleEndian

// The ids of the parts of a header.
const (
	idEnd        = 0x00
	idHeader     = 0x01
	idProperties = 0x02
	idMore       = 0x03
	idStreams    = 0x04
	idFiles      = 0x05
	idPack       = 0x06
	idUnpack     = 0x07
	idSubstreams = 0x08
	idSize       = 0x09
	idCRC        = 0x0a
	idFolder     = 0x0b
	idCoderSizes = 0x0c
	idCounts     = 0x0d
	idNoStream   = 0x0e
	idNoFolder   = 0x0f
	idAnti       = 0x10
	idNames      = 0x11
	idModified   = 0x14
	idAttributes = 0x15
	idEncoded    = 0x17
)

// parser reads a header. After its first error it gives zeros.
type parser struct {
	b       []byte
	err     error
	members int
}

func (p *parser) fail(err error) {
	if p.err == nil {
		p.err, p.b = err, nil
	}
}

func (p *parser) take(n uint64) []byte {
	if p.err != nil || n > uint64(len(p.b)) {
		p.fail(ErrDamaged)
		return nil
	}
	b := p.b[:n]
	p.b = p.b[n:]
	return b
}

func (p *parser) byte() byte {
	if b := p.take(1); b != nil {
		return b[0]
	}
	return 0
}

// number reads a number: the first byte's leading ones say how many bytes
// follow, its other bits are the highest.
func (p *parser) number() uint64 {
	first := p.byte()
	n := bits.LeadingZeros8(^first)
	var v uint64
	for i, c := range p.take(uint64(n)) {
		v |= uint64(c) << (8 * i)
	}
	if n < 7 {
		v |= uint64(first&(1<<(7-n)-1)) << (8 * n)
	}
	return v
}

// count reads a number of things of which each takes at least a byte, a bit
// or nothing here; most is the limit.
func (p *parser) count(most int, over error) int {
	n := p.number()
	if n > uint64(most) {
		p.fail(over)
		return 0
	}
	return int(n)
}

// length reads a number of bytes.
func (p *parser) length() int64 {
	n := p.number()
	if n > 1<<62 {
		p.fail(ErrDamaged)
		return 0
	}
	return int64(n)
}

// flags reads n bits.
func (p *parser) flags(n int) []bool {
	b := p.take(uint64(n+7) / 8)
	if b == nil {
		return make([]bool, min(n, 8*len(p.b)))
	}
	out := make([]bool, n)
	for i := range out {
		out[i] = b[i/8]&(0x80>>(i%8)) != 0
	}
	return out
}

// some reads n bits, or a byte that says that all are set.
func (p *parser) some(n int) []bool {
	if p.byte() == 0 {
		return p.flags(n)
	}
	if p.err != nil {
		return nil
	}
	out := make([]bool, n)
	for i := range out {
		out[i] = true
	}
	return out
}

// checksums reads a CRC for some of n things and calls set for each.
func (p *parser) checksums(n int, set func(i int, crc uint32)) {
	for i, has := range p.some(n) {
		if b := []byte(nil); has {
			if b = p.take(4); b == nil {
				return
			}
			set(i, le.Uint32(b))
		}
	}
}

func (p *parser) expect(id byte) {
	if p.byte() != id {
		p.fail(ErrDamaged)
	}
}

// header reads the whole list into z.
func (p *parser) header(z *Reader) {
	var subs []File
	seen := [idFiles + 1]bool{}
	for p.err == nil {
		id := p.byte()
		if id == idStreams || id == idFiles { // each once, the streams first
			if seen[id] || seen[idFiles] {
				p.fail(ErrDamaged)
			}
			seen[id] = true
		}
		switch id {
		case idProperties:
			for p.err == nil && p.byte() != idEnd {
				p.take(p.number())
			}
		case idMore:
			p.streams(z.size)
		case idStreams:
			z.blocks = p.streams(z.size)
			for i := range z.blocks {
				subs = append(subs, z.blocks[i].files...)
				z.blocks[i].files = nil
			}
		case idFiles:
			z.Files = p.files(subs)
		case idEnd:
			return
		default:
			p.fail(ErrDamaged)
		}
	}
}

// files reads what is said of the members. subs are those that have bytes.
func (p *parser) files(subs []File) []File {
	n := p.count(p.members, ErrMembers)
	files := make([]File, n)
	var none, notFolder, anti []bool
	empty := 0
	for p.err == nil {
		id := p.byte()
		if id == idEnd {
			break
		}
		part := &parser{b: p.take(p.number())}
		switch id {
		case idNoStream:
			none = part.flags(n)
			for _, e := range none {
				if e {
					empty++
				}
			}
		case idNoFolder:
			notFolder = part.flags(empty)
		case idAnti:
			anti = part.flags(empty)
		case idNames:
			part.names(files)
		case idModified:
			part.modified(files)
		case idAttributes:
			part.attributes(files)
		}
		if p.err == nil && part.err != nil {
			p.fail(part.err)
		}
	}
	p.assign(files, subs, none, notFolder, anti)
	return files
}

func at(b []bool, i int) bool { return i < len(b) && b[i] }

// assign gives the members their bytes, in order.
func (p *parser) assign(files, subs []File, none, notFolder, anti []bool) {
	e := 0
	for i := range files {
		f := &files[i]
		if at(none, i) {
			f.block = -1
			f.Folder, f.Anti = !at(notFolder, e), at(anti, e)
			e++
			continue
		}
		if len(subs) == 0 {
			p.fail(ErrDamaged)
			return
		}
		name, attr, at := f.Name, f.Attr, f.Modified
		*f, subs = subs[0], subs[1:]
		f.Name, f.Attr, f.Modified = name, attr, at
	}
	if len(subs) > 0 {
		p.fail(ErrDamaged)
	}
}

func (p *parser) names(files []File) {
	if p.byte() != 0 {
		p.fail(ErrMethod) // names in a stream of their own, which nothing writes
		return
	}
	var units []uint16
	for i := range files {
		units = units[:0]
		for {
			b := p.take(2)
			if b == nil {
				return
			}
			u := le.Uint16(b)
			if u == 0 {
				break
			}
			units = append(units, u)
		}
		files[i].Name = string(utf16.Decode(units))
	}
}

func (p *parser) modified(files []File) {
	has := p.some(len(files))
	if p.byte() != 0 {
		return
	}
	for i, h := range has {
		if h {
			b := p.take(8)
			if b == nil {
				return
			}
			files[i].Modified = le.Uint64(b)
		}
	}
}

func (p *parser) attributes(files []File) {
	has := p.some(len(files))
	if p.byte() != 0 {
		return
	}
	for i, h := range has {
		if h {
			b := p.take(4)
			if b == nil {
				return
			}
			files[i].Attr = le.Uint32(b)
		}
	}
}

func cutOr(err error) error {
	if err == io.EOF || errors.Is(err, io.ErrUnexpectedEOF) {
		return ErrCut
	}
	return err
}
