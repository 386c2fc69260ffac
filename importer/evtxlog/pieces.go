package evtxlog

import (
	"context"
	"io"
	"sync"

	"escutcheon/event"
	"escutcheon/importer/evtx"
	"escutcheon/importer/record"
)

// chunksOfPiece is how many chunks of 64 KiB are a piece.
const chunksOfPiece = 16

// NewPieces is New in pieces of a few chunks, which need no bytes of each
// other. They are a record.Witness when all have been read.
func NewPieces(head []byte, r io.Reader, opt record.Options, readers int) (record.Pieces, error) {
	chunks, err := open(head, r)
	if err != nil {
		return nil, err
	}
	p := &pieces{chunks: chunks, free: make(chan *piece, readers+2), witness: testify(head, chunks)}
	p.tools.New = func() any { return &tools{d: evtx.NewDecoder(), w: worker{opt: opt, promise: p.promise}} }
	for range cap(p.free) {
		p.free <- &piece{of: p}
	}
	return p, nil
}

type pieces struct {
	chunks *evtx.ChunkReader
	free   chan *piece
	tools  sync.Pool
	ended  bool
	witness
}

// tools are what one goroutine decodes with.
type tools struct {
	d *evtx.Decoder
	w worker
}

type piece struct {
	of      *pieces
	chunks  [chunksOfPiece]evtx.Chunk
	n       int
	err     error // how the log ends, if it does
	dropped bool
}

// Next is as record.Pieces has it.
func (p *pieces) Next(ctx context.Context) (record.Piece, error) {
	if p.ended {
		return nil, io.EOF
	}
	var c *piece
	select {
	case c = <-p.free:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if err := ctx.Err(); err != nil { // somebody may still read it
		return nil, err
	}
	c.err, c.dropped = nil, false
	for c.n = 0; c.n < len(c.chunks); c.n++ {
		if c.err = p.chunks.Next(&c.chunks[c.n]); c.err != nil {
			p.ended = true
			break
		}
	}
	return c, nil
}

// Counts is as record.Piece has it: every piece does.
func (c *piece) Counts() {}

// Dropped is as record.Piece has it.
func (c *piece) Dropped() <-chan struct{} { return nil }

// Drop is as record.Piece has it.
func (c *piece) Drop() {
	if !c.dropped {
		c.dropped = true
		c.of.free <- c // never full: it came from there
	}
}

// Read is as record.Piece has it.
func (c *piece) Read(visit func(*event.Event, *record.Rejected) error) (record.Piece, error) {
	t := c.of.tools.Get().(*tools)
	defer c.of.tools.Put(t)
	for i := range c.chunks[:c.n] {
		if err := t.w.visit(t.d, &c.chunks[i], visit); err != nil {
			return nil, err
		}
	}
	return nil, c.err
}
