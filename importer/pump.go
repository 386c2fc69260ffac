package importer

import (
	"cmp"
	"context"
	"errors"
	"io"
	"runtime"
	"sync/atomic"
	"time"

	"escutcheon/detection"
	"escutcheon/fault"
	"escutcheon/importer/pieces"
	"escutcheon/importer/record"
	"escutcheon/intake"
)

// A batch is stored when it holds this many records (Importer.Batch), as many
// original bytes as a transaction should take storeTime for, or is this old.
// They bound the memory of an import, whatever the file's size.
const (
	batchRecords = 65536
	leastBytes   = 1 << 20
	firstBytes   = 4 << 20
	mostBytes    = 4 << 20
	batchAge     = 500 * time.Millisecond
	storeTime    = 200 * time.Millisecond
)

// decoding is one import under way: workers read pieces of the log and match
// what they find, one goroutine puts that in order and fills batches, and one
// stores them. Two batches go round.
type decoding struct {
	im     *Importer
	imp    intake.Import
	pieces record.Pieces
	src    *counted
	full   chan *intake.Batch
	free   chan *intake.Batch
	target chan int    // original bytes of a batch, from who stores
	pack   atomic.Bool // what was stored last was new for the most part: workers pack

	b     *intake.Batch // being filled
	size  int           // its original bytes
	limit int           // and how many it should have
	began time.Time
	skip  int64 // records stored before a restart
	from  int64 // records in the batches before

	read int64 // of the file, up to the last batch
	over bool  // all of it is read

	cut error // the file ended too early
	err error
}

// readers is how many pieces of a log are read at a time.
func readers() int { return min(runtime.GOMAXPROCS(0), mostWorkers) }

func (d *decoding) pump(ctx context.Context) (intake.Counts, error) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	d.full, d.free, d.target = make(chan *intake.Batch), make(chan *intake.Batch, 2), make(chan int, 1)
	for range cap(d.free) {
		d.free <- &intake.Batch{Import: d.imp.ID, Owner: d.im.owner}
	}
	d.skip, d.from, d.limit = d.imp.Records, d.imp.Records, firstBytes
	d.pack.Store(true)
	go func() {
		defer close(d.full)
		defer fault.Catch(&d.err)
		d.err = d.decode(ctx)
	}()
	total := d.imp.Counts
	size := firstBytes
	var failed error
	for b := range d.full {
		if failed != nil {
			continue
		}
		began := time.Now()
		t, err := d.im.storeBatch(ctx, b)
		if err != nil {
			failed = err
			stop()
			continue
		}
		size = adapted(size, time.Since(began))
		d.aim(size)
		d.pack.Store(t.New-total.New >= t.Duplicate-total.Duplicate)
		total = t
		if err := d.tell(t.Bytes); err != nil {
			failed = err
			stop()
			continue
		}
		d.free <- b
	}
	if failed != nil {
		return total, failed
	}
	return total, d.err
}

// tell tells the archive that the log is a member of how much of it is stored.
func (d *decoding) tell(bytes int64) error {
	if d.imp.Parent == 0 {
		return nil
	}
	if w := d.im.walkOf(d.imp.Parent); w != nil {
		return w.stored(&d.imp, bytes)
	}
	return nil
}

// adapted is how large the next batch should be, when one of a size took so
// long.
func adapted(size int, took time.Duration) int {
	switch {
	case took > storeTime*3/2:
		return max(size/2, leastBytes)
	case took < storeTime/2:
		return min(size*2, mostBytes)
	}
	return size
}

// aim tells who fills batches how large they should be.
func (d *decoding) aim(size int) {
	select {
	case <-d.target:
	default:
	}
	d.target <- size
}

// storeBatch stores a batch; when the rules were changed meanwhile, by the new
// ones.
func (im *Importer) storeBatch(ctx context.Context, b *intake.Batch) (intake.Counts, error) {
	var t intake.Counts
	err := im.Retry(ctx, func() (err error) {
		t, err = im.store.StoreBatch(ctx, b)
		return err
	})
	return t, err
}

// decode fills batches until the file ends.
func (d *decoding) decode(ctx context.Context) error {
	most := min(cmp.Or(d.im.Batch, batchRecords), partRecords)
	err := pieces.Parallel(ctx, d.pieces, readers(),
		func(p record.Piece, emit func(*part) error) (record.Piece, error) {
			r := reading{im: d.im, imp: &d.imp, most: most, pack: &d.pack, emit: emit}
			return r.piece(p)
		}, func(p *part) error { return d.take(ctx, p) })
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		d.cut, err = err, nil
	}
	d.over = true
	return errors.Join(err, d.send(ctx))
}

// take adds a part to the batch.
func (d *decoding) take(ctx context.Context, p *part) error {
	d.skip -= p.skip(d.skip)
	select {
	case d.limit = <-d.target:
	default:
	}
	if b := d.b; b != nil && (b.Rules != p.rules || b.Records+int64(p.records) > int64(cmp.Or(d.im.Batch, batchRecords))) {
		if err := d.send(ctx); err != nil {
			return err
		}
	}
	if err := d.begin(ctx, p.rules); err != nil {
		return err
	}
	d.add(p)
	p.free()
	if d.size < d.limit && time.Since(d.began) < batchAge {
		return nil
	}
	return d.send(ctx)
}

// begin makes an empty batch the one that is filled, if there is none.
func (d *decoding) begin(ctx context.Context, rules *detection.Rules) error {
	if d.b != nil {
		return nil
	}
	select {
	case d.b = <-d.free:
	case <-ctx.Done():
		return ctx.Err()
	}
	b := d.b
	clear(b.Events)
	clear(b.Matches)
	b.Events, b.Matches, b.Rejections = b.Events[:0], b.Matches[:0], b.Rejections[:0]
	clear(b.Packed)
	b.Packed = b.Packed[:0]
	b.Counts, b.Rules = intake.Counts{}, rules
	d.size, d.began = 0, time.Now()
	return nil
}

func (d *decoding) add(p *part) {
	p.addTo(d.b)
	d.size += p.size
}

// reached is how much of the file there is up to the end of a batch: not what was
// read ahead of it, but where its records stand, as far as a compression leaves
// that to be known.
func (d *decoding) reached(b *intake.Batch) int64 {
	n := d.src.n.Load()
	if d.over || d.imp.Compression != "" {
		return n
	}
	if k := len(b.Events); k > 0 {
		d.read = max(d.read, b.Events[k-1].Offset)
	}
	if k := len(b.Rejections); k > 0 {
		d.read = max(d.read, b.Rejections[k-1].Offset)
	}
	return min(n, d.read)
}

// send hands the batch over to be stored, an empty one too: it says how far the
// file is read.
func (d *decoding) send(ctx context.Context) error {
	if err := d.begin(ctx, d.im.Rules()); err != nil {
		return err
	}
	b := d.b
	d.b = nil
	b.Bytes, b.From = d.reached(b), d.from
	d.from += b.Records
	select {
	case d.full <- b:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
