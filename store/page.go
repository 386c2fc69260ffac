package store

// Page is where in a list a page begins and how long it is. After and Before
// are cursors of an earlier page; empty, the list's start.
type Page struct {
	Sort   string // a name of the list's own; "" is its default
	Asc    bool
	After  string
	Before string
	Limit  int
}

// Cursors are the ends of a page: "" where nothing follows.
type Cursors struct{ Before, After string }
