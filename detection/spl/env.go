package spl

import "time"

// Env is what a search is compiled with, beside its text: what it may call and
// what the caller knows of the events. The zero Env knows nothing.
type Env struct {
	Macros Macros
	Tables Tables // that lookup finds

	// Missing answers for a macro that is not in Macros; nil for none.
	Missing func(name string, args int) (Macro, bool)
	// Models finds the dataset of a data model that tstats reads, such as
	// Endpoint.Processes. Of a model without its dataset, such as Endpoint, it
	// says true with a nil Model. nil knows no models.
	Models func(name string) (Model, bool)
	// Rewrite is what field=value asks for in the search command where that is
	// more than it says; nil for what it says. field!=value asks for the field,
	// and that not. A nil function rewrites nothing.
	Rewrite func(Compare) Expr
	// Revised says whether a name means something else in events (of a dataset,
	// where there is one) than it did when the first fingerprints were made: what
	// names it has another one since. nil: none does.
	Revised func(m Model, name string) bool
	// Whole lets Compile make plans that are Whole. Without it a search that needs
	// to be run so is refused.
	Whole bool
	// Columns are shown beside _time, what a search names and _raw where a search
	// has no aggregation and does not say what it shows.
	Columns []string
	// Now is what now() is for an event of a time; nil for that time itself.
	Now func(time.Time) time.Time

	shared *shared // nil: see Shared
}

// Model is a dataset of a data model: other names for what events hold.
type Model interface {
	Name() string
	// Prefix stands before the names of its fields: Processes. with the dot.
	Prefix() string
	// Has says whether an event is in the dataset.
	Has(Event) bool
	// Get returns a field, named without the prefix, of an event that is.
	Get(e Event, field string) (string, bool)
}

// Unknown is what tstats groups by where an event of a data model has no value.
const Unknown = "unknown"

// Compile is Env.Compile with macros alone.
func Compile(search string, m Macros) (*Plan, error) { return Env{Macros: m}.Compile(search) }

// Compile expands, parses and plans a search. An error is an *Error.
func (env Env) Compile(search string) (*Plan, error) {
	src, pipe, err := env.read(search)
	if err != nil {
		return nil, err
	}
	p := &Plan{search: search, expanded: src.text}
	c := &compiler{src: src, env: &env}
	if err := p.planAny(c, pipe); err != nil {
		return nil, err
	}
	p.sign(c)
	p.empty = env.needed(pipe)
	return p, nil
}

// Parse expands the macros of a search and reads its commands. An error is an
// *Error.
func (env Env) Parse(search string) (Pipeline, error) {
	_, pipe, err := env.read(search)
	if err != nil {
		return nil, err
	}
	return pipe, nil
}

func (env *Env) read(search string) (*source, Pipeline, *Error) {
	src, err := expand(search, env)
	if err != nil {
		return nil, nil, err
	}
	pipe, err := (&parser{src: src, s: src.text, env: env}).pipeline()
	return src, pipe, err
}

// model finds a data model's dataset.
func (env *Env) model(name string) (Model, bool) {
	if env.Models == nil {
		return nil, false
	}
	return env.Models(name)
}

// rewrite is what field=value asks for where that is more than it says, or nil.
func (env *Env) rewrite(field, value string) Expr {
	if env.Rewrite == nil {
		return nil
	}
	return env.Rewrite(Compare{field, "=", value})
}
