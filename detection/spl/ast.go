package spl

// Pipeline is a parsed search: its commands in order, the first the search
// terms that it starts with.
type Pipeline []Command

// Command is one command of a pipeline: *Search, *Stats, *Rename, *Convert.
type Command interface {
	origin() *Origin
}

// Origin is where a command is from.
type Origin struct {
	Name   string   // "search"
	Pos    Pos      // in the search as given
	Macros []string // the macros whose text it stands in, outermost first
}

func (o *Origin) origin() *Origin { return o }

// inFilter says whether the command stands in a rule's _filter macro.
func (o *Origin) inFilter() bool {
	for _, m := range o.Macros {
		if IsFilter(m) {
			return true
		}
	}
	return false
}

// Search keeps the events or rows that Expr matches.
type Search struct {
	Origin
	Expr Expr
}

// Stats aggregates: one row for each distinct tuple of the By fields.
type Stats struct {
	Origin
	Aggs []Agg
	By   []string
}

// Agg is one aggregate of stats.
type Agg struct {
	Func  string // count, min, max
	Field string // "" for a plain count
	As    string // the column's name
}

// Rename gives columns other names, one pair after the other.
type Rename struct {
	Origin
	Pairs []RenamePair
}

// RenamePair is A AS B; both may hold the same number of wildcards.
type RenamePair struct{ From, To string }

// Convert turns epoch seconds into text.
type Convert struct {
	Origin
	TimeFormat string
	Fields     []ConvertField
}

// ConvertField is ctime(Field) AS As; As is Field when not given.
type ConvertField struct{ Field, As string }

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
