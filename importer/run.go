package importer

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"sync/atomic"
	"time"

	"escutcheon/detection"
	"escutcheon/event"
	"escutcheon/fault"
	"escutcheon/importer/record"
	"escutcheon/importer/sniff"
	"escutcheon/intake"
)

// A batch is stored when it holds this many records or original bytes, or is
// this old. They bound the memory of an import, whatever the file's size.
var batchRecords = 8192 // changed by tests alone

const (
	batchBytes = 4 << 20
	batchAge   = 500 * time.Millisecond
)

// ErrShutdown is the cause with which a running import is stopped so that it
// can be resumed later.
var ErrShutdown = errors.New("shutting down")

// cancelled is what an import says that was cancelled half-way.
const cancelled = "Cancelled. What was stored before stays; importing the file again adds the rest."

// Run runs a queued import, or resumes a running one where its last stored
// batch ended, and returns it as it ended. Cancelling ctx ends it as cancelled
// (what was stored stays), unless the cause is ErrShutdown: then it stays
// running, for another process or a later day. An error is one that kept the
// import from being ended.
func (im *Importer) Run(ctx context.Context, id int64) (intake.Import, error) {
	end := context.WithoutCancel(ctx)
	imp, err := im.claim(end, id)
	if err != nil {
		return imp, err
	}
	reason, err := im.run(ctx, imp)
	status := intake.Done
	switch {
	case errors.Is(context.Cause(ctx), ErrShutdown):
		return imp, ErrShutdown
	case ctx.Err() != nil:
		status, reason = intake.Cancelled, cancelled
	case err != nil:
		status, reason = intake.Failed, "The import stopped: "+sentenceOf(err)
	case reason != "":
		status = intake.Failed
	}
	if ferr := im.store.FinishImport(end, id, im.owner, status, reason); ferr != nil {
		return imp, errors.Join(err, ferr)
	}
	done, err := im.store.ImportByID(end, id)
	if err != nil || !done.Status.Ended() { // another process goes on with it, and needs the file
		return done, err
	}
	return done, im.spool.Drop(imp.Path)
}

// claim makes an import this process's own: one that it queued itself, or one
// whose process is gone.
func (im *Importer) claim(ctx context.Context, id int64) (intake.Import, error) {
	i, err := im.store.ImportByID(ctx, id)
	if err != nil {
		return i, err
	}
	if i.Owner != im.owner && !im.orphaned(i, time.Now()) {
		return i, fault.New(fault.Conflict, "Import %d is run by another process.", id)
	}
	return im.store.StartImport(ctx, id, i.Owner, im.owner)
}

// sentenceOf is what a person is told of an error.
func sentenceOf(err error) string {
	var f *fault.Error
	if errors.As(err, &f) {
		return f.Sentence
	}
	return err.Error() + ". Importing the file again goes on where it stopped: nothing is counted twice."
}

// run decodes and stores. It returns the sentence that says why the file is
// not a whole log, or an error of ours.
func (im *Importer) run(ctx context.Context, imp intake.Import) (reason string, err error) {
	opt, err := options(imp.Reading())
	if err != nil {
		return "", err
	}
	f, err := im.open(ctx, imp)
	if err != nil {
		return "", err
	}
	defer f.Close()
	src := &counted{ctx: ctx, r: f}
	sum := sha256.New()
	if !im.spool.Holds(imp.Path) { // not ours to keep: it may change under us
		src.r = io.TeeReader(io.LimitReader(f, imp.Size), sum)
	}
	rd, info, err := sniff.Open(src, opt)
	if err != nil {
		var unknown *sniff.Unknown
		if errors.As(err, &unknown) || errors.Is(err, io.ErrUnexpectedEOF) {
			return err.Error(), nil
		}
		return "", err
	}
	if c, ok := rd.(io.Closer); ok {
		defer c.Close() // before f, which it reads
	}
	imp.Format, imp.Encoding = info.Format, info.Encoding
	if info.Gzip {
		imp.Compression = "gzip"
	}
	if err := im.store.DescribeImport(ctx, imp); err != nil {
		return "", err
	}
	d := &decoding{im: im, imp: imp, rd: rd, src: src, full: make(chan *intake.Batch, 1), free: make(chan *intake.Batch, 3)}
	total, err := d.pump(ctx)
	if err != nil {
		return "", err
	}
	if !im.spool.Holds(imp.Path) && d.cut == nil {
		if _, err := io.Copy(io.Discard, src); err != nil {
			return "", err
		}
		if hex.EncodeToString(sum.Sum(nil)) != imp.SHA256 {
			return "The file changed while it was imported: its bytes are not those that were hashed before. Copy it, and import the copy: nothing is counted twice.", nil
		}
	}
	if d.cut != nil {
		return fmt.Sprintf("%s %s before it were kept. Get a whole copy and import it again: nothing is counted twice.",
			d.cut.Error(), wholeRecords(total.Read)), nil
	}
	if total.Read == 0 && total.Rejected > 0 { // an EVTX log may hold nothing at all
		return "There is no complete event in this file. The rejected stretches are listed below.", nil
	}
	return "", nil
}

func wholeRecords(n int64) string {
	if n == 1 {
		return "The 1 whole record"
	}
	return fmt.Sprintf("The %d whole records", n)
}

// open opens the import's bytes, and makes sure that they are still those
// that were hashed when they are not ours to keep.
func (im *Importer) open(ctx context.Context, imp intake.Import) (*os.File, error) {
	if !im.spool.Holds(imp.Path) && imp.Records > 0 {
		now, err := Hash(ctx, imp.Path)
		if err != nil || now.SHA256 != imp.SHA256 {
			return nil, fault.New(fault.Invalid, "The file is gone or has changed since the import began. Import it again: nothing is counted twice.")
		}
	}
	f, err := os.Open(imp.Path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, fault.New(fault.Invalid, "The file is gone. Import it again.")
	}
	return f, err
}

// counted counts what is read and stops when its context is done.
type counted struct {
	ctx context.Context
	r   io.Reader
	n   atomic.Int64
}

func (c *counted) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := c.r.Read(p)
	c.n.Add(int64(n))
	return n, err
}

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
		t, err := d.im.store.StoreBatch(ctx, b)
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
	b.Counts = intake.Counts{}
	began, size := time.Now(), 0
	for n := 0; n < batchRecords && size < batchBytes; n++ {
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
			b.Rejections = append(b.Rejections, intake.Rejection{Offset: rejected.Offset, Length: rejected.Length, Reason: rejected.Reason, Sample: rejected.Sample})
		case err != nil:
			b.Events = b.Events[:len(b.Events)-1]
			return err
		case d.skipped():
			b.Events = b.Events[:len(b.Events)-1]
		default:
			b.Records++
			size += len(e.Raw)
			count(&b.Counts, e)
			b.Matches = match(b.Matches, d.im.rules, len(b.Events)-1, e)
		}
	}
	return nil
}

// count notes how an event was read.
func count(c *intake.Counts, e *event.Event) {
	if e.Zoneless {
		c.Zoneless++
	}
	if e.Dates == event.DatesOpen {
		c.Undated++
	}
	if e.Windows1252 {
		c.Windows1252++
	}
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

// match appends the rules that want e.
func match(dst []intake.Match, rules []*detection.Rule, i int, e *event.Event) []intake.Match {
	for _, r := range rules {
		if !r.Plan.Matches(e) {
			continue
		}
		key, missing := r.Plan.Key(e)
		dst = append(dst, intake.Match{Event: i, Rule: r, Key: key, Missing: missing, Change: kindOf(e)})
	}
	return dst
}

// kindOf is what a change to the IIS configuration is about; 0 for any other
// event.
func kindOf(e *event.Event) detection.Kind {
	c, ok := detection.ChangeOf(e)
	if !ok {
		return 0
	}
	return c.Kind
}
