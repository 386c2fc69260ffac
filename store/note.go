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
