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
