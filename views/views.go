// Package views holds every page of the console as templ components, and the
// view models that they take: plain structs with what a page shows, filled by
// the handlers. It knows no request, no database and no rule engine; it decides
// how a thing looks and reads, never what is true. All text that comes from a
// log or an analyst is escaped here, and its invisible characters are shown.
package views

import "time"

// Frame is what every page has around its content.
type Frame struct {
	Title  string    // of the window: "web02.corp.example", without the product's name
	Now    time.Time // ages are told relative to it
	Zone   string    // of the times shown; "" is "UTC"
	AsOf   time.Time // the moment asked for; zero when none was
	Here   string    // this page's path and query, for links back
	Author string    // the analyst's name, once typed; "" before
	Search string    // the text in the search box

	Running        int // imports queued or running
	RunningPercent int // of all their bytes, 0 to 100
	UnderWay       []UnderWay
	Waiting        int  // imports that wait for an answer
	Damaged        bool // rows that are not what was written
	Safe           bool // no rule and no filter runs
	ReadOnly       bool // nothing can be changed

	Upload  ImportForm // what the drop-anywhere upload sends with the files
	Refresh int        // seconds after which a page without script reloads; 0 never

	skips []skip // links past the bar
}

// Option is one entry of a select.
type Option struct {
	Value, Label string
	Selected     bool
}

// Chip is one filter that is in force, and the address of the page without it.
type Chip struct{ Label, Value, RemoveURL string }

// Sort is the address that sorts a list by a column, and how it is sorted by
// it now. The zero value is a column that does not sort.
type Sort struct {
	URL string
	Dir string // aria-sort: "ascending", "descending" or "" when sorted by another
}

// Pager is the way to the pages beside this one; an address is "" where
// nothing follows. Newer and Older are the words of the links.
type Pager struct {
	PrevURL, NextURL string
	Prev, Next       string // "" are "newer" and "older"
	Shown            int
	Total            int64 // of the whole filter; below 0 when not counted
}

// Export is a link to a file with the whole of what is shown.
type Export struct {
	Label string // "findings.csv"
	URL   string
	Rows  int64 // below 0 when not counted
}

// ImportForm is what the drop zone needs to know.
type ImportForm struct {
	Zones     []string // time zone names offered
	Zone      string   // the one chosen; "" is UTC
	Computer  string
	MaxUpload int64  // bytes; 0 when unknown
	Reads     string // the formats that are read, as a part of a sentence
}

// UnderWay is an import that runs or waits for its turn, in the bar of every page.
type UnderWay struct {
	ID, Name string
	Percent  int
	Queued   bool
}
