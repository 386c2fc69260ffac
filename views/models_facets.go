package views

// Facets are the properties that a list is filtered by, beside it.
type Facets struct {
	Groups  []FacetGroup
	Besides bool // the counts leave the text that is searched for out of account
}

// FacetGroup is one property.
type FacetGroup struct {
	Name, Label string
	Values      []FacetLink // the rarest first
	All         int         // how many there are
	More, Fewer string      // this page with as many as can be, and with few again; "" where all stand here
}

// FacetLink is a value: URL is the list of it alone, or without it being chosen
// where it is; NotURL the list without what has it.
type FacetLink struct {
	Label       string
	Count       int64
	URL, NotURL string
	On          bool
}
