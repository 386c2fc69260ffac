// Package spl compiles and runs the part of Splunk's search language that
// detections use.
//
// A search goes through three stages, each in files of its own: the text is
// expanded (macros) and parsed into a Pipeline, the pipeline is planned
// (Compile), and the plan runs. What stands before the first aggregating
// command is a streaming filter on events; the aggregation keeps a small
// State that merges and can be stored; what follows works on finished rows.
// So a plan can run inside an import, batch by batch, with the result that it
// would have on everything at once.
//
// What cannot be cut so (join, append, transaction, subsearches, tables: all
// that needs more than the events as they come in) is run whole, by a Query:
// command by command, over events that a Source scans. A Query runs whatever
// parses. With Env.Whole, Compile makes plans of such searches too, and they say
// so: Plan.Whole. The caller runs Plan.Query over each window's events at once,
//
//	answer, err := plan.Query().Run(ctx, source, spl.Options{Earliest: from, Latest: to})
//
// and again when the window gains or loses an event that the plan Matches, by
// the conditions of Plan.Scans. The answer's rows have keys, verdicts, and states
// that count their events and hold no aggregates; one of no event (a count of
// nothing, a row of a table alone) has a state whose Count is 0 and belongs to
// no time. Complete is false where a bound was reached, and messages say where.
// Without Env.Whole Compile refuses such searches.
//
// Where this is not what Splunk does: in a Plan earliest= and latest= match
// everything, for the caller chooses the events, while in an Env.Query they count
// (When); events are in every index that a search names but in risk, notable and
// those that begin with _, whose events say so themselves (Scan.AsksIndex); now() is
// what the caller says (Env.Now); all times are UTC. first(), last() and list() see the newest event first, as Splunk's
// searches do, and equal times are told apart by the values, so that the order
// in which events come never matters. A list has at most 10,000 values, and so
// many rows are the most that one event makes. sort without a number changes
// nothing where no later command depends on the order: rows are a set.
//
// The package runs over anything that has named values and a time (Event). What
// events there are, the macros and tables that a search calls, data models and
// the moment that now() is are told by the caller (Env). It knows no rules: rows
// that a macro marked Aside removes are set aside, beside kept and dropped, and
// what that means is the caller's. It reads no files and keeps nothing between
// calls. A command, function or form that it does not know is refused with its
// position.
package spl

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"escutcheon/detection/spl/value"
)

// Event is what a search is run on.
type Event interface {
	// Get returns a field's value and whether the event has it. Names are
	// case-sensitive. A field that is absent is null in the search.
	Get(name string) (string, bool)
	// Time is the event's _time; the zero time when it has none.
	Time() time.Time
}

// Listed is an event whose fields may have several values: List gives those of a
// field, and nil where it cannot have several; Get gives all of them or the first.
type Listed interface {
	Event
	List(name string) []string
}

// Lightened is an event that can be told by less: by one that has its Time, and nothing
// else that a search asks for.
type Lightened interface {
	Event
	Light() Event
}

// lightened is what is kept of an event of which the fields are not asked any more.
func lightened(e Event) Event {
	if m, ok := e.(*modelled); ok {
		e = m.e
	}
	if l, ok := e.(Lightened); ok {
		return l.Light()
	}
	return e
}

// listOf are the values of an event's field; nil where it has no more than one.
func listOf(e Event, name string) []string {
	if m, ok := e.(*modelled); ok {
		return m.List(name)
	}
	if l, ok := e.(Listed); ok {
		return l.List(name)
	}
	return nil
}

// Field is one column of a row. Value is its text; of a column of several
// values they stand in it with line ends between.
type Field struct {
	Name, Value string

	cuts string // how long each of several values is; "" for one value
}

func (f Field) String() string { return "{" + f.Name + " " + f.Value + "}" }

// Values are the values of the column: one, but where the search made several.
func (f Field) Values() []string {
	if f.cuts == "" {
		return []string{f.Value}
	}
	var out []string
	rest := f.Value
	for cut := range strings.SplitSeq(f.cuts, ",") {
		n, _ := strconv.Atoi(cut)
		n = min(max(n, 0), len(rest))
		out = append(out, rest[:n])
		rest = strings.TrimPrefix(rest[n:], "\n")
	}
	return out
}

func cutsOf(l []string) string {
	var b []byte
	for i, s := range l {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendInt(b, int64(len(s)), 10)
	}
	return string(b)
}

// Row is one result: its fields in the order of the columns. A column whose
// value is null is left out.
type Row []Field

// Get returns a column's value and whether the row has it.
func (r Row) Get(name string) (string, bool) {
	for i := range r {
		if r[i].Name == name {
			return r[i].Value, true
		}
	}
	return "", false
}

// List returns a column's values; none when the row has not the column.
func (r Row) List(name string) []string {
	for i := range r {
		if r[i].Name == name {
			return r[i].Values()
		}
	}
	return nil
}

// Time is the zero time: a row's time, if any, is a column like the others.
func (r Row) Time() time.Time { return time.Time{} }

// timeField is the field that Get does not answer for: events have Time.
const timeField = "_time"

// rawField is the field that words are looked for in.
const rawField = "_raw"

// lookup is Get, but for _time, which for an event is its time and nothing that
// the log may carry under that name.
func lookup(e Event, name string) (string, bool) {
	if name != timeField {
		return e.Get(name)
	}
	switch r := e.(type) {
	case Row:
		return r.Get(name)
	case *rec:
		return r.Get(name)
	}
	t := e.Time()
	if t.IsZero() {
		return "", false
	}
	return value.FormatEpoch(t.UnixNano()), true
}

// Map is an event made by hand, for tests and previews: its fields by name,
// _time in decimal seconds.
type Map map[string]string

// Get returns a field.
func (m Map) Get(name string) (string, bool) {
	v, ok := m[name]
	return v, ok
}

// Names are the names of its fields, in order.
func (m Map) Names(yield func(string) bool) {
	for _, name := range slices.Sorted(maps.Keys(m)) {
		if name != timeField && !yield(name) {
			return
		}
	}
}

// Time is what _time says; the zero time when it is missing or no number.
func (m Map) Time() time.Time {
	t, ok := value.ParseEpoch(m[timeField])
	if !ok {
		return time.Time{}
	}
	return t
}
