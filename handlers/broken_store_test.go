package handlers_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"escutcheon/handlers"
	"escutcheon/internal/consoletest"
	"escutcheon/web"
	"escutcheon/wire"
)

// visit asks the pages for an address, without a connection.
func visit(h *handlers.Handlers, path string, headers ...string) *httptest.ResponseRecorder {
	return ask(h, httptest.NewRequest(http.MethodGet, path, nil), headers...)
}

func ask(h *handlers.Handlers, r *http.Request, headers ...string) *httptest.ResponseRecorder {
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	web.New(h, slog.New(slog.DiscardHandler), wire.Rules{}).ServeHTTP(patient{w}, r)
	return w
}

// patient has the deadlines of a connection.
type patient struct{ *httptest.ResponseRecorder }

func (patient) SetReadDeadline(time.Time) error  { return nil }
func (patient) SetWriteDeadline(time.Time) error { return nil }

// TestEveryFailureIsTold: whichever call of the store fails, a page is an error
// page and nothing of the page: no failure is passed over in silence.
func TestEveryFailureIsTold(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	consoletest.LoadRisk(t, s)
	s.Load(t, "nameless.json", []byte(
		`{"EventTime":"2026-03-02 12:00:00","EventID":29,"Channel":"Microsoft-IIS-Configuration/Operational"}`+"\n{broken\n"))
	ids := s.Upload(t, nil, consoletest.Log("a.zip", consoletest.Zipped(t, consoletest.Log("a.xml",
		consoletest.EventXML("web03", 1)))))
	s.Until(t, ids[0], consoletest.Ended)
	if a := s.Post(t, "/hosts/web01/notes", url.Values{"author": {"a"}, "text": {"b"}}); a.Status != http.StatusSeeOther {
		t.Fatal(a.Status)
	}
	finding := s.FindingOf(t, consoletest.AppcmdID)
	pages := *s.Pages
	now := time.Now()
	pages.Now = func() time.Time { return now } // two visits say the same
	for path, least := range map[string]int{
		"/": 6, "/?severity=high": 6, "/hosts/web01": 15, "/hosts/web01?rule=" + consoletest.AppcmdID: 12,
		"/findings": 4, "/findings/" + finding: 8,
		"/events": 4, "/events/1": 4, "/imports": 4, "/imports/1": 4, "/imports/" + ids[0]: 5, "/imports/1/delete": 5,
		"/rules": 3, "/rules/" + consoletest.AppcmdID: 4, "/rules/" + consoletest.AppcmdID + "?like=" + finding: 5,
		"/rules/" + consoletest.AppcmdID + "/replay?dest=web01": 6, "/users": 5, "/users/svc_deploy": 7,
		"/threats?type=process_name&value=appcmd.exe": 3,
		"/settings": 4, "/notes/1/edit": 6, "/search?q=web01": 3, "/search?q=appcmd": 5,
		"/findings.csv": 1, "/risk.csv": 2,
		"/risk.csv?severity=high": 2,
		"/notes.csv":              1, "/imports?deleted=99": 5,
	} {
		pages.Ask = handlers.AskAll(s.Store)
		whole := visit(&pages, path)
		if whole.Code != http.StatusOK && whole.Code != http.StatusSeeOther {
			t.Errorf("%s: status %d", path, whole.Code)
			continue
		}
		calls := 1
		for ; ; calls++ {
			store := &flaky{Store: s.Store, at: calls}
			pages.Ask = handlers.AskAll(store)
			got := visit(&pages, path)
			if store.at > 0 { // the page was done before
				if got.Code != whole.Code || got.Body.String() != whole.Body.String() {
					t.Errorf("%s: two visits differ", path)
				}
				break
			}
			if got.Code != http.StatusInternalServerError || strings.Contains(got.Body.String(), errFlaky.Error()) {
				t.Errorf("%s: call %d of the store failed, status %d", path, calls, got.Code)
			}
			if kind := got.Header().Get("Content-Type"); !strings.HasPrefix(kind, "text/html") {
				t.Errorf("%s: call %d of the store failed, and a %q came", path, calls, kind)
			}
		}
		if calls-1 < least {
			t.Errorf("%s asks the store %d times, at least %d were expected", path, calls-1, least)
		}
	}
}
