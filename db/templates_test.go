package db_test

import (
	"fmt"
	"strings"
	"testing"

	"escutcheon/fault"
	"escutcheon/store"
)

// TestNoteTemplates: kept by name, changed and deleted at their revision alone.
func TestNoteTemplates(t *testing.T) {
	h := newHouse(t)
	list := func() []store.NoteTemplate {
		t.Helper()
		out, err := h.NoteTemplates(ctx)
		h.ok(err)
		return out
	}
	h.is("at first", len(list()), 0)
	h.ok(h.KeepNoteTemplate(ctx, store.NoteTemplate{Name: "b", Text: "two"}))
	h.ok(h.KeepNoteTemplate(ctx, store.NoteTemplate{Name: "a", Text: "one"}))
	h.is("kept", list(), []store.NoteTemplate{{ID: 2, Name: "a", Text: "one", Revision: 1},
		{ID: 1, Name: "b", Text: "two", Revision: 1}})
	h.ok(h.KeepNoteTemplate(ctx, store.NoteTemplate{ID: 2, Revision: 1, Name: "a", Text: "\none "}))
	now := []store.NoteTemplate{{ID: 2, Name: "a", Text: "\none ", Revision: 2},
		{ID: 1, Name: "b", Text: "two", Revision: 1}}
	h.is("changed", list(), now)
	for what, c := range map[string]struct {
		t    store.NoteTemplate
		code fault.Code
		says string
	}{
		"a stale change": {store.NoteTemplate{ID: 2, Revision: 1, Name: "a", Text: "x"}, fault.Conflict, "Somebody changed"},
		"one that is not there": {store.NoteTemplate{ID: 9, Revision: 1, Name: "c", Text: "x"}, fault.NotFound,
			"no template 9"},
		"a name that is taken": {store.NoteTemplate{Name: "a", Text: "x"}, fault.Invalid, `"a" already`},
		"another's name":       {store.NoteTemplate{ID: 2, Revision: 2, Name: "b", Text: "x"}, fault.Invalid, `"b" already`},
		"no name":              {store.NoteTemplate{Name: " ", Text: "x"}, fault.Invalid, "Give the template a name"},
		"a long name": {store.NoteTemplate{Name: strings.Repeat("n", 101), Text: "x"}, fault.Invalid,
			"longer than 100"},
		"no text":     {store.NoteTemplate{Name: "c", Text: "\n"}, fault.Invalid, "is empty"},
		"a long text": {store.NoteTemplate{Name: "c", Text: strings.Repeat("x", 10_001)}, fault.Invalid, "longer than 10000"},
	} {
		h.refuses(what, h.KeepNoteTemplate(ctx, c.t), c.code, c.says)
	}
	h.refuses("a stale delete", h.DeleteNoteTemplate(ctx, store.NoteTemplate{ID: 2, Revision: 1}), fault.Conflict,
		"Somebody changed")
	h.is("after what was refused", list(), now)
	h.ok(h.DeleteNoteTemplate(ctx, store.NoteTemplate{ID: 2, Revision: 2}))
	h.is("deleted", list(), now[1:])
	for i := range store.MaxTemplates - 1 {
		h.ok(h.KeepNoteTemplate(ctx, store.NoteTemplate{Name: fmt.Sprint(i), Text: "x"}))
	}
	h.refuses("one too many", h.KeepNoteTemplate(ctx, store.NoteTemplate{Name: "more", Text: "x"}), fault.Invalid,
		"There are 50 templates")
}
