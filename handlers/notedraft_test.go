package handlers_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"escutcheon/internal/consoletest"
)

// evidence is what a note must show to the letter.
const evidence = `<add name="X" image="\\?\C:\_tmp_\1*2*3.dll" />` + "\nnext   line"

// typed is the text in the form of a note.
func typed(d *goquery.Document) string { return d.Find("#note textarea[name=text]").Text() }

// TestNoteIsShownToTheLetter where it is read, and as typed.
func TestNoteIsShownToTheLetter(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	s.Load(t, "a.json", consoletest.Change("web01", 1, consoletest.Noon, "/a"))
	finding := s.FindingIDs(t)[0]
	text := "\n" + evidence + "\u202e"
	s.Post(t, "/hosts/web01/notes", url.Values{"author": {"a"}, "text": {text}, "finding": {finding}})
	for _, path := range []string{"/hosts/web01", "/findings/" + finding} {
		d := s.Doc(t, path)
		if got := d.Find(".note-text p").Text(); got != evidence+"[U+202E]" {
			t.Errorf("%s shows %q", path, got)
		}
		if got := d.Find(".typed pre").Text(); got != "\n"+evidence+"[U+202E]" {
			t.Errorf("%s says %q was typed", path, got)
		}
		written := d.Find(".typed").AttrOr("data-exact", "")
		if got, err := url.PathUnescape(written); err != nil || got != text || strings.Contains(written, "\u202e") {
			t.Errorf("%s has %q copied", path, written)
		}
	}
	if got := typed(s.Doc(t, "/notes/1/edit")); got != text {
		t.Errorf("%q is edited", got)
	}
	if got := consoletest.Rows(t, s.Get(t, "/notes.csv")); got[1][7] != text {
		t.Errorf("%q is exported", got[1][7])
	}
}

// TestNoteDrafts: a preview and a template change nothing but the form, and keep
// what else was typed.
func TestNoteDrafts(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	s.Load(t, "a.json", consoletest.Many(40, 2))
	s.Load(t, "b.json", consoletest.Change("web01", 900, consoletest.Noon, "/x"))
	var last string // a finding that the form does not offer
	offered := map[string]bool{}
	s.Doc(t, "/hosts/web01").Find("#note-finding option").Each(func(_ int, o *goquery.Selection) {
		offered[o.AttrOr("value", "")] = true
	})
	for _, id := range s.FindingIDs(t) {
		if !offered[id] {
			last = id
		}
	}
	if last == "" {
		t.Fatal("every finding is offered")
	}
	dest := s.Doc(t, "/findings/"+last).Find("input[name=dest]").AttrOr("value", "")
	form := url.Values{"author": {"First shift"}, "text": {"*seen*\r\n" + evidence}, "finding": {last}, "do": {"preview"}}
	for _, on := range []string{"", "finding"} {
		form.Set("on", on)
		a := s.Post(t, "/hosts/"+dest+"/notes", form)
		d := documentOf(t, a)
		if a.Status != http.StatusOK || typed(d) != "*seen*\n"+evidence ||
			d.Find("#note-author").AttrOr("value", "") != "First shift" {
			t.Errorf("on %q: %d, %q", on, a.Status, typed(d))
		}
		if got := d.Find("#note-preview:not([hidden]) .prose p").Text(); got != "seen\n"+evidence {
			t.Errorf("on %q: the preview is %q", on, got)
		}
		d.Find("a[href*='/notes?']").Each(func(_ int, l *goquery.Selection) {
			t.Errorf("on %q: a link to %s, which is no page", on, l.AttrOr("href", ""))
		})
		chosen := d.Find("#note-finding option[selected]").AttrOr("value", "")
		if on == "finding" {
			chosen = d.Find("#note input[type=hidden][name=finding]").AttrOr("value", "")
		}
		if chosen != last {
			t.Errorf("on %q: about %q", on, chosen)
		}
	}
	form.Set("do", "insert")
	form.Set("template", "triage")
	if got := typed(documentOf(t, s.Post(t, "/hosts/"+dest+"/notes", form))); !strings.HasPrefix(got,
		"*seen*\n"+evidence+"\n\n## Triage\n- Module:") {
		t.Errorf("with a template: %q", got)
	}
	form.Set("template", "none")
	if a := s.Post(t, "/hosts/"+dest+"/notes", form); a.Status != http.StatusNotFound {
		t.Errorf("a template that is not there: %d", a.Status)
	}
	if got := consoletest.Rows(t, s.Get(t, "/notes.csv")); len(got) != 1 {
		t.Errorf("notes were stored: %q", got)
	}
	if got := s.Post(t, "/notes/preview", url.Values{"text": {"*a* <b>"}}); got.Status != http.StatusOK ||
		!strings.Contains(got.Body, "<p><em>a</em> &lt;b&gt;</p>") || strings.Contains(got.Body, "<html") {
		t.Errorf("the preview alone: %d %s", got.Status, got.Body)
	}
}

// TestStaleDrafts: neither a preview nor a refusal makes a stale edit current.
func TestStaleDrafts(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	s.Load(t, "a.json", consoletest.Change("web01", 1, consoletest.Noon, "/a"))
	s.Post(t, "/hosts/web01/notes", url.Values{"author": {"a"}, "text": {"one"}})
	s.Post(t, "/notes/1", url.Values{"author": {"b"}, "text": {"two"}, "revision": {"1"}})
	for what, form := range map[string]url.Values{
		"preview":  {"author": {"a"}, "text": {"mine"}, "do": {"preview"}},
		"template": {"author": {"a"}, "text": {"mine"}, "do": {"insert"}, "template": {"hand-over"}},
		"no text":  {"author": {"a"}, "text": {""}},
		"no name":  {"text": {"mine"}},
	} {
		form.Set("revision", "1")
		d := documentOf(t, s.Post(t, "/notes/1", form))
		if got := d.Find("#note input[name=revision]").AttrOr("value", ""); got != "1" {
			t.Errorf("%s: the form is of revision %q", what, got)
		}
		if got := typed(d); !strings.HasPrefix(got, form.Get("text")) {
			t.Errorf("%s: the form holds %q", what, got)
		}
	}
	s.Post(t, "/notes/1/delete", url.Values{"author": {"b"}, "revision": {"2"}})
	a := s.Post(t, "/notes/1", url.Values{"author": {"a"}, "text": {"mine"}, "revision": {"1"}, "do": {"preview"}})
	consoletest.Says(t, a.Body, "This note was deleted while you wrote")
}

// TestNameIsAskedFor where it is missing, with the focus, and nothing is lost.
func TestNameIsAskedFor(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	s.Load(t, "a.json", consoletest.Change("web01", 1, consoletest.Noon, "/a"))
	finding := s.FindingIDs(t)[0]
	s.Post(t, "/hosts/web01/notes", url.Values{"author": {"a"}, "text": {"one"}})
	for path, form := range map[string]url.Values{
		"/hosts/web01/notes":  {"text": {evidence}, "finding": {finding}, "on": {"finding"}},
		"/hosts/web01/notes?": {"text": {evidence}},
		"/notes/1":            {"text": {evidence}, "revision": {"1"}},
		"/notes/1/delete":     {"revision": {"1"}},
	} {
		a := s.Post(t, path, form)
		d := documentOf(t, a)
		if a.Status != http.StatusBadRequest || d.Find("form.write input[name=author][autofocus]").Length() != 1 ||
			!strings.Contains(d.Find("#note-problem").Text(), "Type your name") {
			t.Errorf("%s: %d %s", path, a.Status, d.Find("form.write").Text())
		}
		if got := typed(d); got != form.Get("text") {
			t.Errorf("%s: the form holds %q", path, got)
		}
		consoletest.CheckPage(t, path, a.Body)
	}
	if d := s.Doc(t, "/hosts/web01"); d.Find("#note-1 form[action$=delete] input[name=author][required]").Length() != 1 {
		t.Error("the form that deletes a note does not ask for the name")
	}
	if got := s.Doc(t, "/hosts/web01").Find("#note [autofocus]").Length(); got != 0 {
		t.Error("the form takes the focus of a page that nobody wrote on")
	}
}

// TestBegunNote: an address may begin a note; no link of the page carries it on.
func TestBegunNote(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	s.Load(t, "a.json", consoletest.Change("web01", 1, consoletest.Noon, "/a"))
	ask := func(text string) *goquery.Document {
		return s.Doc(t, "/hosts/web01?"+url.Values{"note": {text}}.Encode())
	}
	d := ask("</textarea><script>" + evidence + "\r\n\xff")
	if got := typed(d); got != "</textarea><script>"+evidence+"\n\uFFFD" {
		t.Errorf("the form holds %q", got)
	}
	if n := d.Find("a[href*='textarea']").Length(); n > 0 {
		t.Errorf("%d links carry the text", n)
	}
	d = ask(strings.Repeat("ä", 4001))
	if got := typed(d); got != strings.Repeat("ä", 4000) || !strings.Contains(d.Find("#note-problem").Text(), "cut") {
		t.Errorf("a long text: %d bytes, %q", len(got), d.Find("#note-problem").Text())
	}
}
