package web_test

import (
	"context"
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"escutcheon/fault"
	"escutcheon/handlers"
	"escutcheon/internal/consoletest"
	"escutcheon/store"
)

// evidence is what a note must show to the letter.
const evidence = `<add name="X" image="\\?\C:\_tmp_\1*2*3.dll" />`

// noteConsole is a console with one host.
func noteConsole(t testing.TB) *consoletest.Server {
	t.Helper()
	s := consoletest.New(t)
	s.Load(t, "a.json", consoletest.Change("web01", 1, consoletest.Noon, "/a"))
	return s
}

// write types into the form of a note.
func (p *tab) write(text string) {
	p.t.Helper()
	p.do(chromedp.SendKeys(chromedp.CSS("#note-text"), text))
}

func (p *tab) text() string { return eval[string](p, `document.querySelector("#note-text").value`) }

// drafts is what the browser keeps.
func (p *tab) drafts() string { return eval[string](p, `JSON.stringify(localStorage)`) }

// TestBrowserDraftOutlivesTheTab, is offered to be discarded, and goes when it is
// stored and not before.
func TestBrowserDraftOutlivesTheTab(t *testing.T) {
	b := openBrowser(t)
	s := noteConsole(t)
	one := b.newTab(t, s)
	one.open("/hosts/web01")
	one.write("half a thought\n" + evidence)
	if one.open("/"); !strings.Contains(one.drafts(), "half a thought") { // nothing asks whether to leave
		t.Fatal(one.drafts())
	}
	two := b.newTab(t, s)
	two.open("/hosts/web01")
	two.until(`!document.querySelector("[data-restored]").hidden`)
	if got := two.text(); got != "half a thought\n"+evidence {
		t.Errorf("restored: %q", got)
	}
	if got := eval[string](two, `document.querySelector("[data-restored]").innerText`); !strings.Contains(got,
		"Restored the draft of ") || !strings.Contains(got, "Discard") {
		t.Errorf("the line says %q", got)
	}
	two.open("/hosts/web01?note=Verdict:+planted#note")
	two.until(`document.activeElement.id === "note-text"`)
	if got := two.text(); got != "half a thought\n"+evidence+"\n\nVerdict: planted" {
		t.Errorf("with what the address begins: %q", got)
	}
	two.open("/hosts/web01")
	two.do(chromedp.Click(chromedp.CSS("[data-discard]")))
	if got := two.text() + two.drafts(); got != "{}" {
		t.Errorf("discarded: %s", got)
	}

	two.write("kept <b> to the end")
	two.do(chromedp.SendKeys(chromedp.CSS("#note-author"), "First shift"))
	s.Pages.Ask.Notes = lostNotes{s.Pages.Ask.Notes}
	two.click("#note button.primary")
	two.until(`document.querySelector(".failure")`)
	two.expect("404")
	s.Pages.Ask.Notes = s.Pages.Ask.Notes.(lostNotes).NoteStore
	two.open("/hosts/web01")
	two.until(`!document.querySelector("[data-restored]").hidden`)
	two.do(chromedp.SendKeys(chromedp.CSS("#note-author"), "First shift"))
	two.click("#note button.primary")
	two.until(`document.querySelector("#note-1 .note-text")`)
	two.until(noDraft) // what a page shows is there before its scripts
	if got := two.text(); got != "" {
		t.Errorf("after it is stored: %s", got)
	}

	two.open("/notes/1/edit")
	two.write(", longer") // at its start, where the cursor is
	two.open("/notes/1/edit")
	two.until(`!document.querySelector("[data-restored]").hidden`)
	two.click("#note button.primary")
	two.until(`document.querySelector("#note-1 .note-text p").textContent === ", longerkept <b> to the end"`)
	two.until(noDraft)
}

// noDraft holds where nothing is kept.
const noDraft = `JSON.stringify(localStorage) === "{}"`

// TestBrowserNotePreview: in place and current with a script; the text, the name
// and what it is about stay without one.
func TestBrowserNotePreview(t *testing.T) {
	b := openBrowser(t)
	s := noteConsole(t)
	p := b.newTab(t, s)
	p.open("/hosts/web01")
	p.write("**seen** " + evidence)
	p.click("#note [data-preview]")
	const shown = `document.querySelector("#note-preview:not([hidden]) .prose p")`
	p.until(shown + ` && ` + shown + `.textContent.startsWith("seen <add")`)
	if got := eval[string](p, shown+`.textContent`); got != "seen "+evidence {
		t.Errorf("the preview is %q", got)
	}
	if got := eval[string](p, `location.pathname + document.querySelector("[data-preview-status]").textContent +
		document.querySelector("[data-preview]").getAttribute("aria-expanded")`); !strings.HasPrefix(got,
		"/hosts/web01The preview is shown") || !strings.HasSuffix(got, "true") {
		t.Errorf("told: %q", got)
	}
	p.write("\nmore")
	p.until(shown + `.textContent.endsWith("\nmore")`)
	p.click("#note [data-preview]")
	p.until(`document.querySelector("#note-preview").hidden`)

	finding := s.FindingIDs(t)[0]
	p = b.newTab(t, s)
	p.noScript()
	p.open("/findings/" + finding)
	p.write("~~not~~ " + evidence)
	p.do(chromedp.SendKeys(chromedp.CSS("#note-author"), "First shift"))
	p.click("#note [data-preview]")
	p.until(shown)
	if got := eval[string](p, shown+`.innerHTML`); !strings.HasPrefix(got, "<s>not</s> &lt;add name=") {
		t.Errorf("without script: %s", got)
	}
	if got := p.text(); got != "~~not~~ "+evidence {
		t.Errorf("without script the text is %q", got)
	}
	p.click("#note button.primary")
	p.until(`document.querySelector("#note-1 .note-text s")`)
	if got := consoletest.Rows(t, s.Get(t, "/notes.csv"))[1]; got[2] != finding || got[3] != "First shift" {
		t.Errorf("stored: %q", got)
	}
}

// TestBrowserNameIsAskedFor in the form itself; what was typed stays.
func TestBrowserNameIsAskedFor(t *testing.T) {
	b := openBrowser(t)
	s := noteConsole(t)
	s.Post(t, "/hosts/web01/notes", url.Values{"author": {"a"}, "text": {"one"}})
	p := b.newTab(t, s)
	p.open("/hosts/web01")
	p.write(evidence)
	p.click("#note button.primary") // the browser itself asks
	p.until(`document.activeElement.id === "note-author"`)
	eval[bool](p, `(() => { document.querySelector("#note").noValidate = true; return true; })()`)
	p.click("#note button.primary")
	p.at("/hosts/web01/notes")
	p.expect("400")
	p.until(`document.activeElement.id === "note-author"`)
	if got := p.text(); got != evidence {
		t.Errorf("the form holds %q", got)
	}
	p.open("/hosts/web01")
	p.click("#note-1 .note-do summary")
	p.do(chromedp.WaitVisible(chromedp.CSS("#delete-1")))
	p.click("#note-1 .note-do button.danger")
	p.until(`document.activeElement.id === "delete-1"`)
	p.do(chromedp.SendKeys(chromedp.CSS("#delete-1"), "Night shift"))
	p.click("#note-1 .note-do button.danger")
	p.until(`document.querySelector("#note-1 del")`)
}

// TestBrowserNoteTemplate: inserted where the cursor is, and at the end without
// a script.
func TestBrowserNoteTemplate(t *testing.T) {
	b := openBrowser(t)
	s := noteConsole(t)
	s.Post(t, "/settings/templates", url.Values{"name": {"Own"}, "text": {"- [x](/)\n"}})
	p := b.newTab(t, s)
	p.open("/hosts/web01")
	p.write("before after")
	eval[bool](p, `(() => { document.querySelector("#note-text").setSelectionRange(6, 6); return true; })()`)
	p.do(chromedp.SetValue(chromedp.CSS("#note-template"), "1"))
	p.click("#note [data-insert]")
	p.until(`document.querySelector("#note-text").value === "before\n\n- [x](/)\n after"`)
	if got := p.drafts(); !strings.Contains(got, "[x]") {
		t.Errorf("the draft is %s", got)
	}
	p = b.newTab(t, s)
	p.noScript()
	p.open("/hosts/web01")
	p.write("before")
	p.do(chromedp.SetValue(chromedp.CSS("#note-template"), "hand-over"))
	p.click("#note [data-insert]")
	p.until(`document.querySelector("#note-text").value.startsWith("before\n\n## Hand-over\n")`)
}

// TestBrowserNoteFetchesNothing: what a note names is not asked for.
func TestBrowserNoteFetchesNothing(t *testing.T) {
	b := openBrowser(t)
	s := noteConsole(t)
	s.Post(t, "/hosts/web01/notes", url.Values{"author": {"a"}, "text": {
		"![a](/favicon.ico?seen) <img src=/favicon.ico?seen onerror=\"document.title='overtaken'\"> " +
			"<script src=/favicon.ico?seen></script> [b](/favicon.ico?seen) <link rel=stylesheet href=/favicon.ico?seen> https://evil.example/x.png"}})
	p := b.newTab(t, s)
	p.open("/hosts/web01")
	p.until(`document.querySelector("#note-1 .note-text a")`)
	got := eval[string](p, `performance.getEntriesByType("resource").map(e => e.name).join("\n") + document.title`)
	if strings.Contains(got, "seen") || strings.Contains(got, "evil.example") || strings.Contains(got, "overtaken") {
		t.Errorf("fetched or run: %s", got)
	}
	if got := eval[string](p, `document.querySelector("#note-1 .note-text").innerText`); !strings.Contains(got,
		`<img src=/favicon.ico?seen onerror="document.title='overtaken'">`) {
		t.Errorf("the note shows %q", got)
	}
}

// lostNotes is a store of notes that fails.
type lostNotes struct{ handlers.NoteStore }

func (lostNotes) AddNote(context.Context, store.Note) (int64, error) {
	return 0, fault.New(fault.NotFound, "The request went astray.")
}
