package web_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"escutcheon/internal/consoletest"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// noScript switches the tab's scripts off.
func (p *tab) noScript() {
	p.t.Helper()
	if _, err := chromedp.Call(p.ctx, emulation.SetScriptExecutionDisabled,
		emulation.SetScriptExecutionDisabledParams{Value: true}); err != nil {
		p.t.Fatal(err)
	}
}

// TestBrowserReview is an analyst's way: a host from the list, a mark of its
// timeline to the finding, an event of it, and the table as CSV.
func TestBrowserReview(t *testing.T) {
	b := openBrowser(t)
	s := consoletest.New(t)
	var log []byte
	for i := range 5 {
		log = append(log, consoletest.Change("Web01.corp.example", int64(i+1),
			consoletest.Noon.Add(time.Duration(3*i)*time.Hour), fmt.Sprintf("/p%d", i))...)
	}
	s.Load(t, "a.json", log)
	p := b.newTab(t, s)
	p.open("/")
	p.do(chromedp.Click(chromedp.CSS(`table.hosts th[scope=row] a`)))
	p.at("/hosts/web01.corp.example")
	if got := eval[string](p, `document.querySelector("h1").innerText`); got != "Web01.corp.example" {
		t.Errorf("the host's page is of %q", got)
	}
	marks := eval[[]string](p, `[...document.querySelectorAll("[data-mark]")].map(m => m.getAttribute("href"))`)
	tableRows := eval[[]string](
		p, `[...document.querySelectorAll("[data-timeline-rows] [data-row] td.msg a")].map(a => a.getAttribute("href"))`)
	slices.Reverse(tableRows) // the newest is first
	if len(marks) != 5 || !slices.Equal(marks, tableRows) {
		t.Errorf("marks %q, rows beneath %q; want the same five in the same order", marks, tableRows)
	}
	labels := eval[[]string](p, `[...document.querySelectorAll("[data-mark]")].map(m => m.getAttribute("aria-label"))`)
	for i, l := range labels {
		if !strings.Contains(l, fmt.Sprintf("/p%d", i)) || !strings.Contains(l, "50") {
			t.Errorf("mark %d is called %q", i, l)
		}
	}

	p.clickMark(2)
	p.until(`location.pathname.startsWith("/findings/") && document.readyState === "complete"`)
	if got := eval[string](p, `location.pathname`); got != marks[2] {
		t.Errorf("the mark led to %s, want %s", got, marks[2])
	}
	if got := eval[string](p, `document.querySelector("#main").innerText`); !strings.Contains(got, "/p2") {
		t.Errorf("the finding's page does not name /p2")
	}

	p.click("details.event > summary")
	p.do(chromedp.WaitVisible(chromedp.CSS("details.event[open] dl")))
	p.do(chromedp.Click(chromedp.CSS(`details.event[open] a[href^="/events/"]`)))
	p.until(`location.pathname.startsWith("/events/") && document.readyState === "complete"`)
	if got := eval[string](p, `document.querySelector("#main dl").innerText`); !strings.Contains(got, "/p2") {
		t.Errorf("the event's fields do not hold /p2: %s", got)
	}
	p.do(chromedp.Click(chromedp.CSS(`a[href$="show=raw"]`)), chromedp.WaitVisible(chromedp.CSS("pre.raw")))
	if got := eval[string](p, `document.querySelector("pre.raw").innerText`); !strings.Contains(got, `"RecordNumber":3`) {
		t.Errorf("the original is %s", got)
	}
}

// clickMark clicks a mark of the timeline with the mouse.
func (p *tab) clickMark(n int) {
	p.t.Helper()
	p.until(`document.querySelector("[data-timeline]").dataset.ready !== undefined`)
	at := eval[[]float64](
		p, fmt.Sprintf(
			`(() => { const m = document.querySelectorAll("[data-mark]")[%d]; m.scrollIntoView({block: "center", inline: "center"});
		const r = m.querySelector("path").getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2]; })()`, n))
	p.do(chromedp.MouseClickXY(at[0], at[1]))
}

// TestBrowserCSV: what the export link downloads is what the page shows.
func TestBrowserCSV(t *testing.T) {
	b := openBrowser(t)
	s := consoletest.New(t)
	s.Load(t, "many.json", consoletest.Many(40, 3))
	p := b.newTab(t, s)
	p.open("/findings?dest=web001")
	shown := eval[[]string](p, `[...document.querySelectorAll("table.findings tbody tr")].map(r =>
		[...r.cells].filter(c => !c.querySelector("input") && !["status", "owner", "severity"].includes(c.dataset.label)).map(c => {
		const t = c.querySelector("time"); const a = c.querySelector("a");
		return t ? t.getAttribute("datetime").replace("Z", "") : (a || c).textContent.trim(); }).join("|"))`)
	// The download's own address, asked for by the page itself.
	text := evalAsync(p, `fetch(document.querySelector("a[download]").href).then(r => r.text())`)
	var got []string
	for _, r := range consoletest.Rows(
		t, consoletest.Answer{Header: map[string][]string{"Content-Type": {"text/csv; charset=utf-8"}}, Body: text})[1:] {
		got = append(got, strings.Join(r, "|"))
	}
	slices.Sort(got)
	slices.Sort(shown)
	if len(got) != 13 || !slices.Equal(got, shown) {
		t.Errorf("%d rows in the file, %d on the page, want 13 of each\n%q\n%q", len(got), len(shown), got, shown)
	}
	if got := p.download("a[download]"); got != text {
		t.Errorf("the downloaded file differs:\n%s", got)
	}
}

// TestBrowserNotes: written, edited, and in conflict between two tabs.
func TestBrowserNotes(t *testing.T) {
	b := openBrowser(t)
	s := consoletest.New(t)
	s.Load(t, "a.json", consoletest.Change("web01", 1, consoletest.Noon, "/a"))
	one, two := b.newTab(t, s), b.newTab(t, s)
	one.open("/hosts/web01")
	one.do(chromedp.SendKeys(chromedp.CSS("#note-text"), "checked **the** module"),
		chromedp.SendKeys(chromedp.CSS("#note-author"), "First shift"))
	one.click("form.write[data-draft] button[type=submit]")
	one.until(
		`document.querySelector("#note-1 .note-text strong") && document.querySelector("#note-1 .note-text strong").innerText === "the"`)
	if got := eval[string](one, `document.querySelector("#note-author").value`); got != "First shift" {
		t.Errorf("the name is not kept: %q", got)
	}
	for _, p := range []*tab{one, two} {
		p.open("/notes/1/edit")
		if got := eval[string](p, `document.querySelector("#note-text").value`); got != "checked **the** module" {
			t.Errorf("the form holds %q", got)
		}
	}
	one.rewrite("written in one tab")
	one.at("/hosts/web01")
	one.until(`document.querySelector("#note-1 .note-text").innerText.includes("written in one tab")`)
	two.rewrite("written in the other")
	two.until(`document.querySelector("[role=alert]")`)
	two.expect("409") // the browser logs the status
	if got := eval[string](two, `document.querySelector("#main").innerText`); !strings.Contains(got,
		"written in one tab") {
		t.Errorf("the conflict does not show the other text:\n%s", got)
	}
	if got := eval[string](two, `document.querySelector("#note-text").value`); got != "written in the other" {
		t.Errorf("the draft is %q", got)
	}
	two.click("form.write[data-draft] button[type=submit]")
	two.at("/hosts/web01")
	two.until(`document.querySelector("#note-1 .note-text").innerText.includes("written in the other")`)
	if got := consoletest.Rows(t, s.Get(t, "/notes.csv")); len(got) != 2 || got[1][6] != "3" ||
		got[1][7] != "written in the other" {
		t.Errorf("notes.csv %q", got)
	}
	if got := eval[int](two, `document.querySelectorAll("#note-1 .history li").length`); got != 3 {
		t.Errorf("%d states in the history, want 3", got)
	}
}

// rewrite replaces a note's text and saves it.
func (p *tab) rewrite(text string) {
	p.t.Helper()
	eval[bool](p, `(() => { const a = document.querySelector("#note-text"); a.focus(); a.select(); return true; })()`)
	p.do(chromedp.KeyEvent(text))
	if eval[string](p, `document.querySelector("#note-author").value`) == "" {
		p.do(chromedp.SendKeys(chromedp.CSS("#note-author"), "Night shift"))
	}
	p.click("form.write[data-draft] button[type=submit]")
}
