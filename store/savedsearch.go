package store

import "time"

// SavedSearch is a search that somebody keeps under a name.
type SavedSearch struct {
	ID       int64
	Revision int64 // from 1 on; of a new one 0
	Name     string
	Text     string // in the search language
	Earliest string // as it was typed: a moment, or one relative to now or to the newest event
	Latest   string
	Columns  string // of events, with commas between them; "" for the usual ones
	Author   string // who saved it first
	Editor   string // who changed it last
	Created  time.Time
	Edited   time.Time
}

// The longest parts of a saved search, in bytes, and how many searches are kept.
const (
	MaxSearchName  = 100
	MaxSearchText  = 20_000
	MaxSearchTime  = 100
	MaxSearchWidth = 2_000 // of Columns
	MaxSearches    = 100
)
