package web_test

import (
	"net/url"
	"testing"
	"time"

	"escutcheon/internal/consoletest"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
)

// press presses keys, one after another. A letter is one event, as a keyboard's
// is: who takes it keeps it from being typed.
func (p *tab) press(keys ...string) {
	p.t.Helper()
	for _, k := range keys {
		if k < " " {
			p.do(chromedp.KeyEvent(k))
			continue
		}
		for _, down := range []input.DispatchKeyEventParams{{Type: input.DispatchKeyEventTypeKeyDown, Key: k, Text: k},
			{Type: input.DispatchKeyEventTypeKeyUp, Key: k}} {
			if _, err := chromedp.Call(p.ctx, input.DispatchKeyEvent, down); err != nil {
				p.t.Fatal(err)
			}
		}
	}
}

// TestBrowserKeys goes through the lists by keys alone: from row to row, opens one,
// chooses some for their status, writes a note, searches, and is told the keys.
func TestBrowserKeys(t *testing.T) {
	b := openBrowser(t)
	s := consoletest.New(t)
	s.Load(t, "a.json", append(consoletest.Many(3, 4), consoletest.Change("web01", 900, consoletest.Noon.Add(time.Hour),
		`/system.webServer/globalModules/add[@name="X"]`)...))
	if a := s.Post(t, "/hosts/web01/notes", url.Values{"author": {"anna"}, "text": {"one"}}); a.Status != 303 {
		t.Fatal(a.Status)
	}
	p := b.newTab(t, s)
	current := func() string {
		return eval[string](p, `document.querySelector("tr[aria-current] a[data-open], tr[aria-current] th a")?.href ?? ""`)
	}
	p.open("/")
	p.press("j", "j", "k")
	first := eval[string](p, `document.querySelector("table.hosts tbody th a").href`)
	if got := current(); got != first || !eval[bool](p, `document.activeElement.href === "`+first+`"`) {
		t.Fatalf("at %q, want %q with the focus", got, first)
	}
	p.press("\r")
	p.until(`location.pathname.startsWith("/hosts/") && document.readyState === "complete"`)
	p.press("n")
	p.until(`document.activeElement.id === "note-text"`)
	p.press("j", "?") // they are typed
	p.until(`document.getElementById("note-text").value === "j?" && !document.getElementById("keys").open`)

	p.open("/findings")
	p.press("j", "x", "j", "x", "s")
	p.until(`document.activeElement.id === "b-status"`)
	if n := eval[int](p, `document.querySelectorAll("td.pick input[name=finding]:checked").length`); n != 2 {
		t.Errorf("%d findings are chosen, want 2", n)
	}
	p.open("/findings")
	p.press("j")
	if got := eval[string](p, `document.activeElement.pathname`); got != eval[string](p,
		`document.querySelector("table.findings a[data-open]").pathname`) {
		t.Errorf("the focus is at %q", got)
	}
	p.press("n")
	p.until(`location.pathname.startsWith("/findings/") && document.activeElement.id === "note-text"`)

	p.open("/")
	p.press("j", "s")
	p.until(`location.pathname.startsWith("/hosts/") && document.activeElement.id === "t-status"`)

	for _, path := range []string{"/findings", "/imports", "/rules", "/search?q=web", "/hosts/web01"} {
		p.open(path)
		p.press("j")
		p.until(`document.querySelector("[data-rows] [aria-current]")`)
		if !eval[bool](p, `document.querySelector("[data-rows] [aria-current]").contains(document.activeElement)`) {
			t.Errorf("%s: the focus is not in the current row", path)
		}
	}
	p.open("/findings")
	p.press("j", "p")
	p.until(`document.querySelector("#preview dl.pairs")`)
	first = eval[string](p, `document.querySelector("#preview h1").textContent`)
	p.press("j")
	p.until(`document.querySelector("#preview dl.pairs") && document.querySelector("#preview h1").textContent !== "` +
		first + `"`)
	p.press("\x1b")
	p.until(`document.getElementById("preview").hidden && document.querySelector("tr[aria-current]")
		.contains(document.activeElement)`)
	p.press("v")
	p.until(`document.querySelector(".value-box a")`)
	p.click(`.value-box div:first-child a + a`)
	p.until(`location.search.startsWith("?not.dest=") && document.readyState === "complete"`)

	p.open("/hosts/web01")
	p.press("?")
	p.until(`document.getElementById("keys").open`)
	p.press("\x1b")
	p.until(`!document.getElementById("keys").open`)
	p.press("/")
	p.until(`document.activeElement.id === "search"`)
}

// TestBrowserSkipLinks are the first stops of Tab: the note's form is the second.
func TestBrowserSkipLinks(t *testing.T) {
	b := openBrowser(t)
	s := consoletest.New(t)
	s.Load(t, "a.json", consoletest.Many(3, 4))
	p := b.newTab(t, s)
	p.open("/hosts/web001")
	p.press("\t", "\t", "\r")
	p.until(`document.activeElement.id === "note-text"`)
	p.open("/findings")
	p.press("\t", "\t")
	p.until(`document.activeElement.hash === "#filters"`)
	p.press("\r", "\t")
	p.until(`document.activeElement.closest("#filters")`)
}
