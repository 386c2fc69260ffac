// Package evtxtest writes event logs in the EVTX format for tests: with events,
// templates and values as a test wants them, sound checksums, and hooks for
// damage. It is no writer for anything but tests: records are as a test builds
// them, whether Windows would write such or not, and nothing is checked.
package evtxtest

import "hash/crc32"

const (
	chunkSize  = 64 << 10
	headerSize = 4096
)

// Event is one record.
type Event struct {
	ID      uint64 // of the record's header
	Written uint64 // 100 ns since 1601
	XML     Item
}

// Place is where a record lies in the file.
type Place struct{ Offset, Size int }

// Log is an event log that is being written.
type Log struct {
	done    [][]byte
	records []Place
	cur     *chunk
}

// Add appends events, in a new chunk when one does not fit. An event that is
// too long for a chunk panics.
func (l *Log) Add(events ...Event) *Log {
	for i := range events {
		if l.cur == nil {
			l.begin()
		}
		if l.try(&events[i]) {
			continue
		}
		l.End()
		l.begin()
		if !l.try(&events[i]) {
			panic("evtxtest: an event longer than a chunk")
		}
	}
	return l
}

func (l *Log) begin() {
	l.cur = &chunk{b: make([]byte, 512, chunkSize), names: map[string]int{}, templates: map[*Template]int{}}
}

func (l *Log) try(e *Event) bool {
	c := l.cur
	from := len(c.b)
	saved := *c
	saved.names, saved.templates = copyMap(c.names), copyMap(c.templates)
	c.u8('*', '*', 0, 0)
	c.u32(0)
	c.u64(e.ID)
	c.u64(e.Written)
	c.item(&e.XML)
	for len(c.b)%8 != 4 {
		c.u8(0)
	}
	size := len(c.b) + 4 - from
	c.u32(uint32(size))
	if len(c.b) > chunkSize {
		saved.b = saved.b[:from]
		*c = saved
		return false
	}
	le.PutUint32(c.b[from+4:], uint32(size))
	c.records = append(c.records, Place{from, size})
	if c.first == 0 {
		c.first = e.ID
	}
	c.last = e.ID
	return true
}

func copyMap[K comparable](m map[K]int) map[K]int {
	out := make(map[K]int, len(m))
	for k, v := range m {
		out[k] = v
	}
	return out
}

// End ends the current chunk.
func (l *Log) End() *Log {
	if l.cur == nil {
		return l
	}
	c := l.cur
	l.cur = nil
	free := len(c.b)
	base := headerSize + len(l.done)*chunkSize
	for _, p := range c.records {
		l.records = append(l.records, Place{base + p.Offset, p.Size})
	}
	b := append(c.b, make([]byte, chunkSize-free)...)
	copy(b, "ElfChnk\x00")
	for i, v := range []uint64{c.first, c.last, c.first, c.last} {
		le.PutUint64(b[8+8*i:], v)
	}
	le.PutUint32(b[0x28:], 128)
	if n := len(c.records); n > 0 {
		le.PutUint32(b[0x2C:], uint32(c.records[n-1].Offset))
	}
	le.PutUint32(b[0x30:], uint32(free))
	l.done = append(l.done, b)
	return l
}

// Records is where the records lie, after Bytes.
func (l *Log) Records() []Place { return l.records }

// Bytes is the file.
func (l *Log) Bytes() []byte {
	l.End()
	b := make([]byte, headerSize, headerSize+len(l.done)*chunkSize)
	copy(b, "ElfFile\x00")
	le.PutUint64(b[0x10:], uint64(max(len(l.done)-1, 0)))
	le.PutUint64(b[0x18:], uint64(len(l.records)+1))
	le.PutUint32(b[0x20:], 128)
	le.PutUint16(b[0x24:], 1)
	le.PutUint16(b[0x26:], 3)
	le.PutUint16(b[0x28:], headerSize)
	le.PutUint16(b[0x2A:], uint16(len(l.done)))
	for _, c := range l.done {
		b = append(b, c...)
	}
	return Sum(b)
}

// Sum makes all checksums of a file right again and returns it.
func Sum(b []byte) []byte {
	if len(b) >= 128 {
		le.PutUint32(b[0x7C:], crc32.ChecksumIEEE(b[:0x78]))
	}
	for at := headerSize; at+chunkSize <= len(b); at += chunkSize {
		c := b[at : at+chunkSize]
		if free := le.Uint32(c[0x30:]); free >= 512 && free <= chunkSize {
			le.PutUint32(c[0x34:], crc32.ChecksumIEEE(c[512:free]))
		}
		le.PutUint32(c[0x7C:], crc32.Update(crc32.ChecksumIEEE(c[:0x78]), crc32.IEEETable, c[0x80:512]))
	}
	return b
}
