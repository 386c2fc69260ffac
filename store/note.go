package store

import "time"

// Note is what an analyst wrote about a dest, as it stands now.
type Note struct {
	ID              int64
	Dest            string // normalised
	Finding         string // key of the finding it is about, or ""
	Author          string // who wrote it first
	Editor          string // of the newest revision
	Created, Edited time.Time
	Revision        int64 // 1 when just written
	Text            string
	Deleted         bool
}

// NoteRevision is one state that a note has had. Action is "written",
// "edited" or "deleted".
type NoteRevision struct {
	Revision int64
	Author   string
	At       time.Time
	Action   string
	Text     string
}

// NoteRow is a note as it leaves, and comes back.
type NoteRow struct {
	Note             // its times in whole seconds, of what comes back
	Triage   Triage  // of its finding, else of its host
	Evidence []int64 // numbers of the pins of that finding, else of that host
	Line     int64   // of the file that it comes back with, and
	Wrong    string  // why it cannot
}

// NotesImported is what an import of notes came to. What is unchanged was there, in
// this revision or a newer one.
type NotesImported struct {
	New       int64         `json:"new"`
	Changed   int64         `json:"changed"`
	Unchanged int64         `json:"unchanged"`
	Refused   []RefusedLine `json:"refused"`                // MaxRefused at most
	More      int64         `json:"refused_more,omitempty"` // that were refused besides
}

// RefusedLine is a row of a file of notes that was left out.
type RefusedLine struct {
	Line   int64  `json:"line"`
	Reason string `json:"reason"`
}

// MaxRefused is how many refused rows are named.
const MaxRefused = 1000

// MaxNoteID is the greatest number that a note may bring along.
const MaxNoteID = 1 << 40

// MaxNote is the greatest length of a note in bytes, MaxAuthor of a name.
const (
	MaxNote   = 100_000
	MaxAuthor = 200
)

// NoteTemplate is a text that a note can begin with.
type NoteTemplate struct {
	ID       int64 // 0 when it is new
	Name     string
	Text     string
	Revision int64 // 1 when just written
}

// What there may be of templates: how many, and the bytes of a name and a text.
const (
	MaxTemplates    = 50
	MaxTemplateName = 100
	MaxTemplate     = 10_000
)
