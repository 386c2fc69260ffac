package db_test

import (
	"testing"
	"time"

	"escutcheon/fault"
	"escutcheon/store"
)

// TestNoteTimes: a note and each of its revisions are of the caller's clock.
func TestNoteTimes(t *testing.T) {
	h := newHouse(t, stats(t))
	h.add("a", iis("web01", 0, 1, "/x"), iis("web02", 0, 2, "/x"))
	key := keyOf("stats", "web01")
	id, err := h.AddNote(ctx, store.Note{Dest: "web01", Finding: key, Author: "anna", Text: "first"})
	h.ok(err)
	edited, deleted := base.Add(time.Hour), base.Add(2*time.Hour)
	h.now = edited
	h.ok(h.EditNote(ctx, id, 1, "bert", "second"))
	n, err := h.NoteByID(ctx, id)
	h.ok(err)
	want := store.Note{ID: id, Dest: "web01", Finding: key, Author: "anna", Editor: "bert", Created: base,
		Edited: edited, Revision: 2, Text: "second"}
	h.is("edited", n, want)
	h.now = deleted
	h.ok(h.DeleteNote(ctx, id, 2, "carl"))
	want.Editor, want.Edited, want.Revision, want.Deleted = "carl", deleted, 3, true
	n, err = h.NoteByID(ctx, id)
	h.ok(err)
	h.is("deleted", n, want)
	history, err := h.Revisions(ctx, "web01")
	h.ok(err)
	h.is("history", history[id], []store.NoteRevision{{Revision: 1, Author: "anna", At: base, Action: "written",
		Text: "first"},
		{Revision: 2, Author: "bert", At: edited, Action: "edited", Text: "second"},
		{Revision: 3, Author: "carl", At: deleted, Action: "deleted", Text: "second"}})
	history, err = h.Revisions(ctx, "web02")
	h.ok(err)
	h.is("of another host", len(history), 0)
	_, err = h.NoteByID(ctx, 99)
	h.refuses("none", err, fault.NotFound, "no note 99")
	h.refuses("edit none", h.EditNote(ctx, 99, 1, "anna", "x"), fault.NotFound, "no note 99")
	h.refuses("by nobody", h.EditNote(ctx, id, 3, " ", "x"), fault.Invalid, "your name")
	h.refuses("deleted by nobody", h.DeleteNote(ctx, id, 3, ""), fault.Invalid, "your name")
}

// TestNotesOf: of one host, the newest first; deleted ones are not exported.
func TestNotesOf(t *testing.T) {
	h := newHouse(t, stats(t))
	h.add("a", iis("web01", 0, 1, "/x"), iis("web02", 0, 2, "/x"))
	for _, dest := range []string{"web01", "web02", "web01"} {
		_, err := h.AddNote(ctx, store.Note{Dest: dest, Author: "anna", Text: "x"})
		h.ok(err)
	}
	h.ok(h.DeleteNote(ctx, 3, 1, "anna"))
	list := func(notes []store.Note, err error) (out []int64) {
		t.Helper()
		h.ok(err)
		for _, n := range notes {
			out = append(out, n.ID)
		}
		return out
	}
	h.is("of web01", list(h.NotesOf(ctx, "web01")), []int64{3, 1})
	for dest, want := range map[string][]int64{"": {1, 2}, "web01": {1}, "web09": nil} {
		var got []int64
		for n, err := range h.Notes(ctx, dest) {
			h.ok(err)
			got = append(got, n.ID)
		}
		h.is("exported", got, want)
	}
}

// TestNotesWith: notes that stand are found by a text in any case, the newest
// first, and counted beyond the limit.
func TestNotesWith(t *testing.T) {
	h := newHouse(t, stats(t))
	h.add("a", iis("web01", 0, 1, "/x"))
	var ids []int64
	for _, text := range []string{"Über 100% sure", "nothing", "ÜBER\nall", "über"} {
		id, err := h.AddNote(ctx, store.Note{Dest: "web01", Author: "a", Text: text})
		h.ok(err)
		ids = append(ids, id)
	}
	h.ok(h.DeleteNote(ctx, ids[3], 1, "a"))
	for _, c := range []struct {
		text  string
		limit int
		want  []int64
		n     int64
	}{{"über", 9, []int64{ids[2], ids[0]}, 2}, {"ÜBER", 1, ids[2:3], 2}, {"%", 9, ids[:1], 1}, {"_", 9, nil, 0}} {
		list, n, err := h.NotesWith(ctx, c.text, c.limit)
		h.ok(err)
		var got []int64
		for _, note := range list {
			got = append(got, note.ID)
		}
		h.is(c.text, got, c.want)
		h.is("of "+c.text, n, c.n)
	}
}
