package store

import "time"

// RuleFilter is one filter that a rule had or has.
type RuleFilter struct {
	ID         int64
	RuleID     string
	Expression string // empty: everything passes
	Reason     string
	Author     string
	Created    time.Time
	Expires    time.Time // zero: never
}

// RuleStats is what a rule found.
type RuleStats struct {
	Findings, Suppressed, Hosts, RiskEvents int64
	Last                                    int64 // second of the newest event, if Findings > 0
	Cursor                                  int64 // stored events it was run over, while Behind
	Behind                                  bool  // it is yet to be run over some
	Leaving                                 bool  // what it found before it went, or was changed, is being forgotten
	Filtering                               bool  // its filter is being run over what it found
}

// RuleCount is how many findings a rule has.
type RuleCount struct {
	Rule                 string
	Findings, Suppressed int64
	Last                 int64 // second
	// Of Findings, those that are resolved or closed: not suppressed ones, and
	// suppressed ones.
	Closed, ClosedSuppressed int64
}

// Behind is how many rules are yet to be run over stored events, how many of
// these events they have behind them, and how many there are.
type Behind struct{ Rules, Done, Events int64 }
