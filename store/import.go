package store

import "escutcheon/detection/verdict"

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
