package web_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

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

// TestBrowserSearchNarrow narrows a search: by drawing over the histogram, by the mouse
// and by keys, by a value at the side, and by what would be right of what is wrong; on a
// narrow screen what an event says is within it. Without a script the same is there.
func TestBrowserSearchNarrow(t *testing.T) {
	b := openBrowser(t)
	s := consoletest.New(t)
	var log []byte
	for i := range 40 {
		at := consoletest.Noon.Add(time.Duration(i) * time.Hour)
		log = append(log, consoletest.Change([]string{"web01", `b "x`}[i%2], int64(i+1), at, "/a")...)
	}
	s.Load(t, "a.json", log)
	p := b.newTab(t, s)
	p.do(chromedp.EmulateViewport(1440, 900))
	heading := func(want string) {
		t.Helper()
		p.until(`document.readyState === "complete" && document.querySelector("#results h2")?.textContent === ` +
			strconv.Quote(want))
	}
	p.open("/search?on=page&q=EventCode%3D29")
	heading("40 events")
	at := eval[[]float64](p, `(() => { const s = document.querySelector(".search-bars svg"), r = s.getBoundingClientRect();
		return [r.x, r.width / Number(s.dataset.bars), r.y + r.height / 2]; })()`)
	for _, e := range []input.DispatchMouseEventParams{{Type: "mousePressed", X: 4.5, Buttons: 1, ClickCount: 1},
		{Type: "mouseMoved", X: 11, Buttons: 1}, {Type: "mouseMoved", X: 13.5, Buttons: 1},
		{Type: "mouseReleased", X: 13.5, ClickCount: 1}} {
		e.X, e.Y, e.Button = at[0]+e.X*at[1], at[2], input.MouseButton("left")
		p.mouse(e)
	}
	heading("5 events") // bars are half an hour wide
	p.do(chromedp.Focus(chromedp.CSS(`[data-bar][tabindex="0"]`)))
	p.do(chromedp.KeyEvent(kb.ArrowRight, chromedp.KeyModifiers(chromedp.ModifierShift)))
	p.do(chromedp.KeyEvent(kb.ArrowRight, chromedp.KeyModifiers(chromedp.ModifierShift)))
	p.until(`/2026-03-02 .* UTC to 2026-03-0/.test(document.querySelector(".search-bars [role=status]").textContent)`)
	p.press("\r")
	heading("3 events")

	p.open("/search?on=page&q=EventCode%3D29")
	heading("40 events")
	eval[bool](p, `[...document.querySelectorAll(".search-field")].find(d => d.textContent.includes("web01")).open = true`)
	p.do(chromedp.Click(chromedp.CSS(`.search-field[open] a[aria-label^="Leave out"]`)))
	heading("20 events")
	p.open("/search?on=page&q=*+%7C+stast+count+by+host")
	p.until(`document.querySelector(".ask-paint .t-wrong")?.textContent === "stast"`)
	p.click("[data-mended]")
	heading("2 rows")

	p.do(chromedp.EmulateViewport(390, 900))
	p.open("/search?on=page&q=EventCode%3D29")
	heading("40 events")
	if got := eval[bool](p, `[...document.querySelectorAll(".search-events td")]
		.every(e => e.getBoundingClientRect().right <= innerWidth) && !document.querySelector(".search-fields details").open`); !got {
		t.Error("at 390 px an event goes beyond the edge, or the fields are not folded")
	}
	p.noScript()
	p.open("/search?on=page&q=EventCode%3D29")
	p.do(chromedp.Click(chromedp.CSS(".search-bars a")))
	heading("1 event")
	p.open("/search?on=page&q=*+%7C+stast+count+by+host")
	p.click("[data-mended]")
	heading("2 rows")
}
