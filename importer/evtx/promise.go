package evtx

import "sync"

// mostRecords is how many records a chunk can hold at most: what a header
// promises beyond that for each chunk is not believed.
const mostRecords = (chunkSize - chunkHeaderSize) / minRecord

// Tally is what a chunk's header promises, and how much of it was read.
type Tally struct {
	index        int // of the chunk
	read, skips  uint64
	end          int64  // of the chunk in the file
	number       uint64 // of its first record, counted from when the log was cleared
	first, last  uint64 // ids of its records, if known
	known        bool   // the header can be believed with that
	within, void bool   // the file header counts the chunk; it is not in use
	empty        bool   // the header says soundly that it holds nothing yet
	room         uint64 // how many more records it could hold at most
}

// Tally is the tally of a chunk whose Records gave so many records and skips.
func (c *Chunk) Tally(records, skips int) Tally {
	t := Tally{index: c.Index, read: uint64(records), skips: uint64(skips), end: c.Offset + int64(len(c.Data)),
		within: c.within}
	free, ok := c.free()
	if !ok {
		t.void = !c.within && records+skips == 0 && zero(c.Data)
		return t
	}
	t.number, t.first, t.last = le.Uint64(c.Data[0x08:]), le.Uint64(c.Data[0x18:]), le.Uint64(c.Data[0x20:])
	t.known = t.first <= t.last && t.last-t.first < uint64(free-chunkHeaderSize)/minRecord
	t.empty = free == chunkHeaderSize
	t.room = uint64(chunkSize-free) / minRecord
	return t
}

// Promise compares what the headers of a log promise with what was read of it.
//
// Windows numbers the records of a log without a gap, and the headers tell in
// four places how far: each chunk its first and last id, the file how many
// chunks there are and the next id. What they promise is believed only as far
// as they bear each other out, for a log in use leaves its headers behind what
// it holds, a full one writes over its oldest chunks, and all may lie:
//
//   - a chunk with a sound checksum promises its ids, if they fit between its
//     header and its free space;
//   - chunks between two such, which are damaged, zeroed or lost, promise the ids
//     between, if they fit into as many chunks. Where the ids fall, the log begins
//     anew there;
//   - the file header, with a sound checksum and chunk numbers that agree,
//     promises its chunks, at least a record each; and the ids up to its next one,
//     if they fit into the chunks that are not there.
//
// What was skipped is accounted for, and not missing besides.
//
// Several goroutines may use it at once.
type Promise struct {
	mu    sync.Mutex
	after int           // how many chunks are accounted for
	early map[int]Tally // those that were read before the ones before them

	header Header
	base   int64 // where chunks begin
	end    int64
	sum    uint64 // found missing so far
	any    bool   // a chunk is known
	first  Tally  // the first known chunk
	prev   Tally  // the last one
	head   lost   // before the first
	run    lost   // since the last
	newest uint64 // the highest id
	jumps  uint64 // ids passed over between neighbours
	most   uint64 // records of the chunk that promises most
}

// lost is chunks whose headers say nothing.
type lost struct {
	chunks, read   uint64
	counted, known uint64 // those of them that the file header counts, and what was read of these
	held           uint64 // those of counted that must hold a record
}

// Promise is what the headers of the log promise, to which the Tally of each
// chunk is added.
func (cr *ChunkReader) Promise() *Promise {
	return &Promise{header: cr.header, base: cr.off, end: cr.off, early: map[int]Tally{}}
}

// Add adds a chunk. Chunks may come in any order, each once.
func (p *Promise) Add(t Tally) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.early[t.index] = t
	for {
		t, ok := p.early[p.after]
		if !ok {
			return
		}
		delete(p.early, p.after)
		p.after++
		p.add(t)
	}
}

// add adds the next chunk in the order of the file.
func (p *Promise) add(t Tally) {
	p.end = t.end
	if !t.known {
		p.run.add(t)
		return
	}
	n := t.last - t.first + 1
	p.most = max(p.most, n)
	p.sum += over(n, t.read+t.skips)
	t.last += over(t.read, n) // the header was left behind
	if p.any {
		p.between(t)
	} else {
		p.any, p.first, p.head = true, t, p.run
	}
	p.prev, p.run = t, lost{}
	p.newest = max(p.newest, t.last)
}

func (l *lost) add(t Tally) {
	if t.void {
		l.chunks++
		return
	}
	l.chunks, l.read = l.chunks+1, l.read+t.read+t.skips
	if t.within {
		l.counted, l.known = l.counted+1, l.known+t.read+t.skips
		if !t.empty {
			l.held++
		}
	}
}

// between adds what is lost between the last known chunk and t.
func (p *Promise) between(t Tally) {
	gap := over(t.first, p.prev.last+1)
	switch {
	case p.run.chunks == 0:
		p.jumps += min(gap, 1<<32)
	case gap > 0:
		p.sum += over(fit(gap, p.run.chunks), p.run.read)
	case p.header.wrapped() && p.prev.last == p.newest: // the newest record is in one of them
		p.sum += over(fit(over(p.header.NextRecord, p.prev.last+1), p.run.chunks), p.run.read)
	}
}

// Missing is how many records are missing at least, once all chunks were added.
func (p *Promise) Missing() int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return int64(p.sum + p.outside())
}

// outside is what the file header promises beyond the known chunks.
func (p *Promise) outside() uint64 {
	if !p.header.agrees() {
		return 0
	}
	there := (p.end - p.base + chunkSize - 1) / chunkSize
	absent := over(uint64(p.header.Chunks), uint64(there))
	tail := p.run
	if p.header.wrapped() && p.any {
		tail.join(p.head)
	}
	chunks, least := tail.counted+absent, tail.held+absent
	if !p.any {
		return over(least, tail.known)
	}
	next := over(p.header.NextRecord, p.newest+1)
	if next > max(chunks*mostRecords, p.prev.room) { // it contradicts itself
		return over(min(least, 1), tail.known)
	}
	if p.header.wrapped() {
		gap := over(p.first.first, p.prev.last+1)
		if gap == 0 {
			gap = over(p.header.NextRecord, p.prev.last+1)
		}
		return over(max(fit(gap, chunks), least), tail.known)
	}
	switch {
	case chunks == 0:
		next = over(next, p.run.read)
	case next == 0: // all ids are there: of more chunks, at least one holds something
		next = max(fit(p.jumps, absent), min(least, 1))
	default:
		next = max(next, least)
	}
	return over(next, tail.known) + p.before()
}

// before is what the chunks before the first known one of a log that never
// began anew must have held: the first record's number says it.
func (p *Promise) before() uint64 {
	n := over(p.first.number, 1)
	if n > p.head.chunks*min(mostRecords, 4*p.most) {
		n = 0
	}
	return over(max(n, p.head.held), p.head.read)
}

func (l *lost) join(m lost) {
	l.counted, l.known, l.held = l.counted+m.counted, l.known+m.known, l.held+m.held
}

// agrees says whether the numbers of a file's header agree with each other: its
// chunks lie in order, or the oldest one follows the newest.
func (h Header) agrees() bool {
	n := uint64(h.Chunks)
	return h.Sound && n > 0 && h.FirstChunk < n && h.LastChunk < n &&
		(h.FirstChunk == 0 && h.LastChunk == n-1 || h.FirstChunk == h.LastChunk+1)
}

// wrapped says whether newer chunks lie before older ones.
func (h Header) wrapped() bool { return h.agrees() && h.FirstChunk > 0 }

// fit is n, or 0 when so many records do not fit into so many chunks.
func fit(n, chunks uint64) uint64 {
	if n > chunks*mostRecords {
		return 0
	}
	return n
}

// over is how much a exceeds b.
func over(a, b uint64) uint64 {
	if a <= b {
		return 0
	}
	return a - b
}
