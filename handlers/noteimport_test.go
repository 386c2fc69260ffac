package handlers_test

import (
	"bytes"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"escutcheon/internal/consoletest"
)

func importNotes(t *testing.T, s *consoletest.Server, fields []string, data string,
	headers ...string) consoletest.Answer {
	t.Helper()
	body, kind := consoletest.Multi(t, fields, consoletest.Log("notes.csv", []byte(data)))
	return s.Do(t, http.MethodPost, "/notes/import", body, append([]string{"Content-Type", kind}, headers...)...)
}

func TestImportNotes(t *testing.T) {
	t.Parallel()
	s, other := consoletest.New(t), consoletest.New(t)
	s.Load(t, "a.json", consoletest.Change("Web01", 1, consoletest.Noon, "/a"))
	key := s.FindingIDs(t)[0]
	for _, text := range []string{"=1", "'=<script>alert(1)</script>", "a\rb"} {
		s.Post(t, "/hosts/web01/notes", url.Values{"author": {"anna"}, "text": {text}, "finding": {key}})
	}
	s.Post(t, "/findings/"+key+"/triage", url.Values{"status": {"Pending"}, "owner": {"+olga"}, "author": {"anna"}})
	s.Post(t, "/cases", url.Values{"title": {"c"}, "author": {"anna"}, "finding": {key}}, "Accept", consoletest.JSON)
	out := s.Get(t, "/notes.csv")
	rows := consoletest.Rows(t, out)
	pin := rows[1][11]
	if len(rows) != 4 || strings.Join(rows[1][8:11], "|") != "Pending|Undetermined|'+olga" || pin == "" {
		t.Fatalf("notes.csv %q", rows)
	}
	if a := s.Get(t, "/evidence/"+pin); a.Status != http.StatusOK {
		t.Errorf("evidence %s: status %d", pin, a.Status)
	}
	for _, one := range []struct {
		s    *consoletest.Server
		want string
	}{{s, `{"new":0,"changed":0,"unchanged":3,"refused":[]}`}, {other, `{"new":3,"changed":0,"unchanged":0,"refused":[]}`},
		{other, `{"new":0,"changed":0,"unchanged":3,"refused":[]}`}} {
		a := importNotes(t, one.s, []string{"author", "zoe"}, out.Body, "Accept", consoletest.JSON)
		if a.Status != http.StatusOK || strings.TrimSpace(a.Body) != one.want {
			t.Errorf("status %d, %s; want %s", a.Status, a.Body, one.want)
		}
	}
	got, want := other.Get(t, "/notes.csv").Body, strings.ReplaceAll(out.Body, `,"`+pin+"\"\r\n", ",\"\"\r\n")
	if got != want {
		t.Errorf("there:\n%q\nwant:\n%q", got, want)
	}
	host := other.Get(t, "/hosts/web01")
	consoletest.CheckPage(t, "/hosts/web01", host.Body)
	if host.Status != http.StatusOK || !strings.Contains(host.Body, "anna") {
		t.Errorf("the host's page: status %d", host.Status)
	}
	if len(other.Spooled(t)) != 0 {
		t.Errorf("files stay in the spool: %q", other.Spooled(t))
	}
}

// As a page it says what came, and why a file was not taken.
func TestImportNotesPage(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	head := "note_id,dest,finding,author,created,edited,revision,note\n"
	for _, c := range []struct {
		data   string
		status int
		says   string
	}{
		{head + "1,web01,,a,2025-12-15T00:00:00,2025-12-15T00:00:00,1,x\n2,web01\n", 200, "Line 3: The row has 2 cells"},
		{"a,b\n<script>,\n", 400, "This is no notes.csv"},
		{head + "\"", 400, "a quote is not closed"},
	} {
		a := importNotes(t, s, nil, c.data)
		consoletest.CheckPage(t, "/notes/import", a.Body)
		doc, err := goquery.NewDocumentFromReader(strings.NewReader(a.Body))
		if err != nil {
			t.Fatal(err)
		}
		if words := consoletest.Words(doc, "#notes"); a.Status != c.status || !strings.Contains(words, c.says) {
			t.Errorf("%q: status %d, %s", c.data, a.Status, words)
		}
	}
	if a := s.Post(t, "/notes/import", nil, "Accept", consoletest.JSON); a.Status != http.StatusBadRequest {
		t.Errorf("without a file: status %d", a.Status)
	}
	body, kind := consoletest.Multi(t, []string{"author", "zoe"})
	if a := s.Do(t, http.MethodPost, "/notes/import", bytes.NewReader(body.Bytes()), "Content-Type",
		kind); a.Status != http.StatusBadRequest {
		t.Errorf("a form without a file: status %d", a.Status)
	}
}
