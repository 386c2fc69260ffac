package views

import (
	"slices"
	"strconv"
	"time"
)

// SearchRun is a search over events, as far as it is.
type SearchRun struct {
	Text, Earliest, Latest string
	NowIs                  string     // when it is now; "" is the moment
	Since, Until           time.Time  // Earliest and Latest as moments; zero for no bound
	Saved                  string     // the number of the saved search that is open; "" none
	Wrong                  string     // why it cannot be read
	Line, Column           int        // and where
	WrongFrom, WrongTo     int        // in the units of a script; the same for no place in the text
	WrongLine              [3]string  // the line of it: before, there, after
	Mended                 string     // the search as it would be right
	Gone                   bool       // the job that was asked for is not known any more
	Past                   *SearchJob // what is recorded of it; nil: nothing

	Ran              bool
	Job              string
	Key              string // short for its text and time
	Events           bool   // rows are events, else they have Columns
	Total            int64
	Ended, Stopped   bool
	Waits            bool // for its turn
	Ahead            int  // how many wait before it
	Complete         bool
	Done, Of, Looked int64
	Sampled          int64 // events that Fields were counted in
	Took             time.Duration
	Messages         []SearchMessage
	Bars             []SearchBar
	Fields           []SearchField
	Columns          []string
	Rows             []SearchRow
	Chart            *SearchChart // of a table; nil for none
	SearchLook
}

// SearchMessage is what a search tells: info, warn or error.
type SearchMessage struct {
	Level, Text  string
	Mended, Near string // the search with another field, and that field
}

// lacks says that something could not be read: what is not found may be there.
func (r SearchRun) lacks() bool {
	return slices.ContainsFunc(r.Messages, func(m SearchMessage) bool { return m.Level == "error" })
}

// url is the search with other terms or another time.
func (r SearchRun) url(pairs ...string) string {
	all := append([]string{"q", r.Text, "earliest", r.Earliest, "latest", r.Latest, "now", r.NowIs,
		"saved", r.Saved, "on", "page", "columns", r.columns()}, pairs...)
	return WithQuery("/search", all...)
}

func (r SearchRun) download(ending string) string {
	return WithQuery("/search."+ending, "q", r.Text, "earliest", r.Earliest, "latest", r.Latest, "now", r.NowIs,
		"columns", r.columns(), "sort", r.sortedBy())
}

// picture is the chart of a table as a file.
func (r SearchRun) picture(ending string) string {
	return WithQuery("/search/chart."+ending, "q", r.Text, "earliest", r.Earliest, "latest", r.Latest, "now", r.NowIs,
		"kept", r.kept())
}

// found says how many rows there are.
func (r SearchRun) found() string {
	what := "row"
	if r.Events {
		what = "event"
	}
	words := Plural(r.Total, what)
	switch {
	case r.Stopped:
		words += " before it was stopped"
	case !r.Ended:
		words += " so far"
	}
	return words
}

func (r SearchRun) progress() string {
	if r.Waits && r.Ahead > 0 {
		return "waiting for its turn behind " + Plural(int64(r.Ahead), "other")
	}
	if r.Of == 0 {
		return "waiting for its turn"
	}
	return Num(r.Done) + " of " + Plural(r.Of, "block") + " looked at"
}

func (r SearchRun) percent() string {
	if r.Of == 0 {
		return "0"
	}
	return strconv.FormatInt(100*r.Done/r.Of, 10)
}
