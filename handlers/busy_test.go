package handlers_test

import (
	"context"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"escutcheon/access"
	"escutcheon/db"
	"escutcheon/fault"
	"escutcheon/handlers"
	"escutcheon/internal/consoletest"
	"escutcheon/signin"
	"escutcheon/store"
)

// busyNotes is a store to which another process writes without an end.
type busyNotes struct{ handlers.NoteStore }

var errBusy = fault.New(fault.Busy, "Another process (7) has been writing.")

func (busyNotes) AddNote(context.Context, store.Note) (int64, error) { return 0, errBusy }

func (busyNotes) EditNote(context.Context, int64, int64, string, string) error { return errBusy }

// TestANoteThatCannotBeStoredNowIsNotLost: the page comes back with its text.
func TestANoteThatCannotBeStoredNowIsNotLost(t *testing.T) {
	s := consoletest.New(t)
	s.Load(t, "a.json", consoletest.Change("web01", 1, consoletest.Noon, "/a"))
	form := url.Values{"author": {"First shift"}, "text": {"what I have seen"}, "revision": {"1"}}
	if a := s.Post(t, "/hosts/web01/notes", form); a.Status != http.StatusSeeOther {
		t.Fatalf("a note: %d %s", a.Status, a.Body)
	}
	s.Pages.Ask.Notes = busyNotes{s.Pages.Ask.Notes}
	for _, path := range []string{"/hosts/web01/notes", "/notes/1"} {
		form.Set("text", "typed at "+path)
		a := s.Post(t, path, form)
		if a.Status != http.StatusServiceUnavailable || !strings.Contains(a.Body, "typed at "+path) ||
			!strings.Contains(a.Body, "Another process (7)") {
			t.Errorf("%s: %d %s", path, a.Status, a.Body)
		}
	}
}

// busyAccounts is the same of accounts.
type busyAccounts struct{ signin.Store }

func (busyAccounts) SignedIn(context.Context, int64) error { return errBusy }

// TestSigningInThatCannotBeStoredNow: who may enter is not told that the password is wrong.
func TestSigningInThatCannotBeStoredNow(t *testing.T) {
	t.Parallel()
	set := func(h *handlers.Handlers, d *db.DB) { h.Gate = signin.New(busyAccounts{d}, d.Sessions(), time.Now) }
	s := consoletest.StartWith(t, filepath.Join(t.TempDir(), "x.db"), 1<<20, time.Now, set)
	const password = "a long word of hers"
	if _, err := signin.NewAccount(t.Context(), s.Store, "anna", access.Analyst, password); err != nil {
		t.Fatal(err)
	}
	for word, want := range map[string]int{password: http.StatusServiceUnavailable, "wrong": http.StatusUnauthorized} {
		a := s.Post(t, "/login", url.Values{"name": {"anna"}, "password": {word}})
		if a.Status != want || strings.Contains(a.Body, "Another process (7)") != (word == password) {
			t.Errorf("%q: %d %s", word, a.Status, a.Body)
		}
	}
}
