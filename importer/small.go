package importer

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"slices"
	"time"

	"escutcheon/event"
	"escutcheon/fault"
	"escutcheon/importer/archive"
	"escutcheon/importer/pieces"
	"escutcheon/importer/record"
	"escutcheon/importer/sniff"
	"escutcheon/intake"
)

// SmallFile is how long a file is at most that is decoded in memory and stored
// whole, in bytes.
const SmallFile = 1280 << 10

// What a small file may hold: what has more goes the way of large ones.
const (
	smallRecords = 8192
	smallBytes   = 8 << 20 // originals, or rejected bytes
)

// errLarge says that a small file holds more than that.
var errLarge = errors.New("this file holds too much for one transaction")

// whole decodes a small file. It is nil for what goes the way of large files:
// archives, what holds too much, and what is stored in part already.
func (im *Importer) whole(ctx context.Context, imp intake.Import, data []byte) (out *intake.Whole, err error) {
	defer fault.Catch(&err)
	if imp.Records != 0 {
		return nil, nil
	}
	if err := im.original(ctx, imp, func() (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(data)), nil
	}); err != nil {
		return nil, err
	}
	if f, err := artifactOf(&imp, data); err != nil || f != nil {
		if err != nil {
			return nil, err
		}
		return ofArtifact(imp, f), nil
	}
	a, err := im.archive(ctx, imp, bytes.NewReader(data))
	var bad *archive.Error
	if a != nil || errors.As(err, &bad) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	w := &intake.Whole{Import: imp, From: imp.Owner, Batch: &intake.Batch{}}
	err = im.decodeWhole(ctx, w, data)
	if errors.Is(err, errLarge) {
		return nil, nil
	}
	return w, err
}

// decodeWhole fills in what a log is and holds.
func (im *Importer) decodeWhole(ctx context.Context, w *intake.Whole, data []byte) error {
	opt, err := optionsOf(&w.Import)
	if err != nil {
		return err
	}
	src := &counted{ctx: ctx, r: bytes.NewReader(data)}
	size := len(data) + 1
	ps, info, err := sniff.OpenPieces(src, opt, size, 1)
	if err != nil {
		var unknown *sniff.Unknown
		if errors.As(err, &unknown) || errors.Is(err, io.ErrUnexpectedEOF) {
			w.Status, w.Reason, w.Batch = intake.Failed, unread(err), nil
			return nil
		}
		return err
	}
	w.Format, w.Encoding, w.Compression = info.Format, info.Encoding, info.Compression
	w.Carrier = info.Carrier
	cut, err := im.readWhole(ctx, w, ps)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(w.Batch.Events, func(e event.Event) bool { return e.Dates != event.DatesFixed }) {
		if w.Note, err = noteOf(w.Import, bytes.NewReader(data)); err != nil {
			return err
		}
	}
	w.Batch.Bytes = src.n.Load()
	testify(&w.Import, ps)
	if w.Rejected, err = rejectedIn(ctx, data, w.Encoding, w.Batch.Rejections); err != nil {
		return err
	}
	if cut == nil && w.Damage != "" {
		cut = errors.New(w.Damage)
	}
	w.Status = intake.Done
	if w.Reason = ending(int64(len(w.Batch.Events)), int64(len(w.Batch.Rejections)), cut); w.Reason != "" {
		w.Status = intake.Failed
	}
	return nil
}

// readWhole makes one batch of a log. cut says that the log ended too early.
func (im *Importer) readWhole(ctx context.Context, w *intake.Whole, ps record.Pieces) (cut, err error) {
	b, size := w.Batch, 0
	most := min(cmp.Or(im.Batch, smallRecords), smallRecords)
	b.Rules = im.Rules()
	err = pieces.Parallel(ctx, ps, 1, func(p record.Piece, emit func(*part) error) (record.Piece, error) {
		r := reading{im: im, imp: &w.Import, most: most, emit: emit}
		return r.piece(p)
	}, func(p *part) error {
		size += p.size
		if b.Rules != p.rules || b.Records+int64(p.records) > int64(most) || size > smallBytes {
			return errLarge
		}
		p.addTo(b)
		p.free()
		return nil
	})
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return err, nil
	}
	return nil, err
}

// rejectedIn are the bytes that a file's rejections have.
func rejectedIn(ctx context.Context, data []byte, enc record.Encoding, rejections []intake.Rejection) (
	parts []intake.RejectedPart, err error) {
	if len(rejections) == 0 {
		return nil, nil
	}
	size := int64(0)
	for _, r := range rejections {
		size += r.Length
	}
	if size > smallBytes {
		return nil, errLarge
	}
	src, err := sniff.Decompressed(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	k := newKeeper(ctx, src, enc, func(p []intake.RejectedPart) error {
		parts = append(parts, p...)
		return nil
	})
	for _, r := range rejections {
		if err := k.keep(r); err != nil {
			return nil, err
		}
	}
	return parts, k.flush()
}

// runSmall runs a queued import of a small file. It is not done where the
// import must go the way of large ones, for whatever reason.
func (im *Importer) runSmall(ctx context.Context, id int64) (imp intake.Import, done bool) {
	i, err := im.store.ImportByID(ctx, id)
	if err != nil || i.Status != intake.Queued || i.Size > SmallFile || i.Replaces != 0 || i.Records != 0 ||
		i.Owner != im.owner && !im.orphaned(i, time.Now()) {
		return i, false
	}
	data, err := os.ReadFile(i.Path)
	if err != nil || HashOf(data) != i.SHA256 {
		return i, false
	}
	w, err := im.whole(ctx, i, data)
	if err != nil || w == nil {
		return i, false
	}
	out, err := im.storeWhole(ctx, []intake.Whole{*w})
	if err != nil {
		return i, false
	}
	return out[0], im.spool.Drop(i.Path) == nil
}

// storeWhole stores small files; when the rules were changed meanwhile, by the
// new ones.
func (im *Importer) storeWhole(ctx context.Context, files []intake.Whole) (out []intake.Import, err error) {
	err = im.Retry(ctx, func() (err error) {
		out, err = im.store.StoreWhole(ctx, im.owner, files)
		return err
	})
	return out, err
}

// HashOf names a file's bytes: their SHA-256 as hex.
func HashOf(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}
