package importer

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"sync"
	"time"

	"escutcheon/fault"
	"escutcheon/importer/record"
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

func arrived(a intake.Arrival) *fed {
	one := &fed{Delivery: intake.Delivery{Arrival: a}, end: make(chan result, 1)}
	if a.Digest == ([32]byte{}) {
		_, _ = rand.Read(one.Digest[:]) // never fails
	}
	return one
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

// Taken is what became of it.
type Taken struct {
	intake.Delivered
	Events     []int64            // where each begins in Data
	Rejections []intake.Rejection // offsets in Data
}

// Take decodes and stores what somebody sends, and returns when it is stored. The
// error is intake.ErrBusy where it is to be sent again, and of the fault Invalid
// where nothing in it can be read.
func (f *Feeder) Take(ctx context.Context, s intake.Sent) (t Taken, err error) {
	return f.TakeArrival(ctx, intake.Arrival{Sent: s, Came: time.Now().UTC()})
}

// TakeArrival is Take for what came elsewhere; what was taken from its place is not taken
// again.
func (f *Feeder) TakeArrival(ctx context.Context, a intake.Arrival) (t Taken, err error) {
	size := feedWeight * len(a.Data)
	if !f.hold(size) {
		return t, intake.ErrBusy
	}
	defer f.hold(-size)
	one := arrived(a)
	f.comes(1)
	defer f.comes(-1)
	select {
	case f.slots <- struct{}{}:
	case <-ctx.Done():
		return t, ctx.Err()
	case <-f.end.Done():
		return t, errors.Join(ErrClosed, intake.ErrBusy)
	}
	err = f.decodeNamed(one, a.Sent)
	<-f.slots
	switch {
	case errors.Is(err, intake.ErrStale):
		return t, errors.Join(intake.ErrBusy, err)
	case err != nil:
		return t, unreadable{err}
	}
	for i := range one.Batch.Events {
		t.Events = append(t.Events, one.Batch.Events[i].Offset)
	}
	t.Rejections = one.Batch.Rejections
	t.Delivered, err = f.stored(one)
	if err == nil && !t.Repeated {
		f.Rates.Took(a.Feed, one.Came, len(t.Events), one.Newest)
	}
	return t, err
}

// stored has a delivery be stored.
func (f *Feeder) stored(one *fed) (intake.Delivered, error) {
	select {
	case f.ready <- one:
	case <-f.end.Done():
		return intake.Delivered{}, errors.Join(ErrClosed, intake.ErrBusy)
	}
	r := <-one.end // also when nobody waits for it any more: its memory is held until then
	return r.Delivered, r.err
}

// Reject keeps what came as rejected, and why.
func (f *Feeder) Reject(ctx context.Context, a intake.Arrival, sentence string) error {
	one := arrived(a)
	size := int64(len(a.Data))
	one.Batch = &intake.Batch{Rules: f.im.Rules(), Rejections: []intake.Rejection{{Length: size, Reason: sentence,
		Sample: a.Data[:min(len(a.Data), record.MaxSample)]}}}
	one.Batch.Bytes = size
	one.Batch.Records = 1
	var err error
	if one.Rejected, err = rejectedOf(a.Data, one.Batch.Rejections); err != nil {
		return err
	}
	f.comes(1)
	defer f.comes(-1)
	f.Rates.Refused(a.Feed, sentence)
	_, err = f.stored(one)
	return err
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
