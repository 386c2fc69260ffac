package detection

import (
	"maps"
	"strings"
	"time"

	"escutcheon/detection/datamodel"
	"escutcheon/detection/spl"
	"escutcheon/event"
)

// Env is what searches over Windows events are compiled with: macros and lookup
// tables, the data models, the two forms of a source, and the filters
// of rules, whose rows are set aside: suppressed, as the rest of the program
// says. A filter that nobody has written is NoFilter.
func Env(macros spl.Macros, tables spl.Tables) spl.Env {
	return spl.Env{
		Macros: withFilters(macros), Tables: tables,
		Columns: []string{"dest", "source", "EventCode", "user"},
		Missing: missingMacro, Models: model, Rewrite: bothSources, Now: runOf,
		Revised: revised,
	}.Shared()
}

// Compile compiles a search over Windows events. An error is an *spl.Error.
func Compile(search string, macros spl.Macros) (*spl.Plan, error) {
	return Env(macros, nil).Compile(search)
}

// withFilters is a table whose filters are marked as such.
func withFilters(macros spl.Macros) spl.Macros {
	out := maps.Clone(macros)
	for key, m := range out {
		if name, _, _ := strings.Cut(key, "("); isFilter(name) {
			m.Aside = true
			out[key] = m
		}
	}
	return out
}

func missingMacro(name string, args int) (spl.Macro, bool) {
	return spl.Macro{Definition: NoFilter, Aside: true}, args == 0 && isFilter(name)
}

// model finds a dataset; of Endpoint without one it knows that there are some.
func model(name string) (spl.Model, bool) {
	if d, ok := datamodel.Find(name); ok {
		return d, true
	}
	return nil, strings.EqualFold(name, "Endpoint")
}

// revised says whether a rule that names a field is to be run anew over what an
// older version stored. In a dataset few names changed for the events that fill it.
func revised(m spl.Model, name string) bool {
	if m != nil {
		return name == "status" && strings.HasSuffix(m.Name(), ".Registry")
	}
	return event.Revised(name)
}

// runOf is the hourly run whose window holds a time: what now() is, so that a
// result does not depend on when the search is run.
func runOf(t time.Time) time.Time { return time.Unix(WindowOf(t.Unix()).RunAt, 0) }
