package main_test

import (
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// cruel is a filter for which nothing decides anything about a finding.
const cruel = `regex Message="(?=(?=(?=(.*)*(.*)*X).*)*.*)*(?!.*Q).*(.+)+\1Z"`

// cruelHosts are enough findings that a server is not done with them while a test asks for a few pages.
const cruelHosts = 300

// TestCruelFilter: a filter that takes more than it may for any finding is
// acknowledged while it is under way, notes are taken meanwhile, the next start
// listens, and in the end its findings are shown as not decided.
func TestCruelFilter(t *testing.T) {
	db := filepath.Join(t.TempDir(), "test.db")
	var log []byte
	for i := range cruelHosts {
		at := time.Date(2026, 1, 5, 10, 0, 0, 0, time.UTC)
		log = append(log, nxlog(change(fmt.Sprintf("web%04d", i), int64(i+1), at, "/a"))...)
	}
	if got := call(t, nil, "import", "--db", db, write(t, "many.json", log)); got.code != 0 {
		t.Fatalf("%+v", got)
	}
	s := serve(t, db)
	rule := "/rules/" + seedRule
	page := s.get(t, rule+"?expression="+url.QueryEscape(cruel))
	if !strings.Contains(page, "not decided") && !strings.Contains(page, "not tried") {
		t.Error("a preview does not say what it cannot decide")
	}
	s.send(t, rule+"/filter", url.Values{"expression": {cruel}, "reason": {"x"}, "author": {"anna"}})
	s.send(t, "/hosts/web0001/notes", url.Values{"text": {"meanwhile"}, "author": {"anna"}})
	if page := s.get(t, rule); !strings.Contains(page, "filter is pending") {
		t.Error("the rule's page does not say that the filter is pending")
	}
	if page := s.get(t, "/findings?rule="+seedRule); !strings.Contains(page, "filter pending") {
		t.Error("no finding says that the filter is pending")
	}
	s.kill()
	s = serve(t, db)
	s.shows(t, "/hosts/web0001", "meanwhile", true)
	s.shows(t, rule, fmt.Sprint(cruelHosts)+" findings are not decided by the filter", true)
	s.shows(t, "/findings?rule="+seedRule, "filter not decided", true)
	s.shows(t, "/findings?rule="+seedRule, "filter pending", false)
}

// TestSafe: a server that is started with --safe forgets nothing, takes notes, lets
// imports wait and says why, and a rule that is switched off in it is off at the
// next start.
func TestSafe(t *testing.T) {
	db := filepath.Join(t.TempDir(), "test.db")
	at := time.Date(2026, 1, 5, 10, 0, 0, 0, time.UTC)
	log := write(t, "one.json", nxlog(change("web01", 1, at, "/a")))
	if got := call(t, nil, "import", "--db", db, log); got.code != 0 {
		t.Fatalf("%+v", got)
	}
	const csv = "/findings.csv?rule=" + seedRule
	s := serve(t, db, "--safe")
	s.shows(t, csv, "web01", true)
	s.send(t, "/hosts/web01/notes", url.Values{"text": {"safe and sound"}, "author": {"anna"}})
	for path, want := range map[string]string{"/hosts/web01": "safe and sound", "/": "Safe mode: no rule runs",
		"/rules": "escutcheon rules unfilter"} {
		s.shows(t, path, want, true)
	}
	s.send(t, "/demo", url.Values{})
	s.shows(t, "/imports", "no rule and no filter runs", true)
	s.send(t, "/rules/"+seedRule+"/disable", url.Values{"author": {"anna"}})
	s.shows(t, csv, "web01", true)
	s.kill()
	s = serve(t, db)
	s.shows(t, csv, "web01", false)
	s.shows(t, "/imports", "no rule and no filter runs", false)
	if got := call(t, nil, "serve", "--db", db, "--safe", "--rules", t.TempDir()); got.code != 2 ||
		!strings.Contains(got.stderr, "leave --rules out") {
		t.Errorf("%+v", got)
	}
}
