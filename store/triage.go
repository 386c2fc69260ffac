package store

import (
	"time"

	"escutcheon/triage"
)

// Triage is what analysts decided about a finding or a host. The zero value is
// that of what nobody has looked at.
type Triage struct {
	Status      triage.Status
	Disposition triage.Disposition
	Urgency     triage.Urgency // Default: its rule's, see Finding
	Owner       string         // "" for nobody
	Revision    int64          // 0: nobody has decided anything
	Author      string         // of the newest revision; "" where an event reopened it
	At          time.Time
	Reopened    bool // an event opened it, and nobody has set a status since
	Damaged     bool // the row is not what was written; the history has what was decided
}

// The kinds of what is triaged.
const (
	OfFinding = "finding"
	OfHost    = "host"
)

// TriageChange is what somebody sets at once: of findings, or of a host. What is
// nil stays.
type TriageChange struct {
	Findings  []string       // keys
	Filter    *FindingFilter // all findings that it chooses instead
	Host      string         // dest, instead; its findings stay as they are
	Revisions []int64        // that were seen, one for each finding or one for all; nil: whatever they are

	Status      *triage.Status
	Disposition *triage.Disposition
	Urgency     *triage.Urgency
	Owner       *string
	Note        string // goes with it: of a finding, or one of each dest that names its findings
	Author      string
}

// Triaged is what a change came to.
type Triaged struct {
	Bulk    int64 // its number, by which it can be undone; 0 when nothing changed
	Changed int64 // findings or hosts
	All     int64 // with those that were so already
	Notes   int64
}

// MostTriaged is how many findings are changed at once.
const MostTriaged = 100_000

// TriageStep is one change of a field.
type TriageStep struct {
	Bulk     int64
	Revision int64
	Author   string
	At       time.Time
	Field    string // status, disposition, urgency or owner
	Old, New string
	Why      string // where nobody chose it: "event 12 joined", "undo of 7"
	Damaged  bool   // the row is not what was written
}

// StatusStep is a change of status: of a host, or of findings of it at once.
type StatusStep struct {
	At     time.Time
	Kind   string // OfHost or OfFinding
	New    string // in words
	Author string // "" where an event did it
	Count  int64  // findings
}
