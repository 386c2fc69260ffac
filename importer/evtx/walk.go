package evtx

import (
	"bytes"
	"iter"
)

// Records gives the records of a chunk in order. Beside a nil record the error
// is a *Skip, after which it goes on. Records and skips are valid until the
// next record is asked for, or longer: a Skip stays.
func (d *Decoder) Records(c *Chunk) iter.Seq2[*Record, error] {
	return func(yield func(*Record, error) bool) {
		d.begin(c)
		w := walker{d: d, c: c, b: c.Data, end: len(c.Data), free: len(c.Data)}
		if n, ok := c.free(); ok {
			w.free, w.trusted = min(n, len(c.Data)), true
		}
		if c.DataOK {
			w.end = w.free
		}
		if c.Signed {
			w.pos = min(chunkHeaderSize, w.end)
		} else if !c.within && zero(w.b) {
			return // room for later
		}
		for w.pos < w.end && w.step(yield) {
			continue
		}
	}
}

// walker goes through the records of one chunk.
type walker struct {
	d        *Decoder
	c        *Chunk
	b        []byte
	pos, end int
	free     int  // what lies behind is not in use
	trusted  bool // the header says where free is, and its checksum is right
	last     uint64
}

// step reads the record at pos, or looks for the next one.
func (w *walker) step(yield func(*Record, error) bool) bool {
	size, torn, ok := w.frame(w.pos, w.pos > 0)
	if ok && w.pos >= w.free && le.Uint64(w.b[w.pos+8:]) <= w.last {
		ok = false // left over from an earlier use of the chunk
	}
	if !ok {
		return w.lost(yield)
	}
	id := le.Uint64(w.b[w.pos+8:])
	if err := w.d.decode(w.pos, w.pos+size); err != nil {
		return w.broken(yield, size, id, reasonOf(err))
	}
	w.d.rec.Torn = torn
	w.last = id
	if torn {
		w.pos = w.find(w.pos+minRecord, w.pos+size)
	} else {
		w.pos += size
	}
	return yield(&w.d.rec, nil)
}

// broken reports a record whose content is damaged. A whole record may lie in
// it, when a newer one was written over an older.
func (w *walker) broken(yield func(*Record, error) bool, size int, id uint64, reason Reason) bool {
	next := w.find(w.pos+1, w.pos+size)
	from := w.pos
	w.pos = next
	if w.trusted && from >= w.free {
		return true
	}
	return yield(nil, w.skip(from, next, id, reason))
}

// lost looks for the next record and reports what lies before it.
func (w *walker) lost(yield func(*Record, error) bool) bool {
	from := w.pos
	reason, id := w.why(from)
	w.pos = w.find(from+1, w.end)
	to := w.pos
	if w.trusted && from < w.free {
		to = min(to, w.free)
	} else if w.trusted || w.c.Signed && zero(w.b[from:to]) {
		return true // not in use
	}
	return yield(nil, w.skip(from, to, id, reason))
}

func (w *walker) skip(from, to int, id uint64, reason Reason) *Skip {
	return &Skip{Chunk: w.c.Index, Offset: w.c.Offset + int64(from), Length: int64(to - from), RecordID: id,
		Reason: reason}
}

// why says what is wrong at a place where a record should start.
func (w *walker) why(at int) (Reason, uint64) {
	switch b := w.b[at:]; {
	case !w.c.Signed && at == 0:
		return BadChunk, 0
	case w.c.cut && len(b) < minRecord:
		return CutRecord, 0
	case len(b) < minRecord || !bytes.HasPrefix(b, recordMagic):
		return BadFraming, 0
	case w.c.cut && int64(le.Uint32(b[4:])) > int64(len(b)):
		return CutRecord, le.Uint64(b[8:])
	default:
		return BadFraming, le.Uint64(b[8:])
	}
}

// find is the first place from at on where a record starts, or end.
func (w *walker) find(at, end int) int {
	for at < end {
		i := bytes.Index(w.b[at:end], recordMagic)
		if i < 0 {
			break
		}
		at += i
		if _, _, ok := w.frame(at, false); ok {
			return at
		}
		at++
	}
	return end
}

// frame is the size of the record at a place, and whether one of its two sizes
// is damaged.
// Where a record is expected, its signature may be damaged; its size may be
// when the other one is not, or when another record follows.
func (w *walker) frame(at int, expected bool) (size int, torn, ok bool) {
	if w.end-at < minRecord {
		return 0, false, false
	}
	signed := bytes.HasPrefix(w.b[at:], recordMagic)
	n := int64(le.Uint32(w.b[at+4:]))
	fits := n >= minRecord && n <= int64(w.end-at)
	size = int(min(n, chunkSize))
	switch {
	case fits && (signed || expected) && int64(le.Uint32(w.b[at+size-4:])) == n:
		return size, false, true
	case !signed:
		return 0, false, false
	case fits && w.boundary(at+size):
		return size, true, true
	}
	next := w.free
	if i := bytes.Index(w.b[at+4:w.end], recordMagic); i >= 0 {
		next = at + 4 + i
	}
	if n := next - at; n >= minRecord && next <= w.end && int(le.Uint32(w.b[next-4:])) == n {
		return n, true, true
	}
	return size, true, fits && expected
}

// boundary says whether a record may end there.
func (w *walker) boundary(at int) bool {
	return at == w.free || bytes.HasPrefix(w.b[at:], recordMagic)
}

func zero(b []byte) bool {
	for len(b) >= 8 {
		if le.Uint64(b) != 0 {
			return false
		}
		b = b[8:]
	}
	for _, c := range b {
		if c != 0 {
			return false
		}
	}
	return true
}
