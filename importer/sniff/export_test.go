package sniff

import (
	"context"
	"io"

	"escutcheon/event"
	"escutcheon/importer/record"
)

// Formats are the rows of the table, in its order.
func Formats() []Spec { return table }

// Listed is "a, b and c".
func Listed(names []string) string { return listed(names, "and") }

// Add adds a row to the table until the function that it returns is called.
func Add(s Spec) (remove func()) {
	before := table
	table = append(table[:len(table):len(table)], s)
	return func() { table = before }
}

// Break has the decoder of a format panic behind so many events of each reader, until
// the function that it returns is called.
func Break(f Format, after int) (mend func()) {
	d := spec(f).Decoder
	newReader, resume, binary := d.New, d.Resume, d.BinaryPieces
	if newReader != nil {
		d.New = func(sc *record.Scanner, opt record.Options) record.Reader {
			return &broken{newReader(sc, opt), d, after}
		}
		d.Resume = func(sc *record.Scanner, opt record.Options, s record.State) record.Resumable {
			return &broken{resume(sc, opt, s), d, after}
		}
	}
	if binary != nil {
		d.BinaryPieces = func(head []byte, r io.Reader, opt record.Options, readers int) (record.Pieces, error) {
			ps, err := binary(head, r, opt, readers)
			return brokenPieces{ps, after}, err
		}
	}
	return func() { d.New, d.Resume, d.BinaryPieces = newReader, resume, binary }
}

// broken is a reader that panics.
type broken struct {
	record.Reader
	d    *Decoder
	left int
}

func (b *broken) Next(e *event.Event) error {
	err := b.Reader.Next(e)
	if err == nil {
		if b.left--; b.left < 0 {
			panic("the decoder is broken")
		}
	}
	return err
}

func (b *broken) At() (offset int64, s record.State, ok bool) {
	if r, is := b.Reader.(record.Resumable); is {
		return r.At()
	}
	return 0, nil, false
}

func (b *broken) Shape() Format { return formatOf(b.Reader, b.d) }

type brokenPieces struct {
	record.Pieces
	after int
}

func (p brokenPieces) Next(ctx context.Context) (record.Piece, error) {
	one, err := p.Pieces.Next(ctx)
	if err != nil {
		return nil, err
	}
	return &brokenPiece{one, p.after}, nil
}

type brokenPiece struct {
	record.Piece
	left int
}

func (p *brokenPiece) Read(visit func(*event.Event, *record.Rejected) error) (record.Piece, error) {
	return p.Piece.Read(func(e *event.Event, r *record.Rejected) error {
		if p.left--; p.left < 0 {
			panic("the decoder is broken")
		}
		return visit(e, r)
	})
}
