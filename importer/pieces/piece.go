package pieces

import (
	"errors"
	"sync"

	"escutcheon/event"
	"escutcheon/importer/record"
)

// piece is a stretch of the stream that begins with a segment and ends where
// the next piece that counts begins.
type piece struct {
	of      *pieces
	first   *segment // until it is read
	state   record.State
	start   int64
	opening bool          // at the start of the file
	counts  chan struct{} // closed when it counts
	dropped chan struct{} // closed when it is read or does not count
	drop    sync.Once

	mu      sync.Mutex
	claimed *segment      // of what it has read, up to here its own, if it counts
	tail    *segment      // where it ends; nil until it is read
	counted *record.Tally // in what it read; nil until then, and once it is added
}

func newPiece(p *pieces, s *segment, state record.State, opening bool) *piece {
	return &piece{of: p, first: s, state: state, start: s.start, opening: opening, claimed: s,
		counts: make(chan struct{}), dropped: make(chan struct{})}
}

// Counts is as record.Piece has it.
func (p *piece) Counts() {
	close(p.counts)
	p.settle()
}

// settle adds what was counted in a piece once it counts and is read.
func (p *piece) settle() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.counted != nil && p.isCounted() {
		p.of.mu.Lock()
		p.of.tally.Add(*p.counted)
		p.of.mu.Unlock()
		p.counted = nil
	}
}

// Dropped is as record.Piece has it.
func (p *piece) Dropped() <-chan struct{} { return p.dropped }

// Drop is as record.Piece has it. Of one that counts, the memory is given back.
func (p *piece) Drop() {
	p.drop.Do(func() { close(p.dropped) })
	if !p.isCounted() {
		return
	}
	p.mu.Lock()
	tail := p.tail
	p.tail = nil
	p.mu.Unlock()
	if tail != nil {
		p.claim(tail)
		p.of.free(tail)
	}
}

// ends notes where the piece ends.
func (p *piece) ends(s *segment) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.tail = s
}

// claim takes what lies behind the segment where the piece begins, up to one
// that it has read: pieces that begin there do not count. Only a piece that
// counts may do so.
func (p *piece) claim(to *segment) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for p.claimed != to && p.claimed != nil && p.claimed.start < to.start {
		p.claimNext()
	}
}

// makeRoom claims what must be claimed so that a segment can follow the one
// that was cut last: a record that spans all that may be in memory belongs to
// this piece as a whole.
func (p *piece) makeRoom(last *segment) {
	p.mu.Lock()
	defer p.mu.Unlock()
	held := 1
	for s := p.claimed; s != last && s != nil; s = s.follower() {
		held++
	}
	for ; held >= cap(p.of.room) && p.claimed != last; held-- {
		p.claimNext()
	}
}

func (p *piece) claimNext() {
	p.of.free(p.claimed)
	p.claimed = p.claimed.follower()
	p.refuse(p.claimed)
}

// refuse says that a piece that begins with s does not count.
func (p *piece) refuse(s *segment) {
	if s != nil && s.piece != nil && s.piece != p {
		s.piece.Drop()
		p.of.note(p.of.wrong)
	}
}

func (p *piece) isDropped() bool {
	select {
	case <-p.dropped:
		return true
	default:
		return false
	}
}

func (p *piece) isCounted() bool {
	select {
	case <-p.counts:
		return true
	default:
		return false
	}
}

// Read is as record.Piece has it.
func (p *piece) Read(visit func(*event.Event, *record.Rejected) error) (record.Piece, error) {
	src := &chain{p: p, at: p.first}
	mark := p.first // its start is at or before where the reader stands
	p.first = nil
	sc := src.scan(p.of.opt.Encoding)
	var rd record.Reader
	if p.opening {
		rd = p.of.format.New(sc, p.of.opt)
	} else {
		rd = p.of.format.Resume(sc, p.of.opt, p.state)
	}
	defer p.count(rd)
	stand, _ := rd.(record.Resumable)
	if p.of.format.Cut == nil {
		stand = nil
	}
	var e event.Event
	for {
		if p.isDropped() {
			return nil, errDropped
		}
		if stand != nil {
			var next *piece
			if mark, next = p.meets(stand, mark); next != nil {
				p.of.note(p.of.right)
				p.ends(mark)
				return next, nil
			}
		}
		err := rd.Next(&e)
		var rejected *record.Rejected
		if err != nil && !errors.As(err, &rejected) {
			p.ends(src.at)
			return nil, err
		}
		if err := visit(&e, rejected); err != nil {
			return nil, err
		}
	}
}

// count notes what a reader counted in the piece.
func (p *piece) count(rd record.Reader) {
	if c, ok := rd.(record.Counting); ok {
		t := c.Tally()
		p.mu.Lock()
		p.counted = &t
		p.mu.Unlock()
		p.settle()
	}
}

// meets moves mark on to the segment in which the reader stands. It returns the
// piece that the reader may hand over to.
func (p *piece) meets(stand record.Resumable, mark *segment) (*segment, *piece) {
	at, state, ok := stand.At()
	for {
		if at >= mark.end && p.wait(mark) != nil {
			return mark, nil // who reads on is told why
		}
		f := mark.follower()
		if f == nil || f.start > at {
			return mark, nil
		}
		if ok && f.start == at && f.piece != nil && f.piece.state == state && !f.piece.isDropped() {
			return mark, f.piece
		}
		if mark = f; p.isCounted() {
			p.claim(mark)
		}
	}
}
