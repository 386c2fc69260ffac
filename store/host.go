package store

import (
	"escutcheon/detection/risk"
	"escutcheon/triage"
)

// HostFilter chooses hosts and the moment their scores hold for.
type HostFilter struct {
	Rule  string  // whose risk events and findings count; "" all
	Text  string  // occurs in the dest, without case
	Dest  string  // exactly this one, normalised
	Among *string // a JSON list of the dests to choose from; nil: all
	// Severity is the step of the ramp that they stand on ("none", "low" …); ""
	// any.
	Severity string
	AsOf     *int64 // second; nil: each host's own
	Now      int64  // second

	Status triage.Set        // of the host's own triage
	By     map[string]Choice // by property: see HostFacets; but for these, by what its findings are
}

// HostList is a page of hosts, and what all of its list come to.
type HostList struct {
	Hosts   []Host
	Cursors Cursors
	Sum     HostSummary
	Facets  []Facet
	Hidden  int64 // hosts that the filter's status alone hides
}

// Host is a host and its risk over the period up to its as-of.
type Host struct {
	ID          int64
	Dest        string // normalised
	Spelling    string // of its newest event
	First, Last int64  // second of its first and newest event
	HasTime     bool   // false: none of its events has a time
	Events      int64
	Score       int64
	RiskEvents  int64 // in the period
	AsOf        int64 // second
	AsOfKind    risk.AsOfKind
	Status      triage.Status // of its triage, where a list says it
	Owner       string
	Findings    int64
	Suppressed  int64 // of Findings
	Closed      int64 // of Findings that are not suppressed: resolved or closed
	Notes       int64
	Also        []string // names merged with it, normalised: all of the above is of all of them
}

// HostSummary is what a filter's hosts come to.
type HostSummary struct {
	Hosts  int64
	Risky  int64 // with a score above 0
	Top    int64 // the greatest score
	Newest int64 // hosts whose as-of is their own newest risk event
}
