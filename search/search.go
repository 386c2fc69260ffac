// Package search runs what an investigator asks: a search in Splunk's language over
// all events that were imported. The language is detection/spl's, the events come
// from a store as eventstore has it. This package joins them: it asks the store for
// no more than the search's conditions leave (narrow.go), decodes and matches on all
// processors, decodes no more of a record than an aggregation asks for (slim.go), and
// puts events in order, the newest first, in bounded memory (order.go).
//
// It writes nothing and knows no page.
package search

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"escutcheon/detection"
	"escutcheon/detection/spl"
	"escutcheon/event"
	"escutcheon/eventstore"
	"escutcheon/fault"
	"escutcheon/intake"
)

// Store is what is searched.
type Store interface {
	Scan(ctx context.Context, q eventstore.Query, look func(*eventstore.Chunk) (tell func() error, err error)) error
	Sightings(ctx context.Context, id int64) ([]intake.Sighting, error)
	// NamesComputers says whether the computer of some events was given by who
	// imported them, so that no record holds it.
	NamesComputers(ctx context.Context) (bool, error)
	// NewestSecond is that of the newest event; false when none has a time.
	NewestSecond(ctx context.Context) (int64, bool, error)
	// Gone is the moment before which only those events are there on which something
	// rests; zero where there is none.
	Gone(ctx context.Context) (time.Time, error)
}

// Decoder makes events of stored records.
type Decoder interface {
	intake.Decoder
	intake.Redecoder
}

// Engine runs searches. It may be used by many goroutines at once.
type Engine struct {
	// Env is what searches are compiled with: the macros, tables and data models of
	// the rules that are in force.
	Env   func() spl.Env
	Store Store
	// Found is what rules found, unless it is nil, and Rule finds one of them by its id;
	// nil for one that is not there any more.
	Found   Found
	Rule    func(id string) *detection.Rule
	Decoder Decoder
	// Fields makes a decoder of some fields alone, among them "_raw" always.
	Fields func(names ...string) func(*event.Event, intake.Reading, string) error
	Now    func() time.Time
	Bounds Bounds
	// Panicked is told of searches that panic; nil: nobody is.
	Panicked func(search string, p *fault.Panic)
}

// Book keeps the rules in force, as rulebook.Book does.
type Book interface {
	Content() *detection.Content
	Find(id string) *detection.Rule
}

// New makes an engine over a store, with the macros and tables of a book of rules.
func New(store interface {
	Store
	Found
}, book Book, dec Decoder, fields func(names ...string) func(*event.Event, intake.Reading, string) error,
	now func() time.Time) *Engine {
	return &Engine{Env: func() spl.Env { return book.Content().Env() }, Store: store, Found: store, Rule: book.Find,
		Decoder: dec, Fields: fields, Now: now}
}

// Bounds are what one search may take. A zero member is the default.
type Bounds struct {
	Time  time.Duration // 10 minutes
	Bytes int64         // of memory that it holds, about: 256 MiB
}

func (b Bounds) orDefault() Bounds {
	if b.Time <= 0 {
		b.Time = 10 * time.Minute
	}
	if b.Bytes <= 0 {
		b.Bytes = 256 << 20
	}
	return b
}

// Range is the time that a search is about: Earliest ≤ time < Latest; zero for no
// bound.
type Range struct{ Earliest, Latest time.Time }

// Progress says how far a search is. It may be read while the search runs.
type Progress struct {
	Done, Of atomic.Int64 // blocks of the store, looked at of those that may hold what is asked for
	Looked   atomic.Int64 // events
}

// Search is one that can be run.
type Search struct {
	engine *Engine
	text   string
	query  *spl.Query
	env    spl.Env
	now    time.Time
}

// Prepare reads a search, for which it is now then; the zero time is the moment. An
// error is an *spl.Error, which has the place.
func (e *Engine) Prepare(text string, now time.Time) (*Search, error) {
	env := e.Env()
	if now.IsZero() {
		now = e.Now()
	}
	env.Now = func(time.Time) time.Time { return now }
	q, err := env.Query(text)
	if err != nil {
		return nil, err
	}
	return &Search{e, text, q, env, now}, nil
}

// Text is the search as it was given.
func (s *Search) Text() string { return s.text }

// Columns are those that are known before the search is run.
func (s *Search) Columns() []string { return s.query.Columns() }

// Lists says that the rows are events, with what is set over them: that no command
// makes others of them.
func (s *Search) Lists() bool { return s.query.Lists() }

// Events says that they are shown as events: that they are more than the columns of a
// table.
func (s *Search) Events() bool { return s.query.Lists() && !s.query.Tabled() }

var errPanicked = fault.New(fault.Invalid,
	"This search met a fault of Escutcheon's own and was ended. The log has the details; other searches are not touched.")

// panicked tells of a panic, and is what a person is told of it.
func (s *Search) panicked(err error) error {
	if s.engine.Panicked != nil {
		s.engine.Panicked(s.text, fault.PanicOf(err))
	}
	return errPanicked
}

// guarded runs the query; a panic of it is an error.
func (s *Search) guarded(ctx context.Context, src *source, o spl.Options) (answer *spl.Answer, err error) {
	defer func() {
		if err != nil && answer == nil {
			answer = &spl.Answer{Columns: s.Columns()}
		}
	}()
	defer fault.Catch(&err)
	return s.query.Run(ctx, src, o)
}

// Run runs the search. Its rows are given to each, in the order of the search, until
// that says false; or they are those of the answer, where each is nil. A search whose
// time is over gives what there is by then, and says so.
func (s *Search) Run(ctx context.Context, in Range, p *Progress, each func(spl.Found) bool) (*spl.Answer, error) {
	return s.run(ctx, in, p, spl.Options{Each: each})
}

func (s *Search) run(ctx context.Context, in Range, p *Progress, o spl.Options) (*spl.Answer, error) {
	gone, err := s.engine.Store.Gone(ctx)
	if err != nil {
		return nil, err
	}
	bounds := s.engine.Bounds.orDefault()
	late := fmt.Errorf("the search was stopped after %s", bounds.Time)
	ctx, cancel := context.WithTimeoutCause(ctx, bounds.Time, late)
	defer cancel()
	src := &source{e: s.engine, p: p, most: bounds.Bytes / 2}
	o.Earliest, o.Latest, o.Limits.Bytes, o.Now, o.Keyless = in.Earliest, in.Latest, bounds.Bytes, s.now, true
	given := false
	if each := o.Each; each != nil {
		o.Each = func(f spl.Found) bool {
			given = true
			return each(f)
		}
	}
	answer, err := s.guarded(ctx, src, o)
	if src.missed.Load() && !given && ctx.Err() == nil { // it asked for more than it had said
		src.whole = true
		answer, err = s.guarded(ctx, src, o)
	}
	if fault.PanicOf(err) != nil {
		return answer, s.panicked(err)
	}
	if err != nil && errors.Is(context.Cause(ctx), late) {
		err = nil
		answer.Messages = append(answer.Messages, spl.Message{Level: "warn", Text: late.Error() +
			": what was found by then is shown. Narrow the time, or name a channel, a code or a host."})
	}
	if src.full {
		answer.Complete = false
		answer.Messages = append(answer.Messages, spl.Message{Level: "warn",
			Text: "More events are of one second than can be put in order: some are left out. Narrow the search."})
	}
	src.damage.tell(answer)
	if answer != nil && in.Earliest.Before(gone) {
		answer.Messages = append(answer.Messages, spl.Message{Level: "info", Text: "Events before " +
			gone.Format(time.RFC3339) + " were removed by retention, but for those that findings or evidence rest on."})
	}
	if answer != nil && answer.Full {
		answer.Messages = append(answer.Messages, spl.Message{Level: "warn", Text: "What was cut can be had by a shorter " +
			"time, by more conditions before the first |, or by counting (stats) instead of sorting or listing."})
	}
	return answer, err
}
