package handlers_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"escutcheon/handlers"
	"escutcheon/intake"
	"escutcheon/internal/consoletest"
)

// fakeImports is a store of imports that have ended, made by hand.
type fakeImports struct{ handlers.ImportStore }

func (fakeImports) ImportByID(_ context.Context, id int64) (intake.Import, error) {
	return intake.Import{ID: id, Name: "a.zip", Status: intake.Done}, nil
}

// fakeDeletion has archives with one member each, and deletes nothing.
type fakeDeletion struct {
	handlers.DeletionStore
	member intake.Status
}

func (f fakeDeletion) MemberCounts(context.Context, int64) (map[intake.Status]int64, error) {
	return map[intake.Status]int64{f.member: 1}, nil
}

// TestDeleteWhileMembersRun: an archive is not deleted as long as members of it
// are queued or running, nor is it asked whether it should be.
func TestDeleteWhileMembersRun(t *testing.T) {
	t.Parallel()
	for _, status := range []intake.Status{intake.Queued, intake.Running} {
		h := &handlers.Handlers{Now: time.Now, Ask: handlers.Ask{Frame: fakeFrame{}, Imports: fakeImports{},
			Deletion: fakeDeletion{member: status}}}
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			w := ask(h, httptest.NewRequest(method, "/imports/1/delete", nil), "Accept", consoletest.JSON)
			if w.Code != http.StatusConflict || !strings.Contains(w.Body.String(), "Members of this archive are being") {
				t.Errorf("%s with a member that is %s: %d %s", method, status, w.Code, w.Body)
			}
		}
	}
}

// TestPlaceInTheList: a link to another page or without a filter leaves the
// place in the list that the page has.
func TestPlaceInTheList(t *testing.T) {
	t.Parallel()
	fake := &fakeUsers{}
	h := &handlers.Handlers{Ask: handlers.Ask{Frame: fakeFrame{}, Users: fake, Risk: fake}, Book: noRules{},
		Now: time.Now}
	for _, place := range []string{"before", "after"} {
		checkLinks(t, docOf(t, visit(h, "/users?q=a&"+place+"=x"), http.StatusOK), map[string]string{
			"a[rel=prev]":                "/users?before=first%26&q=a",
			"a[rel=next]":                "/users?after=last%3D&q=a",
			"ul.chips li:nth-child(1) a": "/users",
		})
	}
}
