package importer

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"

	"escutcheon/importer/record"
	"escutcheon/importer/sniff"
	"escutcheon/intake"
)

// MaxRejected is how many rejected bytes of one import are kept as they were.
const MaxRejected = 256 << 20

// rejectedPart is how many of them are stored in one piece; pieces are stored
// together until they are as many bytes, or rejectedParts.
const (
	rejectedPart  = 1 << 20
	rejectedParts = 16384
)

// keepRejected reads a file once more and keeps the rejected stretches as they
// stand in it (decompressed), so that they can be looked at and mended.
func (im *Importer) keepRejected(ctx context.Context, imp intake.Import) error {
	f, err := os.Open(imp.Path)
	if err != nil {
		return err
	}
	defer f.Close()
	src, err := sniff.Decompressed(&counted{ctx: ctx, r: f})
	if err != nil {
		return err
	}
	k := newKeeper(ctx, src, imp.Encoding, func(parts []intake.RejectedPart) error {
		return im.store.KeepRejected(ctx, imp.ID, parts)
	})
	for r, err := range im.store.AllRejections(ctx, imp.ID) {
		if err != nil {
			return err
		}
		if err := k.keep(r); err != nil {
			return err
		}
		if k.left <= 0 {
			break
		}
	}
	return k.flush()
}

// keeper copies stretches of a stream.
type keeper struct {
	ctx  context.Context
	to   func([]intake.RejectedPart) error
	src  *bufio.Reader
	at   int64 // where src is
	n    int64 // of the rejection
	left int64 // how many bytes may still be kept
	over *lines

	parts []intake.RejectedPart // not stored yet
	size  int                   // their bytes
}

func newKeeper(ctx context.Context, src io.Reader, enc record.Encoding,
	to func([]intake.RejectedPart) error) *keeper {
	return &keeper{ctx: ctx, to: to, src: bufio.NewReaderSize(src, 64<<10), left: MaxRejected, over: newLines(enc)}
}

// keep stores one stretch. Where the stream ends early, for what is missing
// was rejected too, it stores what is there.
func (k *keeper) keep(r intake.Rejection) error {
	n := k.n
	k.n++
	if r.Length <= 0 || r.Offset < k.at {
		return nil
	}
	if err := k.skip(r.Offset - k.at); err != nil {
		return clean(k.ctx, err)
	}
	line := k.over.next()
	for part, left := int64(0), min(r.Length, k.left); left > 0; part++ {
		data := make([]byte, min(left, rejectedPart))
		m, err := io.ReadFull(k.src, data)
		k.at, left, k.left = k.at+int64(m), left-int64(m), k.left-int64(m)
		_, _ = k.over.Write(data[:m])
		if m > 0 {
			if err := k.part(intake.RejectedPart{N: n, Part: part, Line: line, Data: data[:m]}); err != nil {
				return err
			}
		}
		if err != nil {
			return clean(k.ctx, err)
		}
	}
	return nil
}

// part takes a part, and stores those taken when they are many.
func (k *keeper) part(p intake.RejectedPart) error {
	k.parts = append(k.parts, p)
	if k.size += len(p.Data); k.size < rejectedPart && len(k.parts) < rejectedParts {
		return nil
	}
	return k.flush()
}

func (k *keeper) flush() error {
	if len(k.parts) == 0 {
		return nil
	}
	err := k.to(k.parts)
	k.parts, k.size = k.parts[:0], 0
	return err
}

func (k *keeper) skip(n int64) error {
	m, err := io.CopyN(k.over, k.src, n)
	k.at += m
	return err
}

// clean is the error of a stream that ends early, which was told before.
func clean(ctx context.Context, err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return ctx.Err()
	}
	return err
}
