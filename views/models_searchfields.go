package views

// SearchField is a field of the events, with its commonest and its rarest values.
type SearchField struct {
	Name        string
	Events      int64
	Values      int
	More        bool // more values than were counted
	Often, Rare []SearchValue
}

// SearchValue is a value of a field, and in how many events it is.
type SearchValue struct {
	Value         string
	Count         int64
	Cut           bool   // it goes on
	With, Without string // the search with this value, and without it
}
