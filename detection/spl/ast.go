package spl

import "time"

// Pipeline is a parsed search: its commands in order, the first the search
// terms that it starts with.
type Pipeline []Command

// Command is one command of a pipeline: *Search, *Stats, *Tstats, *Rename,
// *Convert or one of those in ast_commands.go.
type Command interface {
	// From says where the command stands.
	From() Origin
	origin() *Origin
}

// Origin is where a command is from.
type Origin struct {
	Name   string   // "search"
	Pos    Pos      // in the search as given
	Macros []string // the macros whose text it stands in, outermost first
	Aside  bool     // one of them is Aside
}

// From is the Origin itself; commands embed it.
func (o *Origin) From() Origin { return *o }

func (o *Origin) origin() *Origin { return o }

// Search keeps the events or rows that Expr matches.
type Search struct {
	Origin
	Expr Expr
}

// Stats aggregates: one row for each distinct tuple of the By fields. Name is
// stats, eventstats (each row keeps its own and gets the aggregates of its
// tuple) or streamstats (of the rows up to it).
type Stats struct {
	Origin
	Aggs    []Agg
	By      []string
	Span    time.Duration // of _time among the By fields; 0 for none
	Window  int           // streamstats: of the last so many rows; 0 for all
	Current bool          // streamstats: the row itself counts
}

// Agg is one aggregate of stats.
type Agg struct {
	Func  string  // count, min, max, values …
	Arg   float64 // of percN, N
	Field string  // "" for a plain count, or for one of an expression
	Expr  Ex      // count(eval(…)): what is aggregated instead of a field
	As    string  // the column's name
}

// Tstats aggregates over a data model's dataset, or over events when Model is
// "".
type Tstats struct {
	Stats
	Model string // Endpoint.Processes
	Where Expr   // nil for all
}

// Rename gives columns other names, one pair after the other.
type Rename struct {
	Origin
	Pairs []RenamePair
}

// RenamePair is A AS B; both may hold the same number of wildcards.
type RenamePair struct{ From, To string }

// Convert rewrites fields: ctime turns epoch seconds into text.
type Convert struct {
	Origin
	TimeFormat string
	Fields     []ConvertField
}

// ConvertField is Func(Field) AS As; As is Field when not given. Field may
// hold wildcards.
type ConvertField struct{ Func, Field, As string }

// Expr is a condition of the search command: And, Or, Not, *Compare, *In or
// *Term.
type Expr interface{ expr() }

type (
	// And matches when all of its parts do.
	And []Expr
	// Or matches when one of its parts does.
	Or []Expr
	// Not matches when X does not, so also when X's field is missing.
	Not struct{ X Expr }
	// Compare is Field Op Value; Op is one of = != < > <= >=.
	Compare struct{ Field, Op, Value string }
	// In is Field IN (Values…): one of them equals.
	In struct {
		Field  string
		Values []string
	}
	// Term is a word or a quoted phrase looked for in _raw.
	Term struct{ Text string }
)

func (And) expr()      {}
func (Or) expr()       {}
func (Not) expr()      {}
func (*Compare) expr() {}
func (*In) expr()      {}
func (*Term) expr()    {}
