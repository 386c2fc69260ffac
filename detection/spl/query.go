package spl

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"time"
)

// Query is a search that is run whole: command by command, in their order, over
// events that a Source scans. It runs whatever parses, also what no Plan can run
// event by event: join, append, transaction, subsearches, tables. It is read-only
// and may be run by many goroutines at once.
type Query struct {
	env     *Env
	src     *source
	plan    *Plan // of the rows' states
	search  string
	root    *pipe
	scans   []Scan
	columns []string
	by      []string
	named   []string // the fields that the search names, and the usual columns
	timed   bool     // bounds of time within it count
}

// Source is what a query asks for its events.
type Source interface {
	// Scan gives each the events that a scan is about, and stops when each says
	// false. Events that do not meet its conditions may be among them: they are
	// asked again. An event stays as it is after each has returned. The error is
	// the source's own; of a cancelled context it may be anything.
	Scan(ctx context.Context, s Scan, each func(Event) bool) error
	// Newest says that Scan gives the newest event first. If it does not, a
	// query orders the events itself where their order counts, and so holds them.
	Newest() bool
}

// Scan says which events a pipeline starts from.
type Scan struct {
	// First are conditions that all hold of an event that counts; nil for none.
	First []Expr
	// Model is the dataset that an event must be in; nil for events as they are.
	Model Model
	// Earliest ≤ time < Latest; zero for no bound.
	Earliest, Latest time.Time
	// AnyOrder says that the order in which the events come does not matter.
	AnyOrder bool
	// Fields are all fields that are asked for, by AnyOrder alone; nil where that is
	// not known.
	Fields []string

	flat  bool // the model's fields have their names without its prefix
	asked matcher
	whens []Expr // of the search commands that follow First
}

// Limits bound what a run holds and how long its subsearches go on. A zero
// member is the default.
type Limits struct {
	Rows  int   // held at once: 1,000,000
	Bytes int64 // of what is held, roughly: 256 MiB

	SubRows  int           // of a subsearch: 10,000, as Splunk's limits have it
	JoinRows int           // of one of join: 50,000, likewise
	SubTime  time.Duration // of a subsearch: 60 s, likewise
}

func (l Limits) orDefault() Limits {
	if l.Rows <= 0 {
		l.Rows = maxRows
	}
	if l.Bytes <= 0 {
		l.Bytes = 256 << 20
	}
	if l.SubRows <= 0 {
		l.SubRows = 10_000
	}
	if l.JoinRows <= 0 {
		l.JoinRows = 50_000
	}
	if l.SubTime <= 0 {
		l.SubTime = time.Minute
	}
	return l
}

// Options are how a query is run.
type Options struct {
	// Earliest ≤ time < Latest are the events that it is run over; zero for no
	// bound.
	Earliest, Latest time.Time
	// Now is what bounds of time within the search are relative to; the zero time is
	// the moment. They go before Earliest and Latest, each search's and subsearch's
	// for itself.
	Now    time.Time
	Limits Limits
	// AnyOrder says that rows which are events may come in any order.
	AnyOrder bool
	// Keyless leaves out the keys of rows.
	Keyless bool
	// Each takes the rows as they come, until it says false; nil collects them in
	// Answer.Rows.
	Each func(Found) bool
}

// Found is one row of a query.
type Found struct {
	Result
	// Event is what the row is, where no command has made another of it; else nil. Of
	// a row that is held after table or fields it may be Light.
	Event Event
}

// Answer is what a run comes to.
type Answer struct {
	// Columns are the rows' columns, in order, where a command says what they
	// are; else those that are known and those that rows have.
	Columns []string
	// Rows are those kept, in the order of the search, then those set aside. A
	// result's State has the number and times of its events and no aggregates.
	Rows []Found
	// Scanned is how many events sources gave.
	Scanned int64
	// Complete says that nothing was cut: no bound was reached.
	Complete bool
	// Full says that a bound of what is held was (Limits.Rows, Bytes).
	Full     bool
	Messages []Message
}

// Message tells something of a run, such as that a limit was reached.
type Message struct {
	Level string // info, warn, error
	Text  string
	Pos   Pos // what it is about; zero for the whole search
}

func (m Message) String() string {
	if m.Pos.Line == 0 {
		return m.Level + ": " + m.Text
	}
	return fmt.Sprintf("%s: %s (%s)", m.Level, m.Text, m.Pos)
}

// Query expands, parses and checks a search that is to be run whole. Of a search
// that a Plan can run too the rows are the same, but that equal rows are not one.
// An error is an *Error.
func (env Env) Query(search string) (*Query, error) {
	src, pipe, err := env.read(search)
	if err != nil {
		return nil, err
	}
	c := &compiler{src: src, env: &env}
	if err := checkTimes(pipe); err != nil {
		return nil, err
	}
	q, err := newQuery(c, search, pipe)
	if err != nil {
		return nil, err
	}
	q.timed = true
	return q, nil
}

func newQuery(c *compiler, search string, commands Pipeline) (*Query, *Error) {
	c.whole = true
	root, err := c.pipe(commands, nil)
	if err != nil {
		return nil, err
	}
	q := &Query{env: c.env, src: c.src, plan: &Plan{}, search: search, root: root, scans: scansOf(c.env, commands, nil)}
	q.named = usualColumns(c.env, commands, nil)
	q.columns, q.by = root.columns(c.env, commands), keysOf(commands)
	return q, nil
}

// Search is the search as it was given.
func (q *Query) Search() string { return q.search }

// Scans are the events that the search and its subsearches start from, those of
// the search itself first: an event that none of them is about changes nothing.
func (q *Query) Scans() []Scan { return q.scans }

// Columns are the columns that are known before the search is run.
func (q *Query) Columns() []string { return slices.Clone(q.columns) }

// Lists says that the search gives events, one by one, with what commands set over
// them: none makes other rows of them, nor looks at several.
func (q *Query) Lists() bool {
	return !slices.ContainsFunc(q.root.stages, func(st stage) bool {
		return st.late || st.step.one == nil && st.step.many == nil
	})
}

// Tabled says that a table command leaves of the rows no more than the columns it names.
func (q *Query) Tabled() bool {
	return slices.ContainsFunc(q.root.stages, func(st stage) bool {
		_, ok := st.cmd.(*Columns)
		return ok
	})
}

// Terms says that the search is nothing but terms, without a subsearch: what it gives
// are the events that its one scan is about.
func (q *Query) Terms() bool {
	return len(q.scans) == 1 && q.scans[0].Model == nil && !slices.ContainsFunc(q.root.stages, func(st stage) bool {
		_, ok := st.cmd.(*Search)
		return !ok || len(st.subs) > 0 || st.cmd.From().Aside
	})
}

// Run runs the search. When the context ends, what there is by then is returned
// with the context's error. Where a bound is reached the answer is not Complete
// and has a message.
func (q *Query) Run(ctx context.Context, src Source, o Options) (*Answer, error) {
	o.Limits = o.Limits.orDefault()
	if o.Now.IsZero() {
		o.Now = time.Now()
	}
	x := &exec{q: q, ctx: ctx, src: src, opt: o, answer: &Answer{Columns: q.Columns(), Complete: true}}
	x.run()
	if x.err == nil {
		x.err = ctx.Err()
	}
	if x.err != nil {
		x.answer.Complete = false
	}
	return x.answer, x.err
}

// Events is a source of events that are at hand, in any order.
type Events iter.Seq[Event]

// Scan gives the events of the time.
func (s Events) Scan(ctx context.Context, scan Scan, each func(Event) bool) error {
	for e := range s {
		if scan.InTime(e) && !each(e) {
			break
		}
	}
	return ctx.Err()
}

// Newest is false.
func (s Events) Newest() bool { return false }

// Named is an event that says which fields it has: those that a * stands for.
type Named interface {
	Event
	// Names calls yield with each name, in order, until it says false.
	Names(yield func(string) bool)
}

// InTime says whether an event is of the scan's time; one without a time is of
// no bounded one.
func (s Scan) InTime(e Event) bool {
	t := e.Time()
	return (s.Earliest.IsZero() || !t.IsZero() && !t.Before(s.Earliest)) &&
		(s.Latest.IsZero() || !t.IsZero() && t.Before(s.Latest))
}

// Weighted is an event that stands for several: what a scan in AnyOrder asks of
// them (its Fields) is the same of each, the time too where that is a field.
type Weighted interface {
	Event
	Weight() int64
}

// Concerns says whether an event meets the conditions, whatever its time. It may be
// called by many goroutines at a time.
func (s *Scan) Concerns(e Event) bool { return s.concerns(e) }

// concerns says whether the query starts from an event.
func (q *Query) concerns(e Event) bool {
	for i := range q.scans {
		if q.scans[i].concerns(e) {
			return true
		}
	}
	return false
}

// concerns does not look at the time.
func (s *Scan) concerns(e Event) bool {
	if s.Model == nil {
		return s.asked.match(e)
	}
	prefix := s.Model.Prefix()
	if s.flat {
		prefix = ""
	}
	return showAs(s.Model, prefix, e, s.asked.match)
}
