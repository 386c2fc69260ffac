package handlers

import (
	"context"
	"fmt"
	"slices"

	"github.com/labstack/echo/v4"

	"escutcheon/store"
	"escutcheon/views"
)

// A page has so many notes, and of long ones, with their history, so many bytes;
// one at least.
const (
	notesPage  = 40
	notesBytes = 40_000
)

// noteList are notes, newest first, with their history.
type noteList struct {
	notes   []store.Note
	history map[int64][]store.NoteRevision
}

// noteList reads the notes of a host, or those of one of its findings.
func (h *Handlers) noteList(ctx context.Context, dest, finding string) (l noteList, err error) {
	if l.notes, err = h.Ask.Notes.NotesOf(ctx, dest); err != nil || len(l.notes) == 0 {
		return l, err
	}
	if finding != "" {
		l.notes = slices.DeleteFunc(l.notes, func(n store.Note) bool { return n.Finding != finding })
	}
	l.history, err = h.Ask.Notes.Revisions(ctx, dest)
	return l, err
}

// end is where the page that begins at a note ends.
func (l noteList) end(from int) (upTo int) {
	size := 0
	for upTo = from; upTo < len(l.notes) && upTo < from+notesPage; upTo++ {
		n := &l.notes[upTo]
		size += len(n.Text)
		for _, r := range l.history[n.ID] {
			if n.Revision > 1 { // else it is not shown
				size += len(r.Text)
			}
		}
		if upTo > from && size > notesBytes {
			break
		}
	}
	return upTo
}

// standing counts those of some notes that are not deleted.
func standing(notes []store.Note) (n int64) {
	for _, note := range notes {
		if !note.Deleted {
			n++
		}
	}
	return n
}

// notesOf are the notes of a host, or of one of its findings, newest first, with
// their history: a page that begins with the newest, or with the note of
// notes-from= or the one before it.
func (h *Handlers) notesOf(c echo.Context, dest, finding string) (out []views.NoteView, p views.Pager, err error) {
	ctx := c.Request().Context()
	l, err := h.noteList(ctx, dest, finding)
	if err != nil {
		return nil, p, err
	}
	var first int64
	from := 0
	if _, err := fmt.Sscan(c.QueryParam("notes-from"), &first); err == nil {
		from = max(0, slices.IndexFunc(l.notes, func(n store.Note) bool { return n.ID <= first }))
	}
	upTo := l.end(from)
	p = views.Pager{Prev: "newest", Shown: int(standing(l.notes[from:upTo])), Total: standing(l.notes)}
	if from > 0 {
		p.PrevURL = with(c, "notes-from", "") + "#notes-title"
	}
	if upTo < len(l.notes) {
		p.NextURL = with(c, "notes-from", fmt.Sprint(l.notes[upTo].ID)) + "#notes-title"
	}
	labels := map[string]string{}
	for _, n := range l.notes[from:upTo] {
		out = append(out, h.noteView(ctx, n, l.history[n.ID], labels))
	}
	return out, p, nil
}

// noteURL is the place of a note on the page of its host that has it.
func (h *Handlers) noteURL(ctx context.Context, n store.Note) (string, error) {
	l, err := h.noteList(ctx, n.Dest, "")
	from, upTo := 0, l.end(0)
	for upTo < len(l.notes) && l.notes[upTo-1].ID > n.ID {
		from, upTo = upTo, l.end(upTo)
	}
	if err != nil || from == 0 {
		return noteAnchor(n.Dest, n.ID), err
	}
	return views.WithQuery(views.HostURL(n.Dest), "notes-from", fmt.Sprint(l.notes[from].ID)) +
		fmt.Sprintf("#note-%d", n.ID), nil
}
