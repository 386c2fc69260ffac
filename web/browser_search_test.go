package web_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"escutcheon/internal/consoletest"
)

// ask writes into the box of the search page.
func (p *tab) ask(text string) {
	p.t.Helper()
	p.do(chromedp.Focus(chromedp.CSS("[data-ask]")))
	eval[bool](p, `(() => { document.querySelector("[data-ask]").value = ""; return true; })()`)
	p.do(chromedp.SendKeys(chromedp.CSS("[data-ask]"), text))
}

// enter presses Enter as one event, as a keyboard's is: who takes it keeps it from
// being typed.
func (p *tab) enter() {
	p.t.Helper()
	for _, e := range []input.DispatchKeyEventParams{{Type: input.DispatchKeyEventTypeKeyDown, Key: "Enter", Code: "Enter",
		Text: "\r", WindowsVirtualKeyCode: 13}, {Type: input.DispatchKeyEventTypeKeyUp, Key: "Enter", Code: "Enter"}} {
		if _, err := chromedp.Call(p.ctx, input.DispatchKeyEvent, e); err != nil {
			p.t.Fatal(err)
		}
	}
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
	p.do(chromedp.KeyEvent("|head 1"))
	p.enter()
	p.until(`document.querySelectorAll(".search-table tbody tr").length === 1`)
	if got := eval[string](p, `document.querySelector("[data-ask]").value`); got != "host=web01\n|head 1" {
		t.Errorf("what ran is %q", got)
	}
}

// TestBrowserSearchComplete writes a search with what is suggested, by keys and by the
// mouse.
func TestBrowserSearchComplete(t *testing.T) {
	b := openBrowser(t)
	s := consoletest.New(t)
	s.Load(t, "a.json", slices.Concat(consoletest.Change("web01", 1, consoletest.Noon, `/a`),
		consoletest.Change(`b "x|<i>`, 2, consoletest.Noon, `/a`)))
	p := b.newTab(t, s)
	p.open("/search?on=page")
	p.until(`document.querySelector(".painted")`)
	suggests := func(text string) {
		t.Helper()
		p.until(`[...document.querySelectorAll(".ask-list:not([hidden]) .log")].some(e => e.textContent === ` +
			strconv.Quote(text) + `)`)
	}
	value := func() string { return eval[string](p, `document.querySelector("[data-ask]").value`) }
	p.ask("hos")
	suggests("host")
	p.press("\t")
	if got := value(); got != "host=" {
		t.Fatalf("Tab took %q", got)
	}
	suggests(`b "x|<i>`)
	p.do(chromedp.KeyEvent("b"))
	suggests(`b "x|<i>`)
	p.do(chromedp.KeyEvent(kb.ArrowDown))
	p.until(`document.getElementById(document.querySelector("[data-ask]").getAttribute("aria-activedescendant")).ariaSelected === "true"`)
	p.enter()
	p.do(chromedp.KeyEvent("ü | sta"))
	suggests("stats")
	p.press("\x1b")
	p.until(`document.querySelector(".ask-list").hidden`)
	p.do(chromedp.KeyEvent("t"))
	suggests("stats")
	p.click(".ask-list li")
	p.do(chromedp.KeyEvent("cou"))
	suggests("count")
	p.do(chromedp.KeyEvent("nt by host"))
	p.enter() // nothing is chosen: it runs
	p.until(`document.querySelector("#results h2")?.textContent === "0 rows"`)
	if got := value(); got != `host="b \"x|<i>" ü | stats count by host` {
		t.Errorf("what ran is %q", got)
	}
}
