package search

import (
	"strconv"
	"time"

	"escutcheon/store"
)

// noteEvent is a note as an event of index=notes.
func noteEvent(n *store.Note) *made {
	m := newMade(n.Edited.Unix())
	m.time = n.Edited.UTC()
	m.set("index", notesIndex)
	m.set("note_id", strconv.FormatInt(n.ID, 10))
	m.set("dest", n.Dest)
	m.set("finding_id", n.Finding)
	m.set("author", n.Author)
	m.set("editor", n.Editor)
	m.set("created", n.Created.UTC().Format(time.RFC3339))
	m.set("edited", n.Edited.UTC().Format(time.RFC3339))
	m.set("revision", strconv.FormatInt(n.Revision, 10))
	status := "written"
	if n.Revision > 1 {
		status = "edited"
	}
	m.set("status", status)
	m.set("text", n.Text)
	return m.seal()
}
