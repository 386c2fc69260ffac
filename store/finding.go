package store

import (
	"escutcheon/detection"
	"escutcheon/triage"
)

// Finding is one row that a rule's search returns.
type Finding struct {
	Key        string // hash of the rule and the BY values
	RuleID     string
	Dest       string   // normalised
	Row        []string // the values of the rule's columns, in their order
	Suppressed bool     // by the rule's filter
	Pending    bool     // the rule's filter is yet to be run over it: till then it is as it was
	Damaged    bool     // the row is not what was written: Row does not say what it was
	Undecided  bool     // the rule's filter takes more for it than it may: it is shown
	Count      int64    // events
	First      int64    // second of its first and last event
	Last       int64
	Change     detection.Kind
	Triage     Triage
}

// FindingFilter chooses findings. The zero value of a member chooses all.
type FindingFilter struct {
	Rule       string
	Dest       string // normalised
	Text       string // occurs in any column, without case
	Suppressed bool   // the suppressed ones too
	Status     triage.Set
	ByDest     bool   // where they are streamed: by dest, and then by their rows
	From, To   *int64 // with an event in [From, To], seconds; nil: no limit

	By    map[string]Choice // by property: see FindingFacets
	Dests []string          // Dest and the names merged with it; db fills it in
	Among *string           // a JSON list of the numbers to choose from; nil: all. db fills it in
}

// Unattributed is how many events a rule matches although they are in no row.
type Unattributed struct {
	Missing string // the fields they lack, joined by ", "
	Count   int64
}
