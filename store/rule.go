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
	Windows                                 int64 // that it is yet to be run over, where it needs all events of one
	Undecided                               Undecided
	Making                                  bool // rows that are made of all its events together are yet to be made
}

// Undecided counts what of a rule is not decided, because it took more than it may,
// or not yet. Each is MostUndecided+1 where it is more than MostUndecided.
type Undecided struct {
	Events  int64 // of which it is not known whether the search matches; they are in no finding
	Rows    int64 // that the search could not finish; they are no findings
	Filter  int64 // findings that the filter could not decide; they are shown
	Windows int64 // of single findings, or of all: what a scheduled run tells of them is not known
	Pending int64 // rows and windows that are yet to be made, in steps
	Cut     int64 // windows of which what a run found is not all: a subsearch came to its limit
	Damaged int64 // records, at most, that could not be read when it was run over them
}

// Add adds what others are.
func (u *Undecided) Add(o Undecided) {
	u.Events, u.Rows, u.Filter = u.Events+o.Events, u.Rows+o.Rows, u.Filter+o.Filter
	u.Windows, u.Pending, u.Cut = u.Windows+o.Windows, u.Pending+o.Pending, u.Cut+o.Cut
	u.Damaged += o.Damaged
}

// Any says whether anything is not decided.
func (u Undecided) Any() bool { return u != Undecided{} }

// MostUndecided is how far these are counted.
const MostUndecided = 10_000

// RuleCount is how many findings a rule has.
type RuleCount struct {
	Rule                 string
	Findings, Suppressed int64
	Last                 int64 // second
	// Of Findings, those that are resolved or closed: not suppressed ones, and
	// suppressed ones.
	Closed, ClosedSuppressed int64
}

// WindowsDue is how many windows rules are yet to be run over that need all events of
// one.
type WindowsDue struct {
	Windows int64
	Tried   bool // there was one
	Done    bool // it was run over; else it changed meanwhile
}

// Behind is how many rules are yet to be run over stored events, how many of
// these events they have behind them, and how many there are.
type Behind struct {
	Rules, Done, Events int64
	Windows             int64 // that rules are yet to be run over which need all events of one
}
