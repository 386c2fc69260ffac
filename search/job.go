package search

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"slices"
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

	engine *Engine
	turn   chan struct{} // a place for each that runs
	mu     sync.Mutex
	jobs   map[string]*Job
	closed bool
	all    sync.WaitGroup
	ctx    context.Context // until Close
	cancel context.CancelFunc
	seen   seenKept
}

const (
	atOnce   = 2                // searches that run; others wait for their turn
	mostJobs = 100              // that are known
	unseen   = 30 * time.Second // after which a job that nobody looks at is stopped, and later forgotten
)

// NewJobs makes a place for jobs.
func NewJobs(e *Engine) *Jobs {
	ctx, cancel := context.WithCancel(context.Background())
	return &Jobs{First: 250 * time.Millisecond, engine: e, turn: make(chan struct{}, atOnce), jobs: map[string]*Job{},
		ctx: ctx, cancel: cancel}
}

// Engine is what runs them.
func (j *Jobs) Engine() *Engine { return j.engine }

// Asked is a search's time as it was asked for: its range, and when it is now.
type Asked struct{ Earliest, Latest, Now string }

// Job is a search that runs, or has run.
type Job struct {
	ID       string
	Search   *Search
	Range    Range
	Asked    Asked
	Began    time.Time
	Progress Progress

	limit int
	stop  context.CancelFunc
	done  chan struct{}

	mu      sync.Mutex
	seen    time.Time // when somebody looked last
	list    *listing  // of events
	answer  *spl.Answer
	rows    int64 // of a table, all of them
	err     error
	stopped bool
	took    time.Duration
}

// Run runs a search at once, when it is its turn: see Search.Run.
func (j *Jobs) Run(ctx context.Context, s *Search, in Range, p *Progress, each func(spl.Found) bool) (*spl.Answer,
	error) {
	select {
	case j.turn <- struct{}{}:
		defer func() { <-j.turn }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	return s.Run(ctx, in, p, each)
}

// Start starts a search, of whose rows so many are kept.
func (j *Jobs) Start(s *Search, in Range, limit int, asked Asked) (*Job, error) {
	var id [8]byte
	if _, err := rand.Read(id[:]); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	job := &Job{ID: hex.EncodeToString(id[:]), Search: s, Range: in, Asked: asked,
		Began: j.engine.Now(), limit: limit, stop: cancel, done: make(chan struct{}), seen: time.Now()}
	if s.Lists() {
		job.list = newListing(limit)
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.tidy()
	if j.closed {
		cancel()
		return nil, fault.New(fault.Busy, "The server is being stopped.")
	}
	if len(j.jobs) >= mostJobs {
		cancel()
		return nil, fault.New(fault.Busy, "There are %d searches already. Wait for one, or stop it.", mostJobs)
	}
	j.jobs[job.ID] = job
	j.all.Go(func() { j.run(ctx, job) })
	return job, nil
}

// Close stops all jobs, and waits for them.
func (j *Jobs) Close() {
	j.mu.Lock()
	j.closed = true
	j.cancel()
	for _, job := range j.jobs {
		job.stop()
	}
	j.mu.Unlock()
	j.all.Wait()
}

// tidy forgets the jobs that nobody looks at any more.
func (j *Jobs) tidy() {
	for id, job := range j.jobs {
		job.mu.Lock()
		idle := time.Since(job.seen)
		job.mu.Unlock()
		if idle > unseen {
			job.stop()
		}
		if idle > 20*unseen || idle > 10*unseen && job.Ended() {
			delete(j.jobs, id)
		}
	}
}

// Job finds one; nil when it is not known any more.
func (j *Jobs) Job(id string) *Job {
	j.mu.Lock()
	defer j.mu.Unlock()
	job := j.jobs[id]
	if job != nil {
		job.mu.Lock()
		job.seen = time.Now()
		job.mu.Unlock()
	}
	return job
}

func (j *Jobs) run(ctx context.Context, job *Job) {
	defer close(job.done)
	defer job.stop()
	if job.waits(ctx, j.turn) {
		defer func() { <-j.turn }()
	}
	o := spl.Options{AnyOrder: true}
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
		answer, err = job.terms(ctx)
	} else {
		answer, err = job.Search.run(ctx, job.Range, &job.Progress, o)
	}
	job.mu.Lock()
	defer job.mu.Unlock()
	job.answer, job.took = answer, time.Since(began)
	job.keep()
	if ctx.Err() != nil {
		job.stopped, err = true, nil
	}
	job.err = err
}

// keep lets the rows go that nobody is shown.
func (job *Job) keep() {
	if job.answer == nil || job.list != nil {
		return
	}
	rows := slices.DeleteFunc(job.answer.Rows, func(f spl.Found) bool { return f.Verdict != spl.Kept })
	job.rows = int64(len(rows))
	job.answer.Rows = slices.Clone(rows[:min(len(rows), job.limit)])
}

// waits waits for the job's turn; false when it was stopped before.
func (job *Job) waits(ctx context.Context, turn chan struct{}) bool {
	select {
	case turn <- struct{}{}:
		return true
	case <-ctx.Done():
		return false
	}
}

// Stop ends a job: what was found by then stays.
func (job *Job) Stop() { job.stop() }

// Wait waits until the job has ended, or for some time.
func (job *Job) Wait(ctx context.Context, most time.Duration) {
	t := time.NewTimer(most)
	defer t.Stop()
	select {
	case <-job.done:
	case <-ctx.Done():
	case <-t.C:
	}
}

// Ended says whether the job runs no more.
func (job *Job) Ended() bool {
	select {
	case <-job.done:
		return true
	default:
		return false
	}
}

// View is what a job came to so far.
type View struct {
	Columns   []string
	Rows      []spl.Found // those kept: events the newest first, rows in the order of the search
	Events    bool        // the rows are events
	Total     int64       // rows that there are
	Histogram []Bar       // of events
	Fields    []FieldCount
	Sampled   int64 // events that Fields were counted in: the first ones that were found
	Ended     bool
	Stopped   bool
	Complete  bool
	Messages  []spl.Message
	Done, Of  int64
	Looked    int64
	Took      time.Duration
}

// View is what there is now. The error is the search's.
func (job *Job) View() (v View, err error) {
	v.Ended = job.Ended()
	job.mu.Lock()
	defer job.mu.Unlock()
	v.Columns, v.Stopped, v.Took = job.Search.Columns(), job.stopped, job.took
	v.Done, v.Of, v.Looked = job.Progress.Done.Load(), job.Progress.Of.Load(), job.Progress.Looked.Load()
	if a := job.answer; a != nil {
		v.Complete, v.Messages = a.Complete && !job.stopped, a.Messages
		v.Columns = a.Columns
		v.Total, v.Rows = job.rows, a.Rows
	}
	if l := job.list; l != nil {
		v.Events, v.Total, v.Rows = true, l.total, l.newest()
		v.Histogram, v.Fields, v.Sampled = l.bars(), l.fields(), l.sampled
	}
	return v, job.err
}

// newestFound puts the newest event first.
func newestFound(a, b spl.Found) int {
	return cmp.Or(cmp.Compare(foundClock(b), foundClock(a)), cmp.Compare(number(b), number(a)))
}

func foundClock(f spl.Found) int64 {
	if f.Event == nil || f.Event.Time().IsZero() {
		return -1 << 63
	}
	return f.Event.Time().UnixNano()
}

func number(f spl.Found) int64 {
	if e, ok := f.Event.(Event); ok {
		return e.Number
	}
	return 0
}

// listing is what is kept of many events: the newest, how many there were when, and
// what fields said.
type listing struct {
	most    int
	total   int64
	rows    []spl.Found
	width   int64 // of a bar, in seconds
	when    map[int64]int64
	counts  map[string]map[string]int64
	many    map[string]bool // fields with more values than are counted
	sampled int64
}

// mostSampled is how many events fields are counted in, mostValues how many values of
// each, mostNames how many fields.
const (
	mostSampled = 20_000
	mostValues  = 1000
	mostNames   = 500
)

func newListing(most int) *listing {
	return &listing{most: most, width: 1, when: map[int64]int64{}, counts: map[string]map[string]int64{},
		many: map[string]bool{}}
}

func (l *listing) add(f spl.Found) {
	if f.Verdict != spl.Kept {
		return
	}
	l.total++
	if at := foundClock(f); at != -1<<63 {
		l.count(at)
	}
	if e, ok := f.Event.(spl.Named); ok && l.sampled < mostSampled {
		l.sampled++
		e.Names(func(name string) bool {
			if v, ok := e.Get(name); ok {
				l.field(name, v)
			}
			return true
		})
	}
	if l.rows = append(l.rows, f); len(l.rows) >= 2*l.most {
		l.rows = l.newest()
	}
}

func (l *listing) newest() []spl.Found {
	slices.SortFunc(l.rows, newestFound)
	if n := min(len(l.rows), l.most); n < len(l.rows) {
		clear(l.rows[n:])
		l.rows = l.rows[:n]
	}
	return slices.Clone(l.rows)
}

func (l *listing) field(name, v string) {
	c := l.counts[name]
	if c == nil {
		if len(l.counts) >= mostNames {
			return
		}
		c = map[string]int64{}
		l.counts[name] = c
	}
	if len(v) > 200 {
		v = v[:200]
	}
	if _, ok := c[v]; !ok && len(c) >= mostValues {
		l.many[name] = true
		return
	}
	c[v]++
}
