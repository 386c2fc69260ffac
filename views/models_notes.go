package views

import "time"

// NoteView is one note, as it stands now.
type NoteView struct {
	ID              int64
	Dest            string
	FindingID       string // "" for a note on the whole dest
	FindingLabel    string
	Author          string // who wrote it first
	Editor          string // of the newest revision; "" or Author when it is the same
	Created, Edited time.Time
	Revision        int64
	Text            string // as written
	Deleted         bool
	History         []NoteRevision // newest first
}

// NoteRevision is one state that a note has had.
type NoteRevision struct {
	Revision int64
	Author   string
	At       time.Time
	Action   string // "written", "edited", "deleted"
	Text     string
}

// NoteForm is the state of a form that writes a note.
type NoteForm struct {
	Author   string
	Text     string
	Findings []Option // to tie it to, without the empty choice
	Finding  string   // on a finding's page: tied to it, no choice
	Problem  string   // why the last attempt was not taken
	Unsigned bool     // because the name was missing: it is asked for first
	Preview  bool     // Text is shown as it would be, too
	// Origin is "begun" when the address began the text, "back" when it is what was
	// typed and sent, else "".
	Origin    string
	Templates []Option // to insert, by what handlers call them
}

// NoteEditPage edits a note; with Conflict it is the answer to a stale edit:
// Note is what stands now, Draft what the analyst wrote.
type NoteEditPage struct {
	Frame
	Spelling string
	Note     NoteView
	Draft    string
	Problem  string
	Conflict bool
	// YourRevision is the one that the draft was written from.
	YourRevision int64
	Unsigned     bool // as in NoteForm
	Preview      bool
	Origin       string
	Templates    []Option
}

// NoteTemplate is a text that a note can begin with, on the page of settings.
type NoteTemplate struct {
	ID         int64 // 0 of a new one, and of one that is built in
	Revision   int64
	Name, Text string
	Problem    string // why the last change was not taken; its texts are as typed then
	Snippet    bool   // it is a recommendation's
}

// NotesImport is what came of a file of notes.
type NotesImport struct {
	Told                             bool // a file was taken: of it
	New, Changed, Unchanged, Refused int64
	Lines                            []RefusedLine // the first of the refused
	Problem                          string        // why a file was not taken
}

// RefusedLine is a row of a file that was left out, and why.
type RefusedLine struct {
	Line   int64
	Reason string
}
