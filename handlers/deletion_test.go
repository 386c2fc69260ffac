package handlers_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"escutcheon/handlers"
	"escutcheon/intake"
	"escutcheon/internal/consoletest"
)

// fakeQueue deletes at once, or not.
type fakeQueue struct {
	handlers.Queue
	done bool
}

func (q fakeQueue) Delete(context.Context, int64) (bool, error) { return q.done, nil }

// TestADeletionThatTakesLong: a program is told that it goes on, a person is
// shown the list.
func TestADeletionThatTakesLong(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		done   bool
		accept string
		status int
	}{
		{true, consoletest.JSON, http.StatusNoContent},
		{false, consoletest.JSON, http.StatusAccepted},
		{true, "text/html", http.StatusSeeOther},
		{false, "text/html", http.StatusSeeOther},
	} {
		h := &handlers.Handlers{Now: time.Now, Queue: fakeQueue{done: c.done}, Ask: handlers.Ask{Frame: fakeFrame{},
			Imports: fakeImports{}, Deletion: fakeDeletion{member: intake.Done}}}
		w := ask(h, httptest.NewRequest(http.MethodPost, "/imports/1/delete", nil), "Accept", c.accept)
		if w.Code != c.status || w.Body.Len() != 0 {
			t.Errorf("done %t, %s: %d %q", c.done, c.accept, w.Code, w.Body)
		}
	}
}
