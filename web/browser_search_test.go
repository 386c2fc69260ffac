package web_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"escutcheon/internal/consoletest"
)

// ask writes into the box of the search page.
func (p *tab) ask(text string) {
	p.t.Helper()
	p.do(chromedp.Focus(chromedp.CSS("[data-ask]")))
	eval[bool](p, `(() => { document.querySelector("[data-ask]").value = ""; return true; })()`)
	p.do(chromedp.SendKeys(chromedp.CSS("[data-ask]"), text))
}

// TestBrowserSearchBar writes a search: its colours lie under the very text, it grows,
// Enter runs it, and Shift+Enter breaks a line.
func TestBrowserSearchBar(t *testing.T) {
	b := openBrowser(t)
	s := consoletest.New(t)
	s.Load(t, "a.json", consoletest.Change("web01", 1, consoletest.Noon, `/a`))
	p := b.newTab(t, s)
	p.open("/search?on=page")
	p.until(`document.querySelector(".painted")`)
	const text = "\tEventCode=29 \"<i>a\\\"|\" `m(1)` NOT x=\"\" [ search b | fields c ]  \n| eval y=lower(z)\n"
	for _, more := range []string{"", strings.Repeat("wide ", 80), "\n\n", strings.Repeat("ü", 400), "[[\"un`closed"} {
		eval[bool](p, `(() => { const b = document.querySelector("[data-ask]"); b.value = `+strconv.Quote(text+more)+
			`; b.dispatchEvent(new Event("input")); return true; })()`)
		if got := eval[string](p, `(() => { const b = document.querySelector("[data-ask]"), l = document.querySelector(".ask-paint");
			if (l.textContent !== b.value + "\u200b") return "other text: " + l.textContent;
			if (b.scrollHeight !== b.clientHeight || l.scrollHeight !== b.scrollHeight || l.clientWidth !== b.clientWidth)
				return [b.scrollHeight, b.clientHeight, l.scrollHeight, b.clientWidth, l.clientWidth].join(" ");
			for (const name of ["font", "letterSpacing", "padding", "borderWidth", "whiteSpace", "overflowWrap", "tabSize", "textIndent"])
				if (getComputedStyle(b)[name] !== getComputedStyle(l)[name]) return name;
			return ""; })()`); got != "" {
			t.Errorf("%.20q: the colours are not under the text: %s", more, got)
		}
	}
	if got := eval[string](p, `[...document.querySelectorAll(".ask-paint span:not(.t-space)")].slice(0, 5)
		.map(e => e.className + " " + e.textContent).join(", ")`); got !=
		`t-field EventCode, t-operator =, t-number 29, t-string "<i>a\"|", t-macro `+"`m(1)`" {
		t.Error(got)
	}
	p.ask("host=web01")
	p.do(chromedp.KeyEvent("\r", chromedp.KeyModifiers(8))) // Shift
	p.do(chromedp.KeyEvent("|head 1\r"))
	p.until(`document.querySelectorAll(".search-table tbody tr").length === 1`)
	if got := eval[string](p, `document.querySelector("[data-ask]").value`); got != "host=web01\n|head 1" {
		t.Errorf("what ran is %q", got)
	}
}
