package archive

import (
	"bytes"
	"io"
)

// eachLocal finds the members of a zip without a list, which is one that is
// cut short, by their own headers.
func (z *zipFile) eachLocal(f func(*entry) error) error {
	for at := int64(0); at >= 0; {
		h, start, ok := z.local(at)
		if !ok {
			at = z.find(at+1, sigLocal)
			continue
		}
		next := z.span(&h, start)
		e := z.entry(h)
		if h.endless() {
			e.size = -1
		}
		e.open = func() (io.Reader, error) { return z.data(&h, start) }
		if err := f(e); err != nil {
			return err
		}
		at = z.find(next, sigLocal)
	}
	return damaged("The zip archive is cut short: its list of members is missing. Those whose bytes are there were read.")
}

// local reads the header at offset at, and where its member's bytes begin.
func (z *zipFile) local(at int64) (h zipHead, start int64, ok bool) {
	var b [lenLocal]byte
	if _, err := z.r.ReadAt(b[:], at); err != nil || string(b[:4]) != sigLocal {
		return h, 0, false
	}
	h = zipHead{flags: le.Uint16(b[6:]), method: le.Uint16(b[8:]), clock: le.Uint16(b[10:]), day: le.Uint16(b[12:]),
		crc:   le.Uint32(b[14:]),
		csize: uint64(le.Uint32(b[18:])), usize: uint64(le.Uint32(b[22:])), off: uint64(at)}
	n := int64(le.Uint16(b[26:]))
	rest := make([]byte, n+int64(le.Uint16(b[28:])))
	if _, err := z.r.ReadAt(rest, at+lenLocal); err != nil && err != io.EOF {
		return h, 0, false
	}
	h.name = zipName(bytes.TrimRight(rest[:n], "\x00"))
	h.readExtra(rest[n:], false)
	return h, at + lenLocal + int64(len(rest)), true
}

// span returns the offset after the member's bytes. Sizes that follow the
// bytes are taken from there; when they are missing, all to the end is the
// member's.
func (z *zipFile) span(h *zipHead, start int64) int64 {
	if h.flags&flagAfter == 0 || h.csize > 0 {
		if h.csize > uint64(z.size) {
			return z.size
		}
		return start + int64(h.csize)
	}
	for at := z.find(start, sigDescriptor); at >= 0; at = z.find(at+1, sigDescriptor) {
		var b [24]byte
		n := z.peek(b[:], at)
		length := uint64(at - start)
		switch {
		case n >= 16 && uint64(le.Uint32(b[8:])) == length:
			h.usize = uint64(le.Uint32(b[12:]))
		case n >= 24 && le.Uint64(b[8:]) == length:
			h.usize = le.Uint64(b[16:])
		default:
			continue
		}
		h.crc, h.csize = le.Uint32(b[4:]), length
		return at + 16
	}
	h.csize, h.usize = 1<<62, 1<<64-1
	return z.size
}

// find returns the offset of the next sig from at on, or -1. It reads the file
// once when it is asked for growing offsets.
func (z *zipFile) find(at int64, sig string) int64 {
	for at < z.size {
		if at < z.from || at+int64(len(sig)) > z.from+int64(len(z.window)) {
			if !z.load(at) {
				return -1
			}
		}
		if i := bytes.Index(z.window[at-z.from:], []byte(sig)); i >= 0 {
			return at + int64(i)
		}
		end := z.from + int64(len(z.window))
		if end >= z.size || len(z.window) < len(sig) {
			return -1
		}
		at = end - int64(len(sig)) + 1
	}
	return -1
}

// load moves the window to offset at.
func (z *zipFile) load(at int64) bool {
	if z.window == nil {
		z.window = make([]byte, 256<<10)
	}
	n, _ := z.r.ReadAt(z.window[:cap(z.window)], at) // what is missing is not found
	z.window, z.from = z.window[:n], at
	return n > 0
}

// peek reads up to len(b) bytes at offset at, from the window where it has them.
func (z *zipFile) peek(b []byte, at int64) int {
	if at >= z.from && at+int64(len(b)) <= z.from+int64(len(z.window)) {
		return copy(b, z.window[at-z.from:])
	}
	n, _ := z.r.ReadAt(b, at) // what is missing is zero
	return n
}
