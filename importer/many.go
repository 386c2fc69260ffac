package importer

import (
	"context"
	"sync"

	"escutcheon/fault"
	"escutcheon/intake"
)

// What a Many has under way at most: files, and their bytes; one transaction
// stores no more than manyRecords records, unless one file has more.
const (
	manyFiles   = 256
	manyBytes   = 12 << 20
	manyRecords = 16384
)

// Small is a file that a Many imports. Long imports it the long way, in its
// turn, where Data is nil or turns out to be no small log; Done is told how the
// others ended. Neither is called by two goroutines at once.
type Small struct {
	Import intake.Import
	Data   []byte
	Long   func(data []byte) error
	Done   func(intake.Import) error
}

// Many imports many files. Small ones are decoded side by side and stored as
// many a transaction as are ready; all end in the order in which they were
// added.
type Many struct {
	im    *Importer
	ctx   context.Context
	tasks chan *task
	slots chan struct{} // one for each file that is being decoded
	ended chan struct{}

	mu   sync.Mutex
	room sync.Cond
	held int   // bytes under way
	err  error // why nothing more is imported
}

type task struct {
	Small
	size  int
	whole *intake.Whole
	err   error
	ready chan struct{}
}

// NewMany returns an empty one. Close ends it.
func (im *Importer) NewMany(ctx context.Context) *Many {
	m := &Many{im: im, ctx: ctx, tasks: make(chan *task, manyFiles), slots: make(chan struct{}, readers()),
		ended: make(chan struct{})}
	m.room.L = &m.mu
	go m.store()
	return m
}

// Add adds a file. It waits while too much is under way; the error is that of a
// file before.
func (m *Many) Add(s Small) error {
	t := &task{Small: s, size: len(s.Data), ready: make(chan struct{})}
	if s.Data == nil {
		t.size = manyBytes / 4
	}
	if err := m.admit(t); err != nil {
		return err
	}
	if s.Data == nil {
		close(t.ready)
		return nil
	}
	m.slots <- struct{}{}
	go func() {
		defer close(t.ready)
		if t.whole, t.err = m.im.whole(m.ctx, s.Import, s.Data); t.err != nil {
			t.whole = nil
		}
		if fault.PanicOf(t.err) != nil { // once more, the long way, and that is told
			t.err = nil
		}
		<-m.slots
	}()
	return nil
}

// AddEnded adds a file of which all is known already.
func (m *Many) AddEnded(w intake.Whole, done func(intake.Import) error) error {
	t := &task{Small: Small{Done: done}, size: 1, whole: &w, ready: make(chan struct{})}
	close(t.ready)
	return m.admit(t)
}

// admit puts a file behind the others, when there is room for it.
func (m *Many) admit(t *task) error {
	m.mu.Lock()
	for m.held > 0 && m.held+t.size > manyBytes && m.err == nil {
		m.room.Wait()
	}
	m.held += t.size
	err := m.err
	m.mu.Unlock()
	if err == nil {
		m.tasks <- t
	}
	return err
}

// Close waits for all files and says what went wrong first.
func (m *Many) Close() error {
	close(m.tasks)
	<-m.ended
	return m.failed()
}

func (m *Many) failed() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.err
}

// store takes the files in their order.
func (m *Many) store() {
	defer close(m.ended)
	var t *task
	for ok := true; ; {
		if t == nil {
			if t, ok = <-m.tasks; !ok {
				return
			}
		}
		<-t.ready
		if t.whole == nil {
			m.end(m.long, t)
			t = nil
			continue
		}
		var some []*task
		some, t = m.more(t)
		m.end(m.storeAll, some...)
	}
}

// more are a file and those behind it that are ready by now, and the next one
// if it is known already.
func (m *Many) more(t *task) (some []*task, next *task) {
	some = append(some, t)
	for records := t.records(); records < manyRecords; records += next.records() {
		select {
		case next = <-m.tasks:
		default:
			return some, nil
		}
		if next == nil { // there are no more
			return some, nil
		}
		select {
		case <-next.ready:
		default:
			return some, next
		}
		if next.whole == nil {
			return some, next
		}
		some = append(some, next)
	}
	return some, nil
}

// records is how many records are stored with a file.
func (t *task) records() int {
	if t.whole == nil || t.whole.Batch == nil {
		return 1
	}
	return 1 + int(t.whole.Batch.Records)
}

// end ends files, unless one before went wrong, and makes room for others.
func (m *Many) end(how func(...*task) error, some ...*task) {
	err := m.failed()
	if err == nil {
		err = guarded(func() error { return how(some...) })
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.err == nil {
		m.err = err
	}
	for _, t := range some {
		m.held -= t.size
	}
	m.room.Broadcast()
}

// long imports one file the long way.
func (m *Many) long(some ...*task) error {
	t := some[0]
	if t.err != nil {
		return t.err
	}
	return t.Long(t.Data)
}

// storeAll stores small files in one transaction.
func (m *Many) storeAll(some ...*task) error {
	files := make([]intake.Whole, len(some))
	for i, t := range some {
		files[i] = *t.whole
	}
	done, err := m.im.storeWhole(m.ctx, files)
	if err != nil {
		return err
	}
	for i, t := range some {
		if err := t.Done(done[i]); err != nil {
			return err
		}
	}
	return nil
}
