package importer

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"escutcheon/detection"
	"escutcheon/event"
	"escutcheon/eventstore/block"
	"escutcheon/fault"
	"escutcheon/importer/record"
	"escutcheon/intake"
)

// A log is read in pieces of about pieceBytes, by as many workers as there are
// processors, up to mostWorkers: what they hold is bounded on any machine.
// What a worker makes of a piece, a part, it hands over when the part is
// partBytes or partRecords, which few pieces reach.
const (
	pieceBytes  = 1 << 20
	mostWorkers = 8
	partBytes   = 2 * pieceBytes
	partRecords = 8192
	packedBytes = pieceBytes / 2 // what is smaller is packed with others
)

// part is what a worker made of a stretch of a log: matched events without what
// only matching needs.
type part struct {
	rules      *detection.Rules
	events     []event.Event
	matches    []detection.Match
	rejections []intake.Rejection
	at         []int // of the rejections, which records they are
	records    int
	size       int // original bytes
	counts     intake.Counts
	packed     *block.Packed // of the events; nil: they are not packed
}

var parts = sync.Pool{New: func() any { return &part{} }}

// free gives a part's memory back.
func (p *part) free() {
	clear(p.events)
	clear(p.matches)
	clear(p.rejections)
	*p = part{events: p.events[:0], matches: p.matches[:0], rejections: p.rejections[:0], at: p.at[:0]}
	parts.Put(p)
}

// reading makes parts of a piece, on one goroutine.
type reading struct {
	im   *Importer
	imp  *intake.Import
	most int          // records of a part
	pack *atomic.Bool // whether it is worth while; nil: it is not
	emit func(*part) error
	part *part

	behind int64 // where the record begins that was read last
	taking bool  // it is being taken
}

func (r *reading) piece(p record.Piece) (record.Piece, error) {
	next, err := r.read(p)
	if r.taking { // half of a record is in it
		r.part = nil
	}
	if r.part != nil {
		if e := r.flush(); err == nil {
			err = e
		}
	}
	return next, err
}

// read reads a piece. A panic of the decoder, or of what is asked of each event, says
// behind which byte it was.
func (r *reading) read(p record.Piece) (next record.Piece, err error) {
	defer func() {
		if p := fault.PanicOf(err); p != nil && p.At == "" {
			p.At = fmt.Sprintf("byte %d or behind it", r.behind)
		}
	}()
	defer fault.Catch(&err)
	return p.Read(func(e *event.Event, rejected *record.Rejected) error {
		r.taking = true
		err := r.take(e, rejected)
		r.taking = false
		return err
	})
}

func (r *reading) take(e *event.Event, rejected *record.Rejected) error {
	if r.part == nil {
		r.part = parts.Get().(*part)
		r.part.rules = r.im.Rules()
	}
	p := r.part
	if rejected != nil {
		r.behind = rejected.Offset
		p.rejections = append(p.rejections, intake.Rejection{Offset: rejected.Offset, Length: rejected.Length,
			Reason: rejected.Reason, Sample: rejected.Sample})
		p.at = append(p.at, p.records)
		p.size += len(rejected.Sample)
	} else {
		r.behind = e.Offset
		own(r.imp.Format, e)
		p.counts.Count(e)
		p.matches = p.rules.MatchBriefly(p.matches, len(p.events), e, nil)
		p.events = append(p.events, *e)
		bare(&p.events[len(p.events)-1])
		p.size += len(e.Raw)
	}
	if p.records++; p.size < partBytes && p.records < r.most {
		return nil
	}
	return r.flush()
}

// bare drops what an event was only matched by: the store wants what makes it
// an event, and its bytes. Of the few changes of note it wants the fields, too.
func bare(e *event.Event) {
	e.Odd = detection.Odd(e)
	if _, ok := detection.ChangeEventOf(e); ok {
		e.Fields = slices.Clone(e.Fields)
		return
	}
	e.Fields, e.Message, e.OpCode, e.TimeText = nil, "", "", ""
}

func (r *reading) flush() error {
	p := r.part
	r.part = nil
	if r.pack != nil && r.pack.Load() && p.size >= packedBytes && len(p.events) > 0 {
		p.packed = block.Pack(len(p.events), func(i int) (int64, string) {
			return p.events[i].Offset, p.events[i].Raw
		})
	}
	return r.emit(p)
}

// addTo adds a part to a batch.
func (p *part) addTo(b *intake.Batch) {
	for _, m := range p.matches {
		m.Event += len(b.Events)
		b.Matches = append(b.Matches, m)
	}
	b.Events = append(b.Events, p.events...)
	b.Packed = append(b.Packed, intake.Packed{Events: len(p.events), Block: p.packed})
	b.Rejections = append(b.Rejections, p.rejections...)
	bytes := b.Bytes
	b.Counts.Add(p.counts)
	b.Bytes, b.Records = bytes, b.Records+int64(p.records)
}

// skip drops the first n records, and says how many it dropped.
func (p *part) skip(n int64) int64 {
	if n == 0 {
		return 0
	}
	drop := int(min(n, int64(p.records)))
	p.packed = nil
	rejected := 0
	for rejected < len(p.at) && p.at[rejected] < drop {
		rejected++
	}
	p.rejections = p.rejections[rejected:]
	p.events = p.events[drop-rejected:]
	p.records -= drop
	kept := p.matches[:0]
	for _, m := range p.matches {
		if m.Event -= drop - rejected; m.Event >= 0 {
			kept = append(kept, m)
		}
	}
	p.matches = kept
	p.counts = intake.Counts{}
	for i := range p.events {
		p.counts.Count(&p.events[i])
	}
	return int64(drop)
}
