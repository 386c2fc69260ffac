package store

// Threat is a threat object and how often it was seen.
type Threat struct {
	Type, Value string
	Here        int64 // findings of the filter that have it
	Findings    int64 // all that have it
	Hosts       int64 // dests of all these
}

// ThreatFilter chooses threat objects by one of its members.
type ThreatFilter struct {
	Finding string // key
	Dest    string // normalised
	User    string // normalised
}
