package web_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"escutcheon/detection/risk"
	"escutcheon/handlers"
	"escutcheon/internal/consoletest"
)

// thrown is a store that panics as the settings are asked for.
type thrown struct{ handlers.SettingsStore }

func (thrown) Settings(context.Context) (risk.Settings, error) { panic("the settings are broken") }

// TestPanicOfAHandler: the page says that something went wrong and nothing of the
// program's inside, the log says where, and other pages are there.
func TestPanicOfAHandler(t *testing.T) {
	s := consoletest.New(t)
	s.Pages.Ask.Settings = thrown{s.Pages.Ask.Settings}
	for _, accept := range []string{"text/html", consoletest.JSON} {
		a := s.Do(t, http.MethodGet, "/settings", nil, "Accept", accept)
		if a.Status != http.StatusInternalServerError || !strings.Contains(a.Body, "Something went wrong on our side") ||
			strings.Contains(a.Body, "broken") || strings.Contains(a.Body, "goroutine") {
			t.Errorf("%s: status %d, %s", accept, a.Status, a.Body)
		}
	}
	if a := s.Do(t, http.MethodGet, "/imports", nil); a.Status != http.StatusOK {
		t.Errorf("another page: status %d", a.Status)
	}
	if said := s.Log.String(); strings.Count(said, "the settings are broken") != 2 ||
		!strings.Contains(said, "thrown.Settings") {
		t.Errorf("the log says %s", said)
	}
	s.Log.Reset() // that was asked for
}
