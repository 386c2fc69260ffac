package db_test

import (
	"strings"
	"testing"

	"escutcheon/fault"
	"escutcheon/store"
)

// TestSavedSearches: a search is kept under a name of its own, changed only from its
// newest revision, deleted, and brought back.
func TestSavedSearches(t *testing.T) {
	t.Parallel()
	d := open(t, t.TempDir()+"/a.db")
	ctx := t.Context()
	const kept = fault.Code("")
	keep := func(s store.SavedSearch, want fault.Code) store.SavedSearch {
		t.Helper()
		got, err := d.KeepSearch(ctx, s)
		if (err != nil || want != kept) && fault.CodeOf(err) != want {
			t.Fatalf("%+v: %v, want %v", s, err, want)
		}
		return got
	}
	a := keep(store.SavedSearch{Name: " shells ", Text: "cmd.exe", Earliest: "newest-24h", Columns: "User,Image",
		Editor: "anna"}, kept)
	if a.ID == 0 || a.Revision != 1 || a.Name != "shells" || a.Author != "anna" || a.Columns != "User,Image" {
		t.Errorf("%+v", a)
	}
	for name, s := range map[string]store.SavedSearch{"no name": {Text: "x", Editor: "a"}, "no text": {Name: "n",
		Editor: "a"}, "no author": {Name: "n", Text: "x"}, "taken": {Name: "shells", Text: "x", Editor: "a"},
		"long": {Name: "n", Editor: "a", Text: strings.Repeat("x", store.MaxSearchText+1)}} {
		t.Run(name, func(t *testing.T) { keep(s, fault.Invalid) })
	}
	next := a
	next.Name, next.Editor = "Shells, all", "ben"
	next = keep(next, kept)
	if next.Revision != 2 || next.Author != "anna" || next.Editor != "ben" || next.Text != "cmd.exe" {
		t.Errorf("%+v", next)
	}
	a.Editor = "anna"
	keep(a, fault.Conflict)
	if err := d.DeleteSearch(ctx, a.ID, 1); fault.CodeOf(err) != fault.Conflict || !strings.Contains(err.Error(), "ben") {
		t.Errorf("an old revision is deleted: %v", err)
	}
	if err := d.DeleteSearch(ctx, a.ID, 2); err != nil {
		t.Fatal(err)
	}
	other := keep(store.SavedSearch{Name: "Shells, all", Text: "x", Editor: "a"}, kept)
	if err := d.RestoreSearch(ctx, a.ID); fault.CodeOf(err) != fault.Conflict {
		t.Errorf("two searches of one name: %v", err)
	}
	if err := d.DeleteSearch(ctx, other.ID, 1); err != nil {
		t.Fatal(err)
	}
	if err := d.RestoreSearch(ctx, a.ID); err != nil {
		t.Fatal(err)
	}
	list, err := d.SavedSearches(ctx)
	if err != nil || len(list) != 1 || list[0] != next {
		t.Errorf("%+v, %v", list, err)
	}
	if _, gone, err := d.SavedSearch(ctx, other.ID); err != nil || !gone {
		t.Errorf("%v, %v", gone, err)
	}
	for _, err := range []error{d.RestoreSearch(ctx, 99), d.DeleteSearch(ctx, 99, 1)} {
		if fault.CodeOf(err) != fault.NotFound {
			t.Error(err)
		}
	}
}
