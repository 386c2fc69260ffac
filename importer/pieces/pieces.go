// Package pieces cuts a log of a text format into pieces that are read side by
// side and give what reading it in one go gives, whatever is in it. It guesses
// where a record begins, far enough on; the piece before is read up to there,
// and only if its reader then stands at that place in the very state that was
// guessed does the next piece count. Otherwise the reader goes on, to the next
// place that was guessed, and what was read in vain is thrown away. What a
// format's records look like is its decoder's business.
package pieces

import (
	"context"
	"errors"
	"io"
	"sync"

	"escutcheon/fault"
	"escutcheon/importer/record"
)

// Format is what a decoder gives of a format.
type Format struct {
	// New reads from the start of the file, Resume from where a Cut said, in
	// the state that it said.
	New    func(sc *record.Scanner, opt record.Options) record.Reader
	Resume func(sc *record.Scanner, opt record.Options, s record.State) record.Resumable
	Cut    record.Cut // nil: the log is one piece
	// Words says of what readers counted what a person should be told; nil: nothing.
	Words func(record.Tally) string
}

// Most is how many pieces may be under way beside those that are being read.
const Most = 2

// tries is after how many places that were wrong in a row only each tries-th
// segment is tried.
const tries = 8

type pieces struct {
	r      io.Reader // UTF-8
	opt    record.Options
	format Format
	size   int
	room   chan struct{} // a place for each segment that is not done with

	last  *segment // cut last
	ahead []byte   // read, and not part of a segment yet
	state record.State
	begun bool
	err   error
	count int
	wrong chan struct{} // a piece did not count
	right chan struct{} // one did
	bad   int

	mu    sync.Mutex
	tally record.Tally // of the pieces that count and are read
}

// New cuts r, which is UTF-8 made of a file in opt.Encoding, into pieces of
// about size bytes, of which readers are read at a time.
func New(r io.Reader, opt record.Options, format Format, size, readers int) record.Pieces {
	p := &pieces{r: r, opt: opt, format: format, size: size, room: make(chan struct{}, readers+Most),
		wrong: make(chan struct{}, tries), right: make(chan struct{}, 1)}
	for range cap(p.room) {
		p.room <- struct{}{}
	}
	return p
}

// Next is as record.Pieces has it.
func (p *pieces) Next(ctx context.Context) (record.Piece, error) {
	for {
		select {
		case <-p.room:
		case <-ctx.Done():
			p.end(ctx.Err())
			return nil, ctx.Err()
		}
		s, err := p.guarded(ctx)
		if err != nil {
			return nil, err
		}
		if s == nil {
			return nil, io.EOF
		}
		if s.piece != nil {
			return s.piece, nil
		}
	}
}

// Missing is as record.Witness has it: no text promises anything.
func (p *pieces) Missing() int64 { return 0 }

// Note is as record.Witness has it.
func (p *pieces) Note() string {
	if p.format.Words == nil {
		return ""
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.format.Words(p.tally)
}

// guarded is segment; who waits for one learns of a panic.
func (p *pieces) guarded(ctx context.Context) (s *segment, err error) {
	defer func() {
		if err != nil {
			p.end(err)
		}
	}()
	defer fault.Catch(&err)
	return p.segment(ctx), nil
}

// segment cuts the next segment off. It is nil behind the end.
func (p *pieces) segment(ctx context.Context) *segment {
	if p.begun && p.err != nil && len(p.ahead) == 0 {
		p.end(p.err)
		return nil
	}
	data, found, state := p.cut(ctx)
	start := int64(0)
	if p.last != nil {
		start = p.last.end
	}
	s := newSegment(data, start, p.opt.Encoding)
	if !p.begun || p.state != nil {
		s.piece = newPiece(p, s, p.state, !p.begun)
	}
	if p.last != nil {
		p.last.next = s
		close(p.last.ready)
	}
	p.last, p.begun, p.state = s, true, nil
	if found {
		p.state = state
	}
	return s
}

// end says what ends the stream, to whoever waits for more of it.
func (p *pieces) end(err error) {
	if p.last != nil && p.last.err == nil {
		p.last.err = err
		close(p.last.ready)
	}
}

// cut reads a segment, and says what state the next one seems to begin in.
func (p *pieces) cut(ctx context.Context) (data []byte, found bool, s record.State) {
	buf := make([]byte, p.size)
	n := copy(buf, p.ahead)
	p.ahead = p.ahead[min(n, len(p.ahead)):]
	for n < len(buf) && p.err == nil {
		var m int
		m, p.err = p.r.Read(buf[n:])
		n += m
		if ctx.Err() != nil {
			p.err = ctx.Err()
		}
	}
	buf = buf[:n]
	if p.err != nil || !p.tries() {
		return buf, false, nil
	}
	from := max(0, len(buf)-max(len(buf)/4, 1<<10))
	at, s := p.format.Cut(buf[from:])
	if at <= 0 {
		return buf, false, nil
	}
	p.ahead = append([]byte(nil), buf[from+at:]...)
	return buf[: from+at : from+at], true, s
}

// tries says whether to look for a place where the next piece may begin.
func (p *pieces) tries() bool {
	p.count++
	if p.format.Cut == nil {
		return false
	}
	for {
		select {
		case <-p.right:
			p.bad = 0
		case <-p.wrong:
			p.bad++
		default:
			return p.bad < tries || p.count%tries == 0
		}
	}
}

// free gives the place of a segment back.
func (p *pieces) free(s *segment) {
	if !s.freed.Swap(true) {
		s.data.Store(nil)    // a record that spans many segments must not hold them all
		p.room <- struct{}{} // never full: each segment took one
	}
}

// note says whether a piece counted.
func (p *pieces) note(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// errDropped ends the reading of a piece that does not count.
var errDropped = errors.New("this piece does not count")
