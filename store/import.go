package store

import "escutcheon/detection/verdict"

// ImportFilter chooses imports that are no members of archives.
type ImportFilter struct {
	Text  string            // occurs in the file's name, without case
	Older int64             // only those with a lower number; 0: all
	By    map[string]Choice // ByStatus and ByFormat
}

// ImportSummary is what a filter's imports come to.
type ImportSummary struct {
	Total  int64
	Facets []Facet // by status and by format
}

// ImportRisk says which of the hosts whose new events an import brought have
// risk now: a score above 0 at their own as-of.
type ImportRisk struct {
	Hosts int64
	First []RiskyHost // the first of them, the gravest first
}

// RiskyHost is a host with risk, in short.
type RiskyHost struct {
	Dest     string // normalised
	Spelling string
	Gravity  verdict.Gravity
	Score    int64
}
