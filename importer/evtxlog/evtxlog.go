// Package evtxlog reads EVTX logs as the other decoders read theirs: it takes
// records from package evtx, and their fields from the XML that Windows shows
// of them, so that one event has the same fields whether it comes as EVTX or as
// exported XML. Reading the format itself is evtx's business.
package evtxlog

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"sync"

	"escutcheon/event"
	"escutcheon/fault"
	"escutcheon/importer/eventxml"
	"escutcheon/importer/evtx"
	"escutcheon/importer/record"
)

// Magic is how an EVTX file begins; ChunkMagic is how one does that has lost
// its header.
const (
	Magic      = "ElfFile\x00"
	ChunkMagic = "ElfChnk\x00"
)

// HeaderSize is how long the header of a file is, in bytes.
const HeaderSize = 4096

// chunkSize is how long a chunk is, in bytes.
const chunkSize = 64 << 10

// Is says whether a file that begins like head is an EVTX log.
func Is(head []byte) bool {
	return bytes.HasPrefix(head, []byte(Magic)) || bytes.HasPrefix(head, []byte(ChunkMagic))
}

// IsDamaged says whether a file that begins like head holds chunks of an EVTX
// log, and is none that Is knows.
func IsDamaged(head []byte) bool { return !Is(head) && evtx.FindChunk(head) > 0 }

// InPlace says whether the first chunk that head holds lies where a log has
// one: what is damaged is the header alone.
func InPlace(head []byte) bool { return evtx.FindChunk(head)%chunkSize == HeaderSize }

// open begins to read a log of which head is the start, and r what follows.
func open(head []byte, r io.Reader) (*evtx.ChunkReader, error) {
	r = io.MultiReader(bytes.NewReader(head), r)
	if IsDamaged(head) {
		return evtx.Carve(r, evtx.FindChunk(head))
	}
	return evtx.NewChunkReader(r)
}

// separator stands between the XML and the bytes of a record in an event's
// Raw. XML never holds it. The bytes alone would not do: the names and
// templates that they refer to lie elsewhere in their chunk.
const separator = "\x00"

// Split parts an event's Raw into its XML and the bytes of its record.
func Split(raw string) (xml, bytes string) {
	xml, bytes, _ = strings.Cut(raw, separator)
	return xml, bytes
}

// One decodes an event's Raw again.
func One(raw string, opt record.Options, e *event.Event) error {
	p := parsers.Get().(*eventxml.Parser)
	defer parsers.Put(p)
	if reason := parse(p, raw, opt, e); reason != "" {
		return errors.New(reason)
	}
	return nil
}

var parsers = sync.Pool{New: func() any { return new(eventxml.Parser) }}

func parse(p *eventxml.Parser, raw string, opt record.Options, e *event.Event) (reason string) {
	e.Reset()
	opt.Encoding = record.UTF16LE // as the log's text is
	e.Raw, _ = Split(raw)
	reason = p.Parse(e, opt)
	e.Raw = raw
	return reason
}

// reader gives what the workers make of the chunks, in the order of the file.
type reader struct {
	out   chan []found
	stop  context.CancelFunc
	found []found // of one chunk
	at    int
	err   error // why there is no more, set before out is closed
	witness
}

// found is one event of a chunk, or a stretch that holds none.
type found struct {
	event    event.Event
	rejected *record.Rejected
}

// mostWorkers is how many chunks are decoded at a time; the store could not
// take more.
const mostWorkers = 4

// New returns a reader of the events of a log of which head is the start and r
// what follows. It decodes several chunks at a time. It is a record.Witness, and
// an io.Closer: one that is not read to its end must be closed before r is.
func New(head []byte, r io.Reader, opt record.Options) (record.Reader, error) {
	chunks, err := open(head, r)
	if err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancel(context.Background())
	rd := &reader{out: make(chan []found), stop: stop, witness: testify(head, chunks)}
	workers := sync.Pool{New: func() any { return &worker{opt: opt, promise: rd.promise} }}
	work := func(d *evtx.Decoder, c *evtx.Chunk) (_ []found, err error) {
		defer fault.Catch(&err)
		w := workers.Get().(*worker)
		defer workers.Put(w)
		return w.chunk(d, c)
	}
	emit := func(f []found) error {
		select {
		case rd.out <- f:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	go func() {
		defer close(rd.out)
		defer fault.Catch(&rd.err)
		rd.err = evtx.Parallel(ctx, chunks, min(mostWorkers, runtime.NumCPU()), work, emit)
	}()
	return rd, nil
}

// Close stops the workers and waits for them.
func (r *reader) Close() error {
	r.stop()
	for range r.out {
		continue
	}
	return nil
}

// Next is as record.Reader has it. Offsets are those of the records.
func (r *reader) Next(e *event.Event) error {
	for r.at == len(r.found) {
		more, ok := <-r.out
		if !ok && r.err != nil {
			return r.err
		}
		if !ok {
			return io.EOF
		}
		r.found, r.at = more, 0
	}
	f := &r.found[r.at]
	r.at++
	if f.rejected != nil {
		return f.rejected
	}
	*e = f.event
	return nil
}

// worker decodes one chunk at a time.
type worker struct {
	opt     record.Options
	promise *evtx.Promise
	parser  eventxml.Parser
	buf     []byte
	event   event.Event   // the one at hand
	fields  []event.Field // memory for those of the events to come
	records int           // of the chunk before
}

// leastFields and mostFields are how many fields of events share memory.
const (
	leastFields = 64
	mostFields  = 1024
)

func (w *worker) chunk(d *evtx.Decoder, c *evtx.Chunk) (out []found, err error) {
	out = make([]found, 0, w.records+8)
	err = w.visit(d, c, func(e *event.Event, rejected *record.Rejected) error {
		f := found{rejected: rejected}
		if rejected == nil {
			f.event = *e
			f.event.Fields = w.keep(e.Fields)
		}
		out = append(out, f)
		return nil
	})
	w.records = len(out)
	return out, err
}

// visit calls f for what is in a chunk; an event is valid until f returns.
func (w *worker) visit(d *evtx.Decoder, c *evtx.Chunk, f func(*event.Event, *record.Rejected) error) error {
	records, skips := 0, 0
	for rec, err := range d.Records(c) {
		var skip *evtx.Skip
		var rejected *record.Rejected
		switch {
		case err == nil:
			records++
			rejected = w.record(rec)
		case errors.As(err, &skip):
			skips++
			rejected = reject(c, skip)
		default:
			return err
		}
		if err := f(&w.event, rejected); err != nil {
			return err
		}
	}
	w.promise.Add(c.Tally(records, skips))
	return nil
}

// record makes the event at hand of a record.
func (w *worker) record(rec *evtx.Record) *record.Rejected {
	var err error
	w.buf, err = rec.AppendXML(w.buf[:0])
	if err != nil {
		return rejectRecord(rec, "This record cannot be shown as XML: "+err.Error()+".")
	}
	w.buf = append(append(w.buf, separator...), rec.Raw()...)
	if reason := parse(&w.parser, string(w.buf), w.opt, &w.event); reason != "" {
		return rejectRecord(rec, reason)
	}
	w.event.Offset = rec.Offset
	return nil
}

// keep copies fields to memory that those of several events share.
func (w *worker) keep(fields []event.Field) []event.Field {
	n := len(fields)
	if n > cap(w.fields)-len(w.fields) {
		w.fields = make([]event.Field, 0, max(n, min(2*cap(w.fields), mostFields), leastFields))
	}
	from := len(w.fields)
	w.fields = append(w.fields, fields...)
	return w.fields[from : from+n : from+n]
}

// reject says what was passed over, with its first bytes.
func reject(c *evtx.Chunk, s *evtx.Skip) *record.Rejected {
	from := min(max(s.Offset-c.Offset, 0), int64(len(c.Data)))
	sample := c.Data[from:]
	reason := fmt.Sprintf("Chunk %d, %d bytes from here: %s. They were passed over.", s.Chunk, s.Length, s.Reason)
	r := record.Reject(s.Offset, reason, sample[:min(int64(len(sample)), s.Length)])
	r.Length = s.Length
	return r
}

func rejectRecord(rec *evtx.Record, reason string) *record.Rejected {
	r := record.Reject(rec.Offset, reason, rec.Raw())
	r.Length = int64(len(rec.Raw()))
	return r
}
