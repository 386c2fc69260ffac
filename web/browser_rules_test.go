package web_test

import (
	"strings"
	"testing"

	"escutcheon/internal/consoletest"

	"github.com/chromedp/chromedp"
)

// TestBrowserFilter is an analyst's way from a finding that is harmless to a
// filter that suppresses it, and back.
func TestBrowserFilter(t *testing.T) {
	b := openBrowser(t)
	s := consoletest.New(t)
	consoletest.LoadRisk(t, s)
	p := b.newTab(t, s)
	finding := "/findings/" + s.FindingOf(t, consoletest.AppcmdID)
	p.open(finding)
	p.click(`.title-do a[href*="like="]`)
	p.at("/rules/" + consoletest.AppcmdID)
	if got := eval[string](
		p, `document.querySelector(".preview-words").innerText`); got != "It takes away 1 of the 5 findings shown now." {
		t.Errorf("the preview says %q", got)
	}
	// A wider one, previewed before it is saved; the reason stays.
	p.do(chromedp.SendKeys(chromedp.CSS("#filter-reason"), "Known rollout"),
		chromedp.SendKeys(chromedp.CSS("#filter-author"), "First shift"))
	eval[bool](p, `(document.querySelector("#filter-expression").value = 'NOT dest="web01"', true)`)
	p.do(chromedp.Click(chromedp.CSS(".filter-editor button[formnovalidate]")))
	p.until(`location.search.includes("expression=") && document.readyState === "complete"`)
	if got := eval[string](
		p, `document.querySelector(".preview-words").innerText`); got != "It takes away 4 of the 5 findings shown now." {
		t.Errorf("the preview of the wider one says %q", got)
	}
	if got := eval[string](
		p, `document.querySelector("#filter-reason").value + "," + document.querySelector("#filter-author").value`); got != "Known rollout,First shift" {
		t.Errorf("after the preview the form holds %q", got)
	}
	p.do(chromedp.Click(chromedp.CSS(".filter-editor button.primary")))
	p.until(`document.querySelector(".filter-now") && location.hash === "#filter"`)
	p.open(finding)
	if got := eval[string](p, `document.querySelector(".suppressed-by").innerText`); !strings.Contains(got,
		"First shift") || !strings.Contains(got, "Known rollout") {
		t.Errorf("the finding says %q", got)
	}
	if n := s.Findings(t, consoletest.AppcmdID); n != 1 {
		t.Errorf("%d findings are shown, want 1", n)
	}

	p.click(".suppressed-by a")
	p.at("/rules/" + consoletest.AppcmdID)
	p.click(".filter-editor .menu > summary")
	p.do(chromedp.WaitVisible(chromedp.CSS("#remove-reason")),
		chromedp.SendKeys(chromedp.CSS("#remove-reason"), "Rollout is over"))
	if got := eval[string](p, `document.querySelector("#remove-author").value`); got != "First shift" {
		t.Errorf("the browser remembers %q", got)
	}
	p.do(chromedp.Click(chromedp.CSS(".filter-editor button.danger")))
	p.until(`document.querySelectorAll(".filter-history tbody tr").length === 2`)
	if n := s.Findings(t, consoletest.AppcmdID); n != 5 {
		t.Errorf("%d findings are shown at the end, want 5", n)
	}
}

// TestBrowserRuleSwitchWithoutScript switches a rule off and on without script.
func TestBrowserRuleSwitchWithoutScript(t *testing.T) {
	b := openBrowser(t)
	s := consoletest.New(t)
	consoletest.LoadRisk(t, s)
	p := b.newTab(t, s)
	p.noScript()
	p.open("/rules/" + consoletest.AppcmdID)
	p.click(`form[action$="/disable"] button`)
	p.do(chromedp.WaitVisible(chromedp.CSS(`form[action$="/enable"] button`)))
	if n := s.Findings(t, consoletest.AppcmdID); n != 0 {
		t.Errorf("%d findings of a rule that is off", n)
	}
	p.click(`form[action$="/enable"] button`)
	p.do(chromedp.WaitVisible(chromedp.CSS(`form[action$="/disable"] button`)))
	consoletest.Poll(t, func() bool { return s.Findings(t, consoletest.AppcmdID) == 5 })
}
