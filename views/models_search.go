package views

import "time"

// SearchPage is what a search found: of each kind how many, and the first ones.
type SearchPage struct {
	Frame
	Text                      string
	NHosts, NFindings, NNotes int64 // of findings those that are not suppressed
	Suppressed                int64 // findings that a rule's filter removed
	Hosts                     []HostRow
	Findings                  []FoundFinding
	Notes                     []FoundNote
	HostsURL, FindingsURL     string // the whole lists
	SuppressedURL             string // FindingsURL with the suppressed ones
	Run                       *SearchRun
	Saved                     *SavedSearches // nil where none are kept
	Jobs                      []SearchJob    // the newest that took long, where nothing is asked
	Lookups                   []SearchLookup // likewise
}

// SearchLookup is a table that searches can read.
type SearchLookup struct {
	Name, URL string
	Columns   []string
	Rows      int64
}

// FoundFinding is a finding that a search found.
type FoundFinding struct {
	ID, Dest, RuleName string
	What               string // in one line
	In                 string // the column, and what stands around the text there
	Count              int64
	Last               time.Time
}

// FoundNote is a note that a search found.
type FoundNote struct {
	URL          string
	Dest, Author string
	At           time.Time // edited
	Text         string    // what stands around the text in it
}

// SearchedWords say where a search looks, and how.
const SearchedWords = "Searched: the names of hosts, every column of the findings of all rules, and notes, for the " +
	"text anywhere; and all events, as a search in Splunk's language: a word is looked for whole."

func (p SearchPage) heading() string {
	switch {
	case p.Text == "":
		return "Search"
	case p.NHosts+p.NFindings+p.NNotes > 0:
		return Plural(p.NHosts, "host") + ", " + Plural(p.NFindings, "finding") + " and " + Plural(p.NNotes, "note") +
			" with “" + VisibleShort(p.Text, 80) + "”"
	case p.Run == nil || p.Run.Ended && p.Run.Total == 0 && !p.Run.lacks() || p.Run.Wrong != "":
		return "Nothing found for “" + VisibleShort(p.Text, 80) + "”"
	}
	return "Search: " + VisibleShort(p.Text, 80)
}
