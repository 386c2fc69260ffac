package search

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"sync"
	"time"

	"escutcheon/detection/spl"
	"escutcheon/fault"
)

// Jobs run searches that a page shows while they run: few at a time, and each for as
// long as somebody looks.
type Jobs struct {
	// First is how long a page waits for a search before it shows what there is.
	First time.Duration
	// Room is how many bytes of tables are kept for their other pages, about, all
	// jobs together: 64 MiB.
	Room int64

	engine  *Engine
	turns   *turns
	records Records // nil: none is recorded
	after   time.Duration
	failed  func(error)

	mu     sync.Mutex
	jobs   map[string]*Job
	asides map[string]*Look // looks at requests
	closed bool
	all    sync.WaitGroup
	ctx    context.Context // until Close
	cancel context.CancelFunc
	seen   seenKept
}

// AtOnce is how many searches run at a time where nothing else is said; others wait
// for their turn.
const AtOnce = 2

const (
	mostJobs  = 100              // that are known
	unwatched = 30 * time.Second // after which a job that nobody looks at makes place for others that wait
)

// NewJobs makes a place for jobs.
func NewJobs(e *Engine) *Jobs {
	ctx, cancel := context.WithCancel(context.Background())
	return &Jobs{First: 250 * time.Millisecond, Room: 64 << 20, engine: e, turns: newTurns(AtOnce),
		jobs: map[string]*Job{}, asides: map[string]*Look{}, ctx: ctx, cancel: cancel}
}

// Workers has so many searches run at a time. It is called before any is started.
func (j *Jobs) Workers(n int) { j.turns = newTurns(n) }

// Engine is what runs them.
func (j *Jobs) Engine() *Engine { return j.engine }

// Asked is a search's time as it was asked for: its range, and when it is now. Who
// asked is "" where nobody is known.
type Asked struct{ Earliest, Latest, Now, Who string }

// Key is short for a search of some text and time, wherever and whenever it runs.
func (a Asked) Key(text string) string {
	sum := sha256.Sum256([]byte(strings.Join([]string{text, a.Earliest, a.Latest, a.Now}, "\x00")))
	return hex.EncodeToString(sum[:8])
}

// Job is a search that runs, or has run.
type Job struct {
	running
	Key    string
	Search *Search
	Range  Range
	Asked  Asked
	Began  time.Time

	window  Window
	list    *listing // of events
	answer  *spl.Answer
	rows    int64 // of a table, all of them
	whole   bool  // and all are kept
	bytes   int64 // about, of those
	let     bool  // all were kept, and had to make room
	err     error
	stopped bool
	end     time.Time
	took    time.Duration
}

// Run runs a search at once, when it is its turn: see Search.Run.
func (j *Jobs) Run(ctx context.Context, s *Search, in Range, p *Progress, each func(spl.Found) bool) (*spl.Answer,
	error) {
	at := j.turns.enter()
	defer j.turns.leave(at)
	if !j.turns.wait(ctx, at) {
		return nil, ctx.Err()
	}
	return s.Run(ctx, in, p, each)
}

// Start starts a search, of whose rows those of a window are kept.
func (j *Jobs) Start(s *Search, in Range, w Window, asked Asked) (*Job, error) {
	job := &Job{Key: asked.Key(s.Text()), Search: s, Range: in, Asked: asked, Began: j.engine.Now(), window: w}
	ctx, err := job.begin(context.Background())
	if err != nil {
		return nil, err
	}
	if s.Events() {
		job.list = newListing(w)
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if err := j.room(j.tidy()); err != nil {
		job.stop()
		return nil, err
	}
	j.jobs[job.ID] = job
	job.place, job.turns = j.turns.enter(), j.turns
	j.all.Go(func() { j.run(ctx, job) })
	j.all.Go(func() { j.record(job) })
	return job, nil
}

// Close stops all jobs, and waits for them.
func (j *Jobs) Close() {
	j.mu.Lock()
	j.closed = true
	j.cancel()
	for _, job := range j.jobs {
		job.stopFor("The server was stopped.")
	}
	for _, l := range j.asides {
		l.stopFor("The server was stopped.")
	}
	j.mu.Unlock()
	j.all.Wait()
}

// tidy forgets jobs that nobody looks at: see tidied.
func (j *Jobs) tidy() error { return tidied(j.jobs, j.turns.waiting() > 0) }

// room is whether anything may begin; full says that there is no place.
func (j *Jobs) room(full error) error {
	if j.closed {
		return fault.New(fault.Busy, "The server is being stopped.")
	}
	return full
}

// Job finds one; nil when it is not known any more.
func (j *Jobs) Job(id string) *Job {
	j.mu.Lock()
	defer j.mu.Unlock()
	job := j.jobs[id]
	if job != nil {
		job.look()
	}
	_ = j.tidy() // nothing new begins
	return job
}

// Kept finds the newest job of a key that is as is wants; nil for none.
func (j *Jobs) Kept(key string, is func(*Job) bool) (newest *Job) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, job := range j.jobs {
		if job.Key == key && (newest == nil || job.Began.After(newest.Began)) && is(job) {
			newest = job
		}
	}
	if newest != nil {
		newest.look()
	}
	return newest
}

// Known finds one, without anybody having looked at it.
func (j *Jobs) Known(id string) *Job {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.jobs[id]
}

func (j *Jobs) run(ctx context.Context, job *Job) {
	defer close(job.done)
	defer j.bound()
	defer job.stop()
	defer j.turns.leave(job.place)
	j.turns.wait(ctx, job.place)
	o := spl.Options{AnyOrder: job.list != nil || !job.Search.Lists()}
	if job.list != nil {
		o.Each = func(f spl.Found) bool {
			job.mu.Lock()
			defer job.mu.Unlock()
			job.list.add(f)
			return true
		}
	}
	began := time.Now()
	var answer *spl.Answer
	var err error
	if job.list != nil && job.Search.query.Terms() {
		if answer, err = job.guardedTerms(ctx); fault.PanicOf(err) != nil {
			err = job.Search.panicked(err)
		}
	} else {
		answer, err = job.Search.run(ctx, job.Range, &job.Progress, o)
	}
	job.mu.Lock()
	defer job.mu.Unlock()
	job.answer, job.took, job.end = answer, time.Since(began), j.engine.Now()
	job.keep()
	if ctx.Err() != nil {
		job.stopped, err = true, nil
	}
	job.err = err
}

// guardedTerms is terms; a panic of it is an error.
func (job *Job) guardedTerms(ctx context.Context) (a *spl.Answer, err error) {
	a = &spl.Answer{Columns: job.Search.Columns()}
	defer fault.Catch(&err)
	return job.terms(ctx)
}

// View is what a job came to so far.
type View struct {
	Columns   []string
	Rows      []spl.Found // those kept: events the newest first, rows in the order of the search
	Events    bool        // the rows are events
	Before    int64       // rows that stand before those
	Total     int64       // rows that there are
	Whole     []spl.Found // all rows of a table, in the order of the search; nil where not all are kept
	Histogram []Bar       // of events
	Fields    []FieldCount
	Sampled   int64 // events that Fields were counted in: the first ones that were found
	Waits     bool  // for its turn
	Ahead     int   // others that wait before it
	Ended     bool
	Stopped   bool
	Complete  bool
	Messages  []spl.Message
	Done, Of  int64
	Looked    int64
	Took      time.Duration
}

// View is what there is now, of a window that the job Shows. The error is the search's.
func (job *Job) View(w Window) (v View, err error) {
	v.Ended = job.Ended()
	job.mu.Lock()
	defer job.mu.Unlock()
	v.Columns, v.Stopped, v.Took = job.Search.Columns(), job.stopped, job.took
	v.Done, v.Of, v.Looked = job.Progress.Done.Load(), job.Progress.Of.Load(), job.Progress.Looked.Load()
	if ahead := job.turns.ahead(job.place); ahead >= 0 {
		v.Waits, v.Ahead = true, ahead
	}
	if a := job.answer; a != nil {
		v.Complete, v.Messages = a.Complete && !job.stopped, a.Messages
		v.Columns = a.Columns
		v.Total, v.Rows, v.Before = job.rows, a.Rows, min(int64(w.From), job.rows)
		if job.whole {
			v.Rows, v.Whole = w.of(a.Rows), a.Rows
		}
		if job.let {
			v.Messages = append(slices.Clone(v.Messages), spl.Message{Level: "info", Text: letWords})
		}
	}
	if l := job.list; l != nil {
		v.Events, v.Total = true, l.total
		v.Rows, v.Before = l.shown()
		v.Histogram, v.Fields, v.Sampled = l.bars(), l.fields(), l.sampled
	}
	return v, job.err
}
