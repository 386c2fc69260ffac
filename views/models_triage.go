package views

import "time"

// TriagePanel is what was decided about a finding or a host, and the form that
// decides.
type TriagePanel struct {
	Status, Disposition, Owner, Urgency string // Owner "": nobody
	Open                                bool   // there is work left
	Revision                            int64  // 0: nobody has decided anything
	Author                              string
	At                                  time.Time
	Reopened                            bool // an event opened it
	Damaged                             bool // its row is not what was written: this is what its history says
	History                             []TriageStep
	AuditURL                            string // the trail of all that was changed of it; "" there is none
	Form                                TriageForm
}

// TriageStep is one change of a field.
type TriageStep struct {
	Author          string
	At              time.Time
	Field, Old, New string
	Why             string // where nobody chose it
}

// TriageForm is the state of a form that triages.
type TriageForm struct {
	Action                            string
	Back                              string // the page to lead back to
	Statuses, Dispositions, Urgencies []Option
	Owner, Author, Note               string
	Default                           string // the urgency that is set by nobody
	Several                           bool   // what is not chosen stays as it is
	Revision                          int64
	Mandatory                         bool     // a note is
	Keys                              []string // findings that are chosen
	Filter                            string   // the query of the list whose findings may be set all at once
	All                               int64    // how many these are
	Problem                           string
}

// TriagePage is a form that was not taken: with Conflict, as somebody else was
// quicker.
type TriagePage struct {
	Frame
	Heading, Where    string
	Several, Conflict bool
	Now               TriagePanel // as it stands
	Form              TriageForm
}

// TriageTold is what a change came to.
type TriageTold struct {
	Bulk    int64 // by which it can be undone; 0: it cannot
	Changed int64
	Undone  bool
	Kept    int64 // of an undo: what has changed since
	Back    string
}
