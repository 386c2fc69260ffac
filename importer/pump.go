package importer

import (
	"cmp"
	"context"
	"errors"
	"io"
	"time"

	"escutcheon/event"
	"escutcheon/importer/record"
	"escutcheon/intake"
)

// decoding is one import under way: one goroutine fills batches, another
// stores them, and three batches go round between them.
type decoding struct {
	im   *Importer
	imp  intake.Import
	rd   record.Reader
	src  *counted
	full chan *intake.Batch
	free chan *intake.Batch
	skip int64 // records stored before a restart
	from int64 // records in the batches before
	cut  error // the file ended too early
	err  error
}

func (d *decoding) pump(ctx context.Context) (intake.Counts, error) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	for range cap(d.free) {
		d.free <- &intake.Batch{Import: d.imp.ID, Owner: d.im.owner}
	}
	d.skip, d.from = d.imp.Records, d.imp.Records
	go func() {
		defer close(d.full)
		d.err = d.decode(ctx)
	}()
	total := d.imp.Counts
	var failed error
	for b := range d.full {
		if failed != nil {
			continue
		}
		t, err := d.im.storeBatch(ctx, b)
		if err != nil {
			failed = err
			stop()
			continue
		}
		total = t
		d.free <- b
	}
	if failed != nil {
		return total, failed
	}
	return total, d.err
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
	for {
		var b *intake.Batch
		select {
		case b = <-d.free:
		case <-ctx.Done():
			return ctx.Err()
		}
		err := d.fill(ctx, b)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		b.Bytes, b.From = d.src.n.Load(), d.from
		d.from += b.Records
		select {
		case d.full <- b:
		case <-ctx.Done():
			return ctx.Err()
		}
		switch {
		case err == nil:
		case errors.Is(err, io.EOF):
			return nil
		case errors.Is(err, io.ErrUnexpectedEOF):
			d.cut = err
			return nil
		default:
			return err
		}
	}
}

// fill makes one batch. It returns nil when the batch is full and the
// decoder's last error when the file has ended.
func (d *decoding) fill(ctx context.Context, b *intake.Batch) error {
	b.Events, b.Matches, b.Rejections = b.Events[:0], b.Matches[:0], b.Rejections[:0]
	b.Counts, b.Rules = intake.Counts{}, d.im.Rules()
	began, size := time.Now(), 0
	for n := 0; n < cmp.Or(d.im.Batch, batchRecords) && size < batchBytes; n++ {
		if n%64 == 63 && (ctx.Err() != nil || time.Since(began) > batchAge) {
			return ctx.Err()
		}
		e := nextEvent(b)
		err := d.rd.Next(e)
		var rejected *record.Rejected
		switch {
		case errors.As(err, &rejected):
			b.Events = b.Events[:len(b.Events)-1]
			if d.skipped() {
				continue
			}
			b.Records++
			size += len(rejected.Sample)
			b.Rejections = append(b.Rejections, intake.Rejection{Offset: rejected.Offset, Length: rejected.Length,
				Reason: rejected.Reason, Sample: rejected.Sample})
		case err != nil:
			b.Events = b.Events[:len(b.Events)-1]
			return err
		case d.skipped():
			b.Events = b.Events[:len(b.Events)-1]
		default:
			b.Records++
			size += len(e.Raw)
			b.Count(e)
			own(d.imp.Format, e)
			b.Matches = b.Rules.Match(b.Matches, len(b.Events)-1, e)
		}
	}
	return nil
}

// skipped says whether a record was stored before a restart.
func (d *decoding) skipped() bool {
	if d.skip == 0 {
		return false
	}
	d.skip--
	return true
}

// nextEvent appends an empty event to the batch, reusing what an earlier use
// of the batch left there.
func nextEvent(b *intake.Batch) *event.Event {
	if len(b.Events) < cap(b.Events) {
		b.Events = b.Events[:len(b.Events)+1]
	} else {
		b.Events = append(b.Events, event.Event{})
	}
	e := &b.Events[len(b.Events)-1]
	e.Reset()
	return e
}
