package importer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync/atomic"
	"time"

	"escutcheon/fault"
	"escutcheon/importer/archive"
	"escutcheon/importer/sniff"
	"escutcheon/intake"
)

// ErrShutdown is the cause with which a running import is stopped so that it
// can be resumed later.
var ErrShutdown = errors.New("shutting down")

// cancelled is what an import says that was cancelled half-way.
const cancelled = "Cancelled. What was stored before stays; importing the file again adds the rest."

// sentenceOfCancelled is cancelled, or what it is of an import that was to take
// another one's place.
func sentenceOfCancelled(i *intake.Import) string {
	if i.Replaces != 0 {
		return "Cancelled. The import whose place it was to take is as it was."
	}
	return cancelled
}

// Run runs a queued import, or resumes a running one where its last stored
// batch ended, and returns it as it ended. Cancelling ctx ends it as cancelled
// (what was stored stays), unless the cause is ErrShutdown: then it stays
// running, for another process or a later day. An error is one that kept the
// import from being ended.
func (im *Importer) Run(ctx context.Context, id int64) (intake.Import, error) {
	end := context.WithoutCancel(ctx)
	imp, stored := im.runSmall(ctx, id)
	var err error
	done := imp
	if !stored {
		if imp, err = im.claim(end, id); err != nil {
			return imp, err
		}
		done, err = im.conclude(ctx, imp)
	}
	if err == nil && imp.Parent != 0 {
		err = im.store.SettleParent(end, imp.Parent)
	}
	return done, err
}

// conclude runs a claimed import and stores how it ended.
func (im *Importer) conclude(ctx context.Context, imp intake.Import) (intake.Import, error) {
	end := context.WithoutCancel(ctx)
	out, err := im.run(ctx, imp)
	status, reason := intake.Done, out.reason
	switch {
	case errors.Is(context.Cause(ctx), ErrShutdown):
		return imp, ErrShutdown
	case ctx.Err() != nil:
		status, reason = intake.Cancelled, sentenceOfCancelled(&imp)
	case fault.CodeOf(err) == fault.Full, fault.CodeOf(err) == fault.Busy: // goes on once there is space, or its turn
		return imp, err
	case err != nil:
		im.tellPanic(&imp, err)
		status, reason = intake.Failed, "The import stopped: "+sentenceOf(err)
	case out.recognised:
		return im.ended(end, imp)
	case out.asks:
		if err := im.store.Ask(end, imp.ID); err != nil {
			return imp, err
		}
		return im.store.ImportByID(end, imp.ID)
	case out.waits:
		status = intake.Asking
	case reason != "":
		status = intake.Failed
	}
	if ferr := im.store.FinishImport(end, imp.ID, im.owner, status, reason); ferr != nil {
		return imp, errors.Join(err, ferr)
	}
	return im.ended(end, imp)
}

// ended returns an import that has ended, and drops its file.
func (im *Importer) ended(ctx context.Context, imp intake.Import) (intake.Import, error) {
	done, err := im.store.ImportByID(ctx, imp.ID)
	// another process goes on with it, and needs the file
	if err != nil || done.Status == intake.Running || done.Status == intake.Queued {
		return done, err
	}
	return done, im.spool.Drop(imp.Path)
}

// outcome is how a run came out.
type outcome struct {
	reason     string // why the file is not a whole log: a sentence
	recognised bool   // the same file was imported before, and the import has ended
	asks       bool   // somebody has to answer first
	waits      bool   // it waits for members that ask
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
	if p := fault.PanicOf(err); p != nil {
		return panicSentence(p)
	}
	if f := fault.Find(err); f != nil {
		return f.Sentence
	}
	return err.Error() + ". Importing the file again goes on where it stopped: nothing is counted twice."
}

// run decodes and stores. An error is one of ours.
func (im *Importer) run(ctx context.Context, imp intake.Import) (out outcome, err error) {
	defer fault.Catch(&err)
	if imp.Replaces != 0 {
		return out, im.replace(ctx, imp)
	}
	if err := im.original(ctx, imp, func() (io.ReadCloser, error) { return os.Open(imp.Path) }); err != nil {
		if errors.Is(err, os.ErrNotExist) {
			err = fault.New(fault.Invalid, "The file is gone. Import it again.")
		}
		return out, err
	}
	if imp.Records == 0 {
		if is, err := im.artifact(ctx, imp); is || err != nil {
			return outcome{recognised: is}, err
		}
		same, err := im.store.Recognise(ctx, imp, im.owner)
		if err != nil || same {
			return outcome{recognised: same}, err
		}
	}
	f, err := im.open(ctx, imp)
	if err != nil {
		return out, err
	}
	defer f.Close()
	a, err := im.archive(ctx, imp, f)
	var bad *archive.Error
	switch {
	case errors.As(err, &bad):
		return im.unopened(imp, bad)
	case err != nil:
		return out, err
	case a != nil:
		return im.members(ctx, imp, f, a)
	}
	out.reason, err = im.log(ctx, imp, f)
	return out, err
}

// log decodes and stores a file that is one log. It returns the sentence that
// says why it is not a whole one.
func (im *Importer) log(ctx context.Context, imp intake.Import, f *os.File) (reason string, err error) {
	opt, err := optionsOf(&imp)
	if err != nil {
		return "", err
	}
	src := &counted{ctx: ctx, r: f}
	var sum *hashing
	if !im.spool.Holds(imp.Path) { // not ours to keep: it may change under us
		sum = newHashing()
		defer sum.stop()
		src.r = io.TeeReader(io.LimitReader(f, imp.Size), sum)
	}
	ps, info, err := sniff.OpenPieces(src, opt, pieceBytes, readers())
	if err != nil {
		var unknown *sniff.Unknown
		if errors.As(err, &unknown) || errors.Is(err, io.ErrUnexpectedEOF) {
			return unread(err), nil
		}
		return "", err
	}
	imp.Format, imp.Encoding, imp.Compression = info.Format, info.Encoding, info.Compression
	imp.Carrier = info.Carrier
	if imp.Note, err = im.note(imp); err != nil {
		return "", err
	}
	if err := im.store.DescribeImport(ctx, imp); err != nil {
		return "", err
	}
	d := &decoding{im: im, imp: imp, pieces: ps, src: src}
	total, err := d.pump(ctx)
	if p := fault.PanicOf(err); p != nil && p.At != "" {
		p.At = fmt.Sprintf("%s (%s), behind %s", p.At, sniff.NameOf(imp.Format), records(total.Read+total.Rejected))
	}
	if err != nil {
		return "", err
	}
	if err := im.witness(ctx, imp, ps); err != nil {
		return "", err
	}
	if sum != nil && d.cut == nil {
		if _, err := io.Copy(io.Discard, src); err != nil {
			return "", err
		}
		if sum.hex() != imp.SHA256 {
			return "The file changed while it was imported: its bytes are not those that were hashed before. Copy it, and " +
				"import the copy: nothing is counted twice.", nil
		}
	}
	if total.Rejected > 0 {
		if err := im.keepRejected(ctx, imp); err != nil {
			return "", err
		}
	}
	if d.cut == nil && imp.Damage != "" {
		d.cut = errors.New(imp.Damage)
	}
	return ending(total.Read, total.Rejected, d.cut), nil
}

// ending is the sentence that says why a log is not a whole one; "" when it is.
// cut is what ended it too early.
func ending(read, rejected int64, cut error) string {
	if cut != nil {
		return fmt.Sprintf("%s %s before it were kept. Get a whole copy and import it again: nothing is counted twice.",
			cut.Error(), wholeRecords(read))
	}
	if read == 0 && rejected > 0 { // an EVTX log may hold nothing at all
		return "There is no complete event in this file. The rejected stretches are listed below."
	}
	return ""
}

// replace makes an import of the records that another one stored.
func (im *Importer) replace(ctx context.Context, imp intake.Import) error {
	progress := func(c intake.Counts) {
		im.mu.Lock()
		defer im.mu.Unlock()
		im.counts[imp.ID] = c
	}
	defer func() {
		im.mu.Lock()
		defer im.mu.Unlock()
		delete(im.counts, imp.ID)
	}()
	return im.Retry(ctx, func() error { return im.store.Replace(ctx, imp.ID, im.owner, progress) })
}

// records is how many there are, in words.
func records(n int64) string {
	if n == 1 {
		return "1 record"
	}
	return fmt.Sprintf("%d records", n)
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
			return nil, fault.New(
				fault.Invalid, "The file is gone or has changed since the import began. Import it again: nothing is counted twice.")
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
