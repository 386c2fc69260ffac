package importer

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"io"
	"log/slog"
	"slices"
	"sync"
	"time"

	"escutcheon/event"
	"escutcheon/fault"
	"escutcheon/importer/record"
	"escutcheon/importer/sniff"
	"escutcheon/intake"
)

// FeedStore stores what feeds bring.
type FeedStore interface {
	// StoreFeeds stores deliveries, all or none; it is on the disk when it returns.
	StoreFeeds(ctx context.Context, list []intake.Delivery) ([]intake.Delivered, error)
	// EndFeedDays ends the imports of days that are over.
	EndFeedDays(ctx context.Context) error
}

// What a Feeder holds at most. What comes beyond it is refused, and sent again.
const (
	feedBytes   = 96 << 20 // of what came and is not stored yet, with the memory that decoding takes
	feedWeight  = 3        // bytes held for each that came
	feedWait    = 150 * time.Millisecond
	feedRecords = 16384 // of one transaction
	feedKept    = 1 << 20
)

// MostFed is how long one delivery is at most, in bytes.
const MostFed = 16 << 20

// ErrClosed says that no more is stored, as the server ends.
var ErrClosed = errors.New("the server is ending")

// Feeder takes what live feeds bring: it decodes deliveries side by side, stores
// those that are ready in one transaction, and says so when they are stored. Its
// methods may be called at once.
type Feeder struct {
	im    *Importer
	store FeedStore
	log   *slog.Logger
	slots chan struct{} // one for each delivery that is being decoded
	ready chan *fed
	end   context.Context
	stop  context.CancelFunc
	done  chan struct{}

	mu     sync.Mutex
	held   int
	coming int // deliveries that are decoded or wait to be stored

	Rates *Rates
}

// fed is a delivery on its way.
type fed struct {
	intake.Delivery
	end chan result
}

type result struct {
	intake.Delivered
	err error
}

// NewFeeder returns one that stores until it is closed.
func NewFeeder(im *Importer, store FeedStore, log *slog.Logger) *Feeder {
	f := &Feeder{im: im, store: store, log: log, slots: make(chan struct{}, readers()), ready: make(chan *fed, 1024),
		done: make(chan struct{}), Rates: NewRates(time.Now)}
	f.end, f.stop = context.WithCancel(context.Background())
	go f.run()
	return f
}

// Close stores what is on its way, and takes no more.
func (f *Feeder) Close() {
	f.stop()
	<-f.done
}

// Sent is what somebody sends: text of one format, or of any that is recognised.
type Sent struct {
	intake.Feed
	Format   string // "": found in Data
	Zone     string // of times without one; "" UTC
	Computer string // of records that name none
	Data     []byte
	// Digest names what came, where that is known when it is sent again. Zero: it is
	// never sent again, however much it looks like what came before.
	Digest [32]byte
}

// Taken is what became of it.
type Taken struct {
	intake.Delivered
	Events     []int64            // where each begins in Data
	Rejections []intake.Rejection // offsets in Data
}

// Take decodes and stores what somebody sends, and returns when it is stored. The
// error is intake.ErrBusy where it is to be sent again, and of the fault Invalid
// where nothing in it can be read.
func (f *Feeder) Take(ctx context.Context, s Sent) (t Taken, err error) {
	size := feedWeight * len(s.Data)
	if !f.hold(size) {
		return t, intake.ErrBusy
	}
	defer f.hold(-size)
	one := &fed{end: make(chan result, 1)}
	one.Feed, one.Came, one.Digest = s.Feed, time.Now().UTC(), s.Digest
	if s.Digest == ([32]byte{}) {
		_, _ = rand.Read(one.Digest[:]) // never fails
	}
	f.comes(1)
	defer f.comes(-1)
	select {
	case f.slots <- struct{}{}:
	case <-ctx.Done():
		return t, ctx.Err()
	case <-f.end.Done():
		return t, errors.Join(ErrClosed, intake.ErrBusy)
	}
	err = f.decodeNamed(one, s)
	<-f.slots
	if err != nil {
		return t, err
	}
	for i := range one.Batch.Events {
		t.Events = append(t.Events, one.Batch.Events[i].Offset)
	}
	t.Rejections = one.Batch.Rejections
	select {
	case f.ready <- one:
	case <-f.end.Done():
		return t, errors.Join(ErrClosed, intake.ErrBusy)
	}
	r := <-one.end // also when nobody waits for it any more: its memory is held until then
	t.Delivered = r.Delivered
	if r.err == nil && !r.Repeated {
		f.Rates.Took(s.Feed, one.Came, len(t.Events), one.Newest)
	}
	return t, r.err
}

// hold counts bytes that are held; it is false where they would be too many. One
// delivery is always let in.
func (f *Feeder) hold(n int) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if n > 0 && f.held > 0 && f.held+n > feedBytes {
		return false
	}
	f.held += n
	return true
}

// comes counts deliveries that have not been stored.
func (f *Feeder) comes(n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.coming += n
}

// alone says whether nothing comes but so many deliveries.
func (f *Feeder) alone(n int) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.coming <= n
}

// decodeNamed makes a delivery's batch. That records without a computer are of s.Computer
// is said only where there are some: what is read alike is stored together.
func (f *Feeder) decodeNamed(one *fed, s Sent) (err error) {
	named := s.Computer == ""
	computer := s.Computer
	s.Computer = ""
	for range 4 {
		err = f.decode(one, s)
		switch {
		case errors.Is(err, intake.ErrStale): // the rules changed meanwhile
		case err == nil && !named && slices.ContainsFunc(one.Batch.Events, nameless):
			s.Computer, named = computer, true
		default:
			return err
		}
	}
	return err
}

func nameless(e event.Event) bool { return e.Computer == "" }

// decode makes a delivery's batch.
func (f *Feeder) decode(one *fed, s Sent) (err error) {
	defer fault.Catch(&err)
	read := intake.Reading{Format: s.Format, Encoding: string(record.UTF8), Zone: cmp.Or(s.Zone, "UTC"),
		Computer: s.Computer}
	opt, err := options(read)
	if err != nil {
		return err
	}
	rd, err := openSent(s.Data, opt, &read)
	if err != nil {
		return err
	}
	if c, ok := rd.(io.Closer); ok {
		defer c.Close()
	}
	b := &intake.Batch{}
	imp := intake.Import{Format: read.Format}
	r := reading{im: f.im, imp: &imp, most: smallRecords, emit: func(p *part) error {
		if b.Rules != nil && b.Rules != p.rules {
			return intake.ErrStale
		}
		b.Rules = p.rules
		p.addTo(b)
		p.free()
		return nil
	}}
	shaped, _ := rd.(sniff.Shaped)
	if err := r.all(rd, func(e *event.Event) {
		if shaped != nil { // of the formats of JSON, the first event's
			read.Format, shaped = shaped.Shape(), nil
		}
		if e.HasTime && e.Time().After(one.Newest) {
			one.Newest = e.Time()
		}
	}); err != nil {
		return err
	}
	b.Packed, b.Bytes = nil, int64(len(s.Data))
	one.Batch, one.Reading = b, read
	if b.Rules == nil {
		b.Rules = f.im.Rules()
	}
	parts, err := rejectedOf(s.Data, b.Rejections)
	one.Rejected = parts
	return err
}

// all takes all that a reader gives; what ends it too early was given as rejected.
func (r *reading) all(rd record.Reader, look func(*event.Event)) error {
	e := event.Event{Fields: make([]event.Field, 0, usualFields)}
	for {
		err := rd.Next(&e)
		var rejected *record.Rejected
		switch {
		case err == nil:
			look(&e)
			err = r.take(&e, nil)
		case errors.As(err, &rejected):
			err = r.take(&e, rejected)
		case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
			if r.part == nil {
				return nil
			}
			return r.flush()
		}
		if err != nil {
			return err
		}
	}
}

// openSent opens what somebody sends. What is compressed in a way that its sender did
// not say is not unpacked.
func openSent(data []byte, opt record.Options, read *intake.Reading) (record.Reader, error) {
	if read.Format != "" {
		return sniff.OpenAs(read.Format, bytes.NewReader(data), opt)
	}
	rd, info, err := sniff.Open(bytes.NewReader(data), opt)
	var unknown *sniff.Unknown
	switch {
	case errors.As(err, &unknown), errors.Is(err, io.ErrUnexpectedEOF):
		return nil, fault.New(fault.Invalid, "%s", unread(err))
	case err != nil:
		return nil, err
	case info.Compression != "":
		return nil, fault.New(fault.Invalid, "What was sent is compressed, and does not say so. Send it with the header "+
			"Content-Encoding: gzip, or as it is.")
	}
	read.Format, read.Encoding = info.Format, string(info.Encoding)
	return rd, nil
}

// rejectedOf are the bytes of rejections, up to feedKept of them.
func rejectedOf(data []byte, rejections []intake.Rejection) (parts []intake.RejectedPart, err error) {
	left := int64(feedKept)
	for n, r := range rejections {
		to := min(r.Offset+min(r.Length, left), int64(len(data)))
		if r.Length <= 0 || r.Offset < 0 || to <= r.Offset {
			continue
		}
		parts = append(parts, intake.RejectedPart{N: int64(n), Data: data[r.Offset:to]})
		left -= to - r.Offset
	}
	return parts, nil
}

// run stores what is ready, until the end.
func (f *Feeder) run() {
	defer close(f.done)
	tick := time.NewTicker(time.Minute)
	defer tick.Stop()
	f.endDays()
	for {
		select {
		case one := <-f.ready:
			f.storeAll(f.more(one))
		case <-tick.C:
			f.endDays()
		case <-f.end.Done():
			for {
				select {
				case one := <-f.ready:
					f.storeAll([]*fed{one})
				default:
					return
				}
			}
		}
	}
}

func (f *Feeder) endDays() {
	if err := f.store.EndFeedDays(context.Background()); err != nil {
		f.log.Error("a feed's day is not ended", "error", err)
	}
}

// more are a delivery and those that are ready soon after it.
func (f *Feeder) more(one *fed) []*fed {
	list, n := []*fed{one}, len(one.Batch.Events)
	wait := time.NewTimer(feedWait)
	defer wait.Stop()
	for n < feedRecords && !f.alone(len(list)) {
		select {
		case one := <-f.ready:
			list, n = append(list, one), n+len(one.Batch.Events)
		case <-wait.C:
			return list
		case <-f.end.Done():
			return list
		}
	}
	return list
}

// storeAll stores deliveries in one transaction. Where that cannot be, each is tried
// alone, so that one that cannot be stored holds up no other.
func (f *Feeder) storeAll(list []*fed) {
	all := make([]intake.Delivery, len(list))
	for i, one := range list {
		all[i] = one.Delivery
	}
	out, err := f.storeFeeds(all)
	if err != nil && len(list) > 1 && fault.CodeOf(err) != fault.Full && fault.CodeOf(err) != fault.Busy {
		for _, one := range list {
			f.storeAll([]*fed{one})
		}
		return
	}
	if err != nil {
		f.log.Error("what a feed brought is not stored: it is told to send it again", "feed", list[0].Name, "error", err)
	}
	for i, one := range list {
		r := result{err: err}
		if err == nil {
			r.Delivered = out[i]
		}
		one.end <- r
	}
}

func (f *Feeder) storeFeeds(all []intake.Delivery) (out []intake.Delivered, err error) {
	defer fault.Catch(&err)
	ctx := context.Background()
	err = f.im.Retry(ctx, func() (err error) {
		out, err = f.store.StoreFeeds(ctx, all)
		return err
	})
	return out, err
}
