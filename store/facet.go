package store

import "slices"

// Choice is what a filter says of one property: it chooses what has one of Only,
// if there are any, and nothing that has one of Not. Nobody's is the owner "".
type Choice struct{ Only, Not []string }

// Fits says whether a choice takes a value.
func (c Choice) Fits(v string) bool {
	return (len(c.Only) == 0 || slices.Contains(c.Only, v)) && !slices.Contains(c.Not, v)
}

// Facet is a property that a list is filtered by, with its values, the rarest
// first: as many as were asked for.
type Facet struct {
	Name   string // as in FindingFilter.By and HostFilter.By
	Values []FacetValue
	All    int // how many values there are
}

// FacetValue is a value of a property, and how many of the list have it: of what
// everything chooses that the filter says of other properties.
type FacetValue struct {
	Value string
	N     int64
}

// The properties that lists are filtered by.
const (
	ByStatus   = "status"
	BySeverity = "severity" // of a finding its urgency, of a host its incident's
	ByChange   = "change"   // a kind of change, as detection.Kind writes it
	ByModule   = "module"
	ByRule     = "rule" // by id
	ByChannel  = "channel"
	ByOwner    = "owner"
	ByDest     = "dest"
	ByGravity  = "gravity" // of a host's verdict
	ByUser     = "user"    // a risk object by its name
	ByFormat   = "format"  // of an import, as the table of formats has it
	ByFired    = "fired"   // a rule that a host has findings of, by id
)

// FindingFacets are the properties of findings, in the order in which they are
// shown; HostFacets those of hosts. ByDest has no facet.
var (
	FindingFacets = []string{ByStatus, BySeverity, ByChange, ByModule, ByRule, ByChannel, ByOwner}
	HostFacets    = []string{ByStatus, ByGravity, BySeverity, ByChange, ByModule, ByFired, ByChannel, ByOwner}
)
