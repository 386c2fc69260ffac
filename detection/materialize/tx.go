// Package materialize says what an event does to what rests on it: the findings
// of the rules, their scheduled windows, and the risk events and threat objects
// of each window. Findings grow by new events and shrink by those that go; a
// rule whose filter changes is filtered again, one that comes late is run over
// the stored events. Whatever the order of all this, in the end all is as if
// the events that are there had been there from the start.
//
// It is pure: it works on one transaction, which it states as an interface (Tx),
// and asks for events by their numbers (Events). How both are stored, when a
// transaction ends, and what time it is, is left to others. An implementation
// shows with materializetest that it does what is asked of it.
//
// A group is all events under one key of a rule. Where a rule's rows are each
// made of one group alone (spl.Plan.Local), a group is a finding. Where they
// are made of all groups together (sort, head, dedup, eventstats, a second
// stats), a row of one group is told by that group, and a row of several is a
// finding of its own, called made.
package materialize

import (
	"escutcheon/detection"
	"escutcheon/detection/spl"
	"escutcheon/event"
)

// Events are the stored events, by their numbers. A number is never given to
// another event; one that comes later may be less than those of others.
type Events interface {
	// Event is an event as all its sightings say it now.
	Event(id int64) (*event.Event, error)
	// Any says whether there is any event.
	Any() (bool, error)
	// Search calls look for each event behind one that some rules may match
	// (detection.Rules.Kinds; others too, where that is no more work), perhaps for
	// several at a time, and what look returns, unless that is nil, one after
	// another in the order of their numbers. The event and its texts are look's
	// until it returns. It does about as much work as decoding so many events is,
	// and returns the last event that it looked at; Ran when there is none behind
	// one that the rules may match.
	Search(rules *detection.Rules, id int64, most int,
		look func(id int64, e *event.Event) (tell func())) (last int64, err error)
}

// Tx is one transaction on all that rests on events. A finding is named by its
// rule and key (detection.FindingID), a window of it by the second at which it
// starts. What is put takes the place of what was there; reading gives a copy.
type Tx interface {
	Findings
	Windows
	Members
	Risk
	Lacks
	Doubts
	Dues
	Cursors
	Wholes
	// Flush writes what a transaction may have gathered until then. Settle calls
	// it.
	Flush() error
}

// Findings are the groups and made rows of rules.
type Findings interface {
	// Finding is one finding; nil when there is none.
	Finding(r *detection.Rule, key string) (*Finding, error)
	// Prefetch says which findings will be asked for, so that they can be read
	// together. They need not be there.
	Prefetch(keys []string) error
	// Findings are all of a rule, sorted by key.
	Findings(r *detection.Rule) ([]*Finding, error)
	PutFinding(f *Finding) error
	// DeleteFinding deletes a finding with all that is of it: its windows,
	// members and risk. It need not be there.
	DeleteFinding(r *detection.Rule, key string) error
	// FindingsAfter are a rule's behind a key, sorted by key: so many at most.
	FindingsAfter(r *detection.Rule, key string, most int) ([]*Finding, error)
	// Forget deletes of whatever a rule has, findings with all that is of them,
	// lacks and what is due, about so many rows, and returns how many: 0 when nothing was left.
	// Between two calls a finding may be there in part.
	Forget(ruleID string, most int) (rows int, err error)
}

// Windows are what groups come to in single scheduled windows. Made rows have
// none.
type Windows interface {
	// Window is one window; nil when there is none.
	Window(r *detection.Rule, key string, start int64) (*Part, error)
	// Windows are all windows of a group, by their start.
	Windows(r *detection.Rule, key string) ([]Window, error)
	// Run are the groups that a rule's scheduled run over a window sees, each
	// with what it comes to there, sorted by key.
	Run(r *detection.Rule, start int64) ([]*Finding, error)
	PutWindow(r *detection.Rule, key string, w Window) error
	// DeleteWindow deletes a window, and neither members nor risk.
	DeleteWindow(r *detection.Rule, key string, start int64) error
}

// Members are the events of a finding.
type Members interface {
	// Members are the events of a finding in a window, in order.
	Members(r *detection.Rule, key string, start int64) ([]int64, error)
	// AddMembers adds events; those that are there already stay.
	AddMembers(r *detection.Rule, key string, members []Member) error
	// DeleteMember fails where there is no such finding.
	DeleteMember(r *detection.Rule, key string, m Member) error
	// PoolMembers makes the events of a made row those of some groups.
	PoolMembers(r *detection.Rule, key string, groups []string) error
	// Places are the groups that an event is in; made rows are not among them.
	Places(event int64) ([]Place, error)
}

// Risk is what scheduled runs made of findings.
type Risk interface {
	// Told are the findings of a rule that have risk, or the one with a key, with
	// the windows in which they have, each pair once.
	Told(r *detection.Rule, key string) ([]Place, error)
	// PutRisk adds what a run over a window makes of a finding, which has none
	// of that window. No two events are of the same risk object.
	PutRisk(r *detection.Rule, key string, start int64, events []detection.RiskEvent, threats []detection.Threat) error
	// DeleteRisk deletes what a run over a window made of a finding, of all
	// findings of the rule where key is "".
	DeleteRisk(r *detection.Rule, key string, start int64) error
}

// Lacks are the events that a rule matches and that are in no row.
type Lacks interface {
	// PutLack adds one; of several of one event and rule the first stays.
	PutLack(l Lack) error
	// DeleteLack deletes those of an event, of all rules where ruleID is "".
	DeleteLack(ruleID string, event int64) error
}

// Dues are what is yet to be made of rules whose rows are made together.
type Dues interface {
	// PutDue adds one; of several alike one stays.
	PutDue(d Due) error
	// Due are some of the first rule of which there are any, by their start.
	Due(most int) ([]Due, error)
	// DeleteDue deletes one. It need not be there.
	DeleteDue(d Due) error
}

// Cursors are how far each rule was run over the stored events.
type Cursors interface {
	// Cursors are those of all rules that were in force last, by id.
	Cursors() ([]Cursor, error)
	// Behind says how far those of them were run that are not Ran. The map is the
	// caller's.
	Behind() (map[string]int64, error)
	PutCursor(c Cursor) error
	DeleteCursor(ruleID string) error
}

// Wholes are the windows that rules which are Whole are yet to be run over.
type Wholes interface {
	// PutWhole notes one, or that what it holds has changed again.
	PutWhole(ruleID string, start int64) error
	// WholesDue are so many at most, the newest windows first.
	WholesDue(most int) ([]WholeDue, error)
	// DeleteWhole says that a rule was run over a window. It does nothing and is false
	// where the window has changed since it was read.
	DeleteWhole(d WholeDue) (bool, error)
}

// WholeDue is a window that a rule is yet to be run over. Turn is another one with each
// change of what the window holds.
type WholeDue struct {
	RuleID string
	Start  int64
	Turn   int64
}

// Finding is a group or a made row as it is stored.
type Finding struct {
	Rule *detection.Rule
	Key  string   // detection.FindingID
	By   []string // the BY values
	Made bool     // a row of several groups
	Part          // of all its events

	Dest    string      // normalised; "" when the row names none
	Row     []string    // the values of the rule's columns, in their order; "" for a null
	Verdict spl.Verdict // spl.Dropped: it is in no row

	doubt spl.Doubt // of a row that was made now
}

// Window is what a group comes to in one scheduled window.
type Window struct {
	Start int64 // second
	*Part
}

// Member is an event of a finding, and the start of the window it falls into.
type Member struct{ Start, Event int64 }

// Place is a window of a finding.
type Place struct {
	RuleID, Key string
	Start       int64
}

// Lack is an event that a rule matches and that lacks BY fields, or a time; or one
// for which the rule's search took more than it may (spl.Part.Undecided), whose
// Missing is "".
type Lack struct {
	RuleID  string
	Event   int64
	Dest    string // normalised; "" when it names none
	Missing string // the fields it lacks, joined by ", "
}

// Cursor says what a rule was when it was last put into force, and how far it
// was run.
type Cursor struct {
	RuleID, Name string
	Digest       string // of all that its states depend on, its filter left out
	Filter       string // of its search with its filter
	At           int64  // the last event that it was run over; Ran: it runs over new ones too
	// Filtered is, where its filter is yet to be run over what it found, the last
	// finding that it was run over, or Unfiltered; else "".
	Filtered string
}
