package main_test

import (
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const seedRule = "55f22929-cfd3-4388-ba5c-4d01fac7ee7e"

// send sends a form as a page of the server would.
func (s *served) send(t testing.TB, path string, form url.Values) {
	t.Helper()
	req, err := http.NewRequest(http.MethodPost, s.url+path, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Origin", s.url)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode >= http.StatusBadRequest {
		t.Fatalf("POST %s: %s", path, resp.Status)
	}
}

// shows waits until a page holds a text, or does not.
func (s *served) shows(t testing.TB, path, text string, want bool) {
	t.Helper()
	page := ""
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(200 * time.Millisecond) {
		if page = s.get(t, path); strings.Contains(page, text) == want {
			return
		}
	}
	t.Fatalf("%s: %q %v after a minute:\n%.2000s", path, text, !want, page)
}

// A rule is switched off, its filter taken away and switched on again from outside,
// and a server that runs notices.
func TestRulesMended(t *testing.T) {
	db := filepath.Join(t.TempDir(), "test.db")
	s := serve(t, db)
	const csv = "/findings.csv?rule=" + seedRule
	at := time.Date(2026, 1, 5, 10, 0, 0, 0, time.UTC)
	log := write(t, "one.json", nxlog(change("web01", 1, at, "/a")))
	if got := call(t, nil, "import", "--db", db, log); got.code != 0 {
		t.Fatalf("%+v", got)
	}
	s.shows(t, csv, "web01", true)
	s.send(t, "/rules/"+seedRule+"/filter", url.Values{"expression": {`dest!="web01"`}, "reason": {"known"},
		"author": {"anna"}})
	s.shows(t, csv, "web01", false)
	for _, step := range []struct {
		verb, says string
		code       int
		row        bool
	}{
		{"unfilter", "has no filter any more", 0, true},
		{"unfilter", "has no filter", 1, true},
		{"disable", "is switched off", 0, false},
		{"enable", "is switched on", 0, true},
	} {
		got := call(t, nil, "rules", step.verb, "--db", db, seedRule)
		if got.code != step.code || !strings.Contains(got.stdout+got.stderr, step.says) {
			t.Fatalf("%s: %+v", step.verb, got)
		}
		s.shows(t, csv, "web01", step.row)
	}
}

func TestRulesMendedFails(t *testing.T) {
	db := filepath.Join(t.TempDir(), "test.db")
	for _, tt := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"rules", "disable", "--db", db}, 2, "name the rule by its id"},
		{[]string{"rules", "disable", "--db", db, "nobody"}, 1, `There is no rule "nobody"`},
		{[]string{"rules", "enable", "--db", db, seedRule, "more"}, 2, `unexpected argument "more"`},
	} {
		got := call(t, nil, tt.args...)
		if got.code != tt.code || !strings.Contains(got.stderr, tt.want) || got.stdout != "" {
			t.Errorf("%q: %d %q %q", tt.args, got.code, got.stdout, got.stderr)
		}
	}
}
