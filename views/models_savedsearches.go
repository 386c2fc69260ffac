package views

import (
	"strconv"
	"strings"
	"time"
)

// SavedSearch is a search that is kept under a name.
type SavedSearch struct {
	ID, Revision              int64 // 0: a new one
	Name, Text                string
	Earliest, Latest, Columns string
	Author, Editor            string
	Edited                    time.Time
}

// SavedSearches are those that are kept, beside the search of the page.
type SavedSearches struct {
	List    []SavedSearch
	Now     SavedSearch  // the page's search; its name and number where one is open
	Open    *SavedSearch // as it is kept
	Deleted *SavedSearch // the one that was just deleted
	Author  string       // who looks
}

// SavedSearchPage changes a search, or keeps a new one that could not be taken.
type SavedSearchPage struct {
	Frame
	Search   SavedSearch  // as it was typed
	Theirs   *SavedSearch // as it is kept, where somebody else changed it meanwhile
	Problem  string
	Unsigned bool
	Author   string
}

// SavedSearchURL is where a saved search opens.
func SavedSearchURL(id int64) string { return "/searches/" + strconv.FormatInt(id, 10) }

func (s SavedSearch) url() string { return SavedSearchURL(s.ID) }

// changed says whether the page's search is another than the open one.
func (s SavedSearches) changed() bool {
	o := s.Open
	return o != nil && (o.Text != s.Now.Text || o.Earliest != s.Now.Earliest || o.Latest != s.Now.Latest ||
		o.Columns != s.Now.Columns)
}

// times says over what time a search runs.
func (s SavedSearch) times() string {
	switch {
	case s.Earliest == "" && s.Latest == "":
		return "all time"
	case s.Latest == "":
		return "from " + VisibleShort(s.Earliest, 40)
	case s.Earliest == "":
		return "to " + VisibleShort(s.Latest, 40)
	}
	return VisibleShort(s.Earliest, 40) + " to " + VisibleShort(s.Latest, 40)
}

func (p SavedSearchPage) verb() string {
	switch {
	case p.Theirs != nil:
		return "Save over theirs"
	case p.Search.ID == 0:
		return "Save the search"
	}
	return "Save"
}

func (p SavedSearchPage) action() string {
	if p.Search.ID == 0 {
		return "/searches"
	}
	return p.Search.url()
}

// Run is where the search runs as it was typed.
func (s SavedSearch) Run() string {
	pairs := []string{"q", s.Text, "earliest", s.Earliest, "latest", s.Latest, "columns", s.Columns, "on", "page"}
	if s.ID != 0 {
		pairs = append(pairs, "saved", strconv.FormatInt(s.ID, 10))
	}
	return WithQuery("/search", pairs...)
}

// firstLine is a search in one line.
func firstLine(text string) string { return strings.Join(strings.Fields(text), " ") }
