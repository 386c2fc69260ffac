package store

import "time"

// SavedView is a list as an analyst wants to see it again.
type SavedView struct {
	ID      int64
	List    string // "hosts", "findings", "users", "rules" or "imports"
	Name    string
	Query   string // of the list's address
	Author  string
	Created time.Time
}

// The longest name and query of a saved view, in bytes, and the most of a list.
const (
	MaxViewName  = 100
	MaxViewQuery = 4000
	MaxViews     = 100
)
