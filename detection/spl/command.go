package spl

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// Command is one command of a pipeline. Each stands in a file of its own,
// cmd_NAME.go, with all that there is to know of it: how it is read (the
// function that it registers), how it is written, which fields it names, where
// it may run, and what it does.
type Command interface {
	// From is where the command stands.
	From() Origin
	// String is the command as a search has it: text that reads as an equal
	// command, and that it writes again.
	String() string
	// Reads are the fields that it names to read them, as they stand; they may
	// hold wildcards.
	Reads() []string
	// Sets are the fields that it names to set them, as they stand. A command
	// may set more than it can say before it has run.
	Sets() []string
	// Place is what it works on.
	Place() Place
	// compile makes the step that runs. in is what is known of the columns
	// that it finds, the shape returned what is known of those it leaves.
	compile(c *compiler, in shape) (step, shape, *Error)
}

// Place is what a command works on, and so where in a plan it may run.
type Place int

const (
	// EachRow: one event or row by itself. It may run while events come in.
	EachRow Place = iota
	// Ordering: the order of the rows. An aggregation does not look at it, so
	// that before one the command is passed over.
	Ordering
	// AllRows: all rows of a window together.
	AllRows
	// Aggregates: all rows, of which it makes others; where it is the first to
	// do so it keeps a State for each of them while events come in.
	Aggregates
	// Starts: it aggregates, and is the first command of its search.
	Starts
	// Whole: it needs more than the events as they come in, such as others, or
	// rows that no event makes. A search with it is run by a Query.
	Whole
)

// namer is a command that names its fields in another order than those that it
// reads and then those that it sets, or sets columns that are no fields of an
// event. names are the columns of a search that knows no others, and so the
// fields of its findings' keys: their order stays as it is.
type namer interface{ names() []string }

// namesOf are the fields that a command names.
func namesOf(c Command) []string {
	if n, ok := c.(namer); ok {
		return n.names()
	}
	return slices.Concat(c.Reads(), c.Sets())
}

// Origin is where a command is from.
type Origin struct {
	Name   string   // "search"
	Pos    Pos      // in the search as given
	Macros []string // the macros whose text it stands in, outermost first
	Aside  bool     // one of them is Aside
}

// From is the origin itself: commands embed it.
func (o Origin) From() Origin { return o }

// Pipeline is a parsed search: its commands in order, the first the search
// terms that it starts with.
type Pipeline []Command

// String is the search without its macros: text that reads as the same
// commands.
func (p Pipeline) String() string {
	var b strings.Builder
	for i, c := range p {
		switch {
		case i > 0:
			b.WriteString(" | ")
		case c.From().Name != "search":
			b.WriteString("| ")
		}
		b.WriteString(c.String())
	}
	return b.String()
}

// parsers reads the arguments of each command that is known, by its name.
var parsers = map[string]func(*parser, Origin) (Command, *Error){}

// kinds are the types of the commands, by name.
var kinds = map[string]reflect.Type{}

// register makes a command known under a name:
//
//	var _ = register("reverse", parseReverse)
func register[T Command](name string, parse func(*parser, Origin) (T, *Error)) bool {
	if parsers[name] != nil {
		panic(fmt.Sprintf("spl: two commands are called %q", name))
	}
	kinds[name] = reflect.TypeFor[T]().Elem()
	parsers[name] = func(p *parser, o Origin) (Command, *Error) {
		c, err := parse(p, o)
		if err != nil {
			return nil, err // not c, which is a nil that is no nil Command
		}
		return c, nil
	}
	return true
}

// step is a compiled command. One of one, many and all is set; a command that
// aggregates events has fold as well.
type step struct {
	one  func(*rec) bool             // works on a row by itself and says whether it stays
	many func(*rec, func(*rec) bool) // makes any number of rows of one, until it is told false
	all  func(rows []*rec) []*rec    // needs all rows, in order
	fold *fold                       // aggregates events

	// What only a Query runs: a command that has other rows than those it gets,
	// and one that has none to begin with.
	wide   func(x *exec, rows []*rec) []*rec
	make   func(x *exec, emit func(*rec) bool)
	after  func(rows []*rec) []*rec // what becomes of the rows of fold
	digest *digest                  // rows that say the same may be held as one; nil: they may not
	most   int                      // it wants no more rows than so many; 0: any number

	asks    Expr // search, tstats: what an event must meet, the same as asked
	asked   matcher
	orders  bool // changes the order of rows and nothing else
	chooses bool // all returns some of its rows and changes none
	timely  bool // leaves _time as it is, though it may name it
	keeps   bool // one changes nothing
	rekeys  bool // the rows that all makes have keys of their own

	from Origin
}

// step compiles a command.
func (c *compiler) step(cmd Command, in shape) (step, shape, *Error) {
	c.now = cmd.From().Name
	st, out, err := cmd.compile(c, in)
	st.from = cmd.From()
	return st, out, err
}

// keep is the step of a command that keeps a row or leaves it out, and changes
// nothing.
func keep(f func(*rec) bool) step { return step{one: f, timely: true, keeps: true} }

// change is the step of a command that changes each row.
func change(f func(*rec)) step {
	return step{one: func(r *rec) bool {
		f(r)
		return true
	}}
}

// shape is what is known of the columns at a place of the pipeline: their
// names, when they are known (open is false), in order.
type shape struct {
	names []string
	open  bool
	rows  bool // of an open one: they are rows, that have no columns but their own
}

func (s shape) with(names ...string) shape {
	out := slices.Clone(s.names)
	for _, n := range names {
		if !slices.Contains(out, n) {
			out = append(out, n)
		}
	}
	return shape{out, s.open, s.rows}
}
