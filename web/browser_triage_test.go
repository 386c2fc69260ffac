package web_test

import (
	"testing"

	"github.com/chromedp/chromedp"
)

// TestBrowserTriageKeepsWhatWasTyped: a status without a name asks for it in the form
// itself, first by the browser, then by the server; what was chosen and typed stays.
func TestBrowserTriageKeepsWhatWasTyped(t *testing.T) {
	b := openBrowser(t)
	s := noteConsole(t)
	p := b.newTab(t, s)
	p.open("/hosts/web01")
	const chosen = `document.querySelector("#t-status").value + "|" + document.querySelector("#t-note").value`
	p.do(chromedp.SetValue(chromedp.CSS("#t-status"), "Pending"), chromedp.SendKeys(chromedp.CSS("#t-note"), evidence))
	p.click(".triage-form button.primary") // the browser itself asks
	p.until(`document.activeElement.id === "t-author"`)
	eval[bool](p, `(() => { document.querySelector(".triage-form").noValidate = true; return true; })()`)
	p.click(".triage-form button.primary")
	p.at("/hosts/web01/triage")
	p.expect("400")
	p.until(`document.querySelector(".triage-form .problem")`)
	if got := eval[string](p, chosen); got != "Pending|"+evidence {
		t.Errorf("the form holds %q", got)
	}
	p.do(chromedp.SendKeys(chromedp.CSS("#t-author"), "Night shift"))
	p.click(".triage-form button.primary")
	p.until(`document.querySelector(".note-text") && document.querySelector("#t-status").value === "Pending"`)
}

// TestBrowserTriageBarCoversNothing: the form for chosen findings stands behind their
// list, and at the window's edge only while some are chosen; without a script, too.
func TestBrowserTriageBarCoversNothing(t *testing.T) {
	b := openBrowser(t)
	s := noteConsole(t)
	p := b.newTab(t, s)
	const place = `getComputedStyle(document.querySelector(".triage-bar")).position`
	for _, script := range []bool{true, false} {
		if !script {
			p.noScript()
		}
		for _, path := range []string{"/findings", "/hosts/web01"} {
			p.open(path)
			if got := eval[string](p, place); got != "static" {
				t.Errorf("%s, scripts %v: with nothing chosen it is %s", path, script, got)
			}
			p.click(`input[name=finding]`)
			if got := eval[string](p, place); got != "sticky" {
				t.Errorf("%s, scripts %v: with one chosen it is %s", path, script, got)
			}
		}
	}
}

// TestBrowserTriageDraft: the note of a status outlives the tab, is offered to be
// discarded, and goes when it is stored.
func TestBrowserTriageDraft(t *testing.T) {
	b := openBrowser(t)
	s := noteConsole(t)
	one := b.newTab(t, s)
	one.open("/hosts/web01")
	one.do(chromedp.SendKeys(chromedp.CSS("#t-note"), "half a thought"))
	one.open("/")
	const note = `document.querySelector("#t-note").value`
	two := b.newTab(t, s)
	two.open("/hosts/web01")
	two.until(`document.querySelector(".triage-form .restored:not([hidden])")`)
	if got := eval[string](two, note); got != "half a thought" {
		t.Errorf("restored %q", got)
	}
	two.click(".triage-form [data-discard]")
	if got := eval[string](two, note) + two.drafts(); got != "{}" {
		t.Errorf("discarded: %s", got)
	}
	two.do(chromedp.SendKeys(chromedp.CSS("#t-note"), "whole"), chromedp.SendKeys(chromedp.CSS("#t-author"), "Night"))
	two.click(".triage-form button.primary")
	two.until(`document.querySelector("pre[data-typed]")?.textContent.includes("whole")`)
	two.until(`localStorage.length === 0`)
	if got := eval[string](two, note); got != "" {
		t.Errorf("stored: %q", got)
	}
}
