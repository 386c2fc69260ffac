package importer

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"time"

	"escutcheon/fault"
	"escutcheon/intake"
)

// workers is how many imports run at once: a small file does not wait behind a
// large one.
const workers = 2

// Queue runs imports in the background.
type Queue struct {
	im   *Importer
	log  *slog.Logger
	ctx  context.Context
	stop context.CancelCauseFunc
	wake chan struct{}
	wg   sync.WaitGroup

	mu      sync.Mutex
	waiting []int64
	running map[int64]context.CancelFunc
	stalled map[int64]string // why an import stands still, as a sentence
	given   map[int64]bool   // up
	held    string           // why all do

	// DeleteWait is how long Delete waits. It is set before the first call.
	DeleteWait time.Duration
	deletions  []*deletion // under way: the first one
}

// NewQueue starts the workers and takes over the imports that another process
// left behind, now and whenever one is found dead. Close ends it.
func NewQueue(im *Importer, log *slog.Logger) *Queue {
	ctx, stop := context.WithCancelCause(context.Background())
	im.LogPanics(log)
	q := &Queue{im: im, log: log, ctx: ctx, stop: stop, wake: make(chan struct{}, 1),
		running: map[int64]context.CancelFunc{}, stalled: map[int64]string{}, given: map[int64]bool{},
		DeleteWait: deleteWait}
	for range workers {
		q.wg.Go(q.work)
	}
	q.wg.Go(q.watch)
	return q
}

// NewHeldQueue is a queue in which imports wait, for a reason that Stalled says of
// each: nothing is imported until another queue takes them over.
func NewHeldQueue(im *Importer, log *slog.Logger, why string) *Queue {
	ctx, stop := context.WithCancelCause(context.Background())
	return &Queue{im: im, log: log, ctx: ctx, stop: stop, wake: make(chan struct{}, 1),
		running: map[int64]context.CancelFunc{}, stalled: map[int64]string{}, given: map[int64]bool{},
		DeleteWait: deleteWait, held: why}
}

// Add queues a file that the spool holds and returns the import's id. One that
// is Asking is recorded and waits for its answer.
func (q *Queue) Add(ctx context.Context, i intake.Import) (int64, error) {
	return q.add(ctx, i, "")
}

// Submit settles a file that the spool holds, which may be an archive with a
// password, and adds it: it is queued, or waits for an answer. It returns the
// import as it was added.
func (q *Queue) Submit(ctx context.Context, i intake.Import, password string) (intake.Import, error) {
	i.Status = intake.Queued
	if _, err := q.im.Settle(&i); err != nil {
		return i, err
	}
	id, err := q.add(ctx, i, password)
	i.ID = id
	return i, err
}

func (q *Queue) add(ctx context.Context, i intake.Import, password string) (int64, error) {
	i.Site = siteOf(&i)
	if i.Owner = q.im.owner; i.Status == intake.Asking {
		i.Owner = ""
	}
	id, err := q.im.store.AddImport(ctx, i)
	if err != nil {
		return 0, err
	}
	if password != "" {
		q.im.SetPassword(id, password)
	}
	if i.Status != intake.Asking {
		q.push(id)
	}
	return id, nil
}

// Live is what an import counts that takes another one's place: the store
// shows it only when it is over.
func (q *Queue) Live(id int64) (intake.Counts, bool) { return q.im.Live(id) }

// Password is what was given to open an archive; "" for nothing.
func (q *Queue) Password(id int64) string { return q.im.Password(id) }

// Members is how many members of an archive that this process reads have ended,
// and how many there are; 0: not known.
func (q *Queue) Members(id int64) (done, all int64, ok bool) { return q.im.Members(id) }

// push queues an import unless it waits or runs already.
func (q *Queue) push(id int64) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if _, running := q.running[id]; running || slices.Contains(q.waiting, id) {
		return
	}
	q.waiting = append(q.waiting, id)
	q.signal()
}

func (q *Queue) signal() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// Cancel ends an import, waiting or running. What was stored of it stays.
func (q *Queue) Cancel(ctx context.Context, id int64) error {
	i, err := q.im.store.ImportByID(ctx, id)
	if err != nil {
		return err
	}
	if i.Status.Ended() {
		return fault.New(fault.Conflict, "This import has ended already: it is %s.", i.Status)
	}
	q.mu.Lock()
	cancel := q.running[id]
	q.mu.Unlock()
	if cancel != nil {
		if err := q.im.store.Cancelling(ctx, id); err != nil {
			return err
		}
		cancel()
		return nil
	}
	if i.Status == intake.Deleting {
		return errDeleting
	}
	if i.Status == intake.Asking {
		return q.cancelAsking(ctx, i)
	}
	if i.Status == intake.Running { // in another process, which finds out and drops the file
		return q.im.store.FinishImport(ctx, id, "", intake.Cancelled, sentenceOfCancelled(&i))
	}
	if err := q.im.store.FinishImport(ctx, id, "", intake.Cancelled, "Cancelled before it began."); err != nil {
		return err
	}
	return q.im.spool.Drop(i.Path)
}

// cancelAsking ends an import that nobody wants to answer for. The members of
// an archive that ask end with it; those that are running go on.
func (q *Queue) cancelAsking(ctx context.Context, i intake.Import) error {
	members, err := q.im.store.Members(ctx, i.ID)
	if err != nil {
		return err
	}
	for _, m := range append(members, i) {
		if m.Status != intake.Asking {
			continue
		}
		reason := "Cancelled before it began."
		if len(members) > 0 && m.ID == i.ID {
			reason = "Cancelled. What its files brought before stays."
		}
		if err := q.im.store.FinishImport(ctx, m.ID, "", intake.Cancelled, reason); err != nil {
			return err
		}
		if err := q.im.spool.Drop(m.Path); err != nil {
			return err
		}
	}
	if i.Parent == 0 {
		return nil
	}
	return q.im.store.SettleParent(ctx, i.Parent)
}

// stall notes why an import stands still.
func (q *Queue) stall(id int64, err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.stalled[id] = sentenceOf(err)
}

// Stalled says why an import stands still; "" when it does not.
func (q *Queue) Stalled(id int64) string {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.held != "" {
		return q.held
	}
	return q.stalled[id]
}

// Answer gives an import that asks its answers and queues it.
func (q *Queue) Answer(ctx context.Context, id int64, zone, computer, dates string) error {
	if _, err := Zone(zone); err != nil {
		return err
	}
	if err := ValidDates(dates); err != nil {
		return err
	}
	if err := q.im.store.Answer(ctx, id, q.im.owner, zone, computer, dates); err != nil {
		return err
	}
	q.push(id)
	return nil
}

// Unlock gives an archive that asks for a password one, and queues it. What was
// answered for its members, or is still to be asked, stays.
func (q *Queue) Unlock(ctx context.Context, id int64, password string) error {
	q.im.SetPassword(id, password)
	if err := q.im.store.Requeue(ctx, id, q.im.owner); err != nil {
		return err
	}
	q.push(id)
	return nil
}

// Again queues an import that takes the place of one that has ended, with
// other answers, and returns its id.
func (q *Queue) Again(ctx context.Context, old int64, zone, computer, dates string) (int64, error) {
	i, err := q.im.Again(ctx, old, zone, computer, dates)
	if err != nil {
		return 0, err
	}
	return q.Add(ctx, i)
}

// Close stops what runs so that it can go on later, and waits for it.
func (q *Queue) Close() error {
	q.stop(ErrShutdown)
	q.wg.Wait()
	return q.im.store.Release(context.Background(), q.im.owner)
}

func (q *Queue) work() {
	for {
		j, ok := q.next()
		if ok {
			q.run(j)
			continue
		}
		select {
		case <-q.wake:
		case <-q.ctx.Done():
			return
		}
	}
}

// next takes the oldest waiting import. When more wait, it wakes another
// worker.
func (q *Queue) next() (*job, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.waiting) == 0 || q.ctx.Err() != nil {
		return nil, false
	}
	id := q.waiting[0]
	q.waiting = q.waiting[1:]
	if len(q.waiting) > 0 {
		q.signal()
	}
	// Known as running from here on: adopt must find it in one place or the other.
	ctx, cancel := context.WithCancel(q.ctx)
	q.running[id] = cancel
	delete(q.stalled, id)
	return &job{id, ctx, cancel}, true
}

// job is one import that a worker has taken.
type job struct {
	id     int64
	ctx    context.Context
	cancel context.CancelFunc
}

func (q *Queue) run(j *job) {
	defer func() {
		j.cancel()
		q.mu.Lock()
		delete(q.running, j.id)
		q.mu.Unlock()
	}()
	id := j.id
	var i intake.Import
	err := guarded(func() (err error) {
		i, err = q.im.Run(j.ctx, id)
		return err
	})
	if p := fault.PanicOf(err); p != nil {
		q.im.tellPanic(&intake.Import{ID: id}, p)
		q.giveUp(id, p)
		return
	}
	switch {
	case fault.CodeOf(err) == fault.Full, fault.CodeOf(err) == fault.Busy: // adopt takes it up again
		q.log.Error("import", "id", id, "err", err)
		q.stall(id, err)
	case errors.Is(err, ErrShutdown), fault.CodeOf(err) == fault.Conflict: // goes on later, or has ended
	case err != nil:
		q.log.Error("import", "id", id, "err", err)
	default:
		q.log.Info("import", "id", id, "status", i.Status, "new", i.New, "duplicate", i.Duplicate, "rejected", i.Rejected)
	}
}

// giveUp fails an import whose end could not be stored for a panic: it is not tried
// again for as long as this process runs.
func (q *Queue) giveUp(id int64, p *fault.Panic) {
	q.stall(id, p)
	q.mu.Lock()
	q.given[id] = true
	q.mu.Unlock()
	if err := guarded(func() error {
		return q.im.store.FinishImport(context.WithoutCancel(q.ctx), id, q.im.owner, intake.Failed,
			"The import stopped: "+sentenceOf(p))
	}); err != nil {
		q.log.Error("import", "id", id, "err", err)
	}
}

// watch gives signs of life and adopts what others left.
func (q *Queue) watch() {
	tick := time.NewTicker(beatEvery)
	defer tick.Stop()
	for {
		if err := guarded(q.adopt); err != nil && q.ctx.Err() == nil {
			q.log.Error("look for interrupted imports", "err", err)
		}
		select {
		case <-tick.C:
		case <-q.ctx.Done():
			return
		}
		if err := q.im.store.Beat(q.ctx, q.im.owner); err != nil && q.ctx.Err() == nil {
			q.log.Error("sign of life", "err", err)
		}
	}
}

// adopt queues the imports whose process is gone, and removes files in the
// spool that belong to none.
func (q *Queue) adopt() error {
	if err := q.adoptDeletions(); err != nil {
		return err
	}
	active, err := q.im.store.ActiveImports(q.ctx)
	if err != nil {
		return err
	}
	up := map[int64]bool{}
	for _, i := range active {
		up[i.ID] = true
	}
	for _, i := range active {
		if up[i.Parent] { // its archive goes on with it
			continue
		}
		mine := i.Owner == q.im.owner // left over when its end could not be stored
		if !mine && !q.im.orphaned(i, time.Now()) || q.known(i.ID) {
			continue
		}
		q.log.Info("taking over an interrupted import", "id", i.ID, "records", i.Records)
		q.push(i.ID)
	}
	return q.im.Sweep(q.ctx)
}

func (q *Queue) known(id int64) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if _, ok := q.running[id]; ok || q.given[id] {
		return true
	}
	return slices.Contains(q.waiting, id)
}
