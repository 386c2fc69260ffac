package handlers_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"escutcheon/internal/consoletest"
)

// TestTemplates: kept in the settings, offered in every form of a note.
func TestTemplates(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	s.Load(t, "a.json", consoletest.Change("web01", 1, consoletest.Noon, "/a"))
	s.Post(t, "/hosts/web01/notes", url.Values{"author": {"a"}, "text": {"one"}})
	own := url.Values{"name": {" <Night> shift "}, "text": {"\r\n- `x`\r\n"}}
	if a := s.Post(t, "/settings/templates", own); a.Status != http.StatusSeeOther ||
		a.Header.Get("Location") != "/settings?template=saved#templates" {
		t.Fatalf("status %d %s", a.Status, a.Body)
	}
	if a := s.Get(t, "/notes/templates/1"); a.Body != "\n- `x`\n" ||
		!strings.HasPrefix(a.Header.Get("Content-Type"), "text/plain") {
		t.Errorf("the template is %q, %s", a.Body, a.Header.Get("Content-Type"))
	}
	if a := s.Get(t, "/notes/templates/containment"); !strings.HasPrefix(a.Body, "## Containment\n") {
		t.Errorf("a built-in one is %q", a.Body)
	}
	if a := s.Do(t, "GET", "/notes/templates/none", nil); a.Status != http.StatusNotFound {
		t.Errorf("none: %d", a.Status)
	}
	for _, path := range []string{"/hosts/web01", "/findings/" + s.FindingIDs(t)[0], "/notes/1/edit"} {
		got := oneLine(s.Doc(t, path).Find("#note-template option").Text())
		if !strings.Contains(got, "Triage of a module") || !strings.Contains(got, "<Night> shift") {
			t.Errorf("%s offers %q", path, got)
		}
	}
	d := s.Doc(t, "/settings?template=saved")
	if d.Find("#templates [role=status]").Text() != "Saved." || d.Find("#template-1-text").Text() != "\n- `x`\n" {
		t.Errorf("the settings show %q", d.Find("#templates").Text())
	}
}

// TestTemplatesRefused: the page comes back with what was written.
func TestTemplatesRefused(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	s.Post(t, "/settings/templates", url.Values{"name": {"a"}, "text": {"x"}})
	s.Post(t, "/settings/templates", url.Values{"id": {"1"}, "revision": {"1"}, "name": {"a"}, "text": {"y"}})
	for what, c := range map[string]struct {
		form   url.Values
		status int
		field  string
		says   string
	}{
		"a taken name": {url.Values{"name": {"a"}, "text": {"kept"}}, 400, "#template-0-text", "already"},
		"a stale change": {url.Values{"id": {"1"}, "revision": {"1"}, "name": {"a"}, "text": {"kept"}}, 409,
			"#template-1-text", "Somebody changed"},
		"a stale delete": {url.Values{"id": {"1"}, "revision": {"1"}, "text": {"kept"}, "do": {"delete"}}, 409,
			"#template-1-text", "Somebody changed"},
		"no number": {url.Values{"id": {"x"}, "name": {"b"}, "text": {"kept"}}, 400, "", "which template"},
		"negative":  {url.Values{"id": {"-1"}, "name": {"b"}, "text": {"kept"}}, 400, "", "which template"},
	} {
		a := s.Post(t, "/settings/templates", c.form)
		refused(t, what, a, c.status, c.says)
		if d := documentOf(t, a); c.field != "" && d.Find(c.field).Text() != "kept" {
			t.Errorf("%s: the form holds %q", what, d.Find(c.field).Text())
		}
	}
	if a := s.Post(t, "/settings/templates", url.Values{"name": {""}}, "Accept", consoletest.JSON); a.Status != 400 {
		t.Errorf("a program: %d", a.Status)
	}
	if a := s.Post(t, "/settings/templates", url.Values{"id": {"1"}, "revision": {"2"}, "do": {"delete"}}); a.Status !=
		http.StatusSeeOther {
		t.Errorf("deleted: %d", a.Status)
	}
	if a := s.Do(t, "GET", "/notes/templates/1", nil); a.Status != http.StatusNotFound {
		t.Errorf("after it was deleted: %d", a.Status)
	}
}
