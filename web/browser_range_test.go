package web_test

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"escutcheon/internal/consoletest"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
)

// loadRange has events of one host over five days, and a module at their end.
func loadRange(t *testing.T, s *consoletest.Server) {
	t.Helper()
	var log []byte
	for i := range 40 {
		log = append(log, consoletest.Change("web01", int64(i+1), consoletest.Noon.Add(time.Duration(3*i)*time.Hour),
			fmt.Sprintf("/p%d", i))...)
	}
	s.Load(t, "a.json", append(log, consoletest.Change("web01", 900, consoletest.Noon.Add(120*time.Hour),
		`/system.webServer/globalModules/add[@name="X"]`)...))
}

// rangeShown is the range of the picture, and that of the address, in seconds; the
// address without one has 0, 0.
type rangeShown struct{ From, To, FromAsked, ToAsked float64 }

func (p *tab) rangeShown() rangeShown {
	return eval[rangeShown](p, `(() => { const d = document.querySelector("svg[data-from]").dataset,
		q = new URL(location.href).searchParams, at = (n) => q.get(n) ? Date.parse(q.get(n)) / 1000 : 0;
		return {From: Number(d.from), To: Number(d.to), FromAsked: at("from"), ToAsked: at("to")}; })()`)
}

// untilRange waits until the picture shows what the address asks for and that is
// not what was.
func (p *tab) untilRange(was rangeShown) rangeShown {
	p.t.Helper()
	p.until(fmt.Sprintf(`(() => { const d = document.querySelector("svg[data-from]").dataset, q = new URL(location.href).searchParams;
		const whole = !q.get("from"); return (d.from !== "%.0f" || d.to !== "%.0f") && (whole ||
		Date.parse(q.get("from")) / 1000 === Number(d.from) && Date.parse(q.get("to")) / 1000 === Number(d.to)); })()`,
		was.From, was.To))
	return p.rangeShown()
}

// place is where a part of the picture's time is, on the screen.
func (p *tab) place(part float64) (x, y float64) {
	at := eval[[]float64](p, fmt.Sprintf(`(() => { const s = document.querySelector("svg[data-from]");
		s.scrollIntoView({block: "center"}); const r = s.getBoundingClientRect(), u = r.width / s.viewBox.baseVal.width;
		const l = Number(s.dataset.left), e = Number(s.dataset.right);
		return [r.x + (l + (e - l) * %v) * u, r.y + r.height - 50 * u]; })()`, part))
	return at[0], at[1]
}

func (p *tab) mouse(e input.DispatchMouseEventParams) {
	p.t.Helper()
	if _, err := chromedp.Call(p.ctx, input.DispatchMouseEvent, e); err != nil {
		p.t.Fatal(err)
	}
}

// TestBrowserRange zooms and moves a timeline by mouse and by keys: the address has
// the range, the table is the range's, Back restores, and without a script the same
// is shown.
func TestBrowserRange(t *testing.T) {
	b := openBrowser(t)
	s := consoletest.New(t)
	loadRange(t, s)
	p := b.newTab(t, s)
	p.do(chromedp.EmulateViewport(1440, 1000))
	p.open("/hosts/web01")
	p.until(`document.querySelector("[data-live]")`)
	whole := p.rangeShown()
	span := whole.To - whole.From

	x1, y := p.place(.25)
	x2, _ := p.place(.5)
	p.mouse(input.DispatchMouseEventParams{Type: "mousePressed", X: x1, Y: y, Button: "left", Buttons: 1, ClickCount: 1})
	p.mouse(input.DispatchMouseEventParams{Type: "mouseMoved", X: (x1 + x2) / 2, Y: y, Button: "left", Buttons: 1})
	p.mouse(input.DispatchMouseEventParams{Type: "mouseMoved", X: x2, Y: y, Button: "left", Buttons: 1})
	p.mouse(input.DispatchMouseEventParams{Type: "mouseReleased", X: x2, Y: y, Button: "left", ClickCount: 1})
	drawn := p.untilRange(whole)
	if math.Abs(drawn.From-whole.From-span/4) > span/200 || math.Abs(drawn.To-whole.From-span/2) > span/200 {
		t.Errorf("drawn over the second quarter of %+v: %+v", whole, drawn)
	}
	rows := eval[[]float64](p, `[...document.querySelectorAll("[data-timeline-rows] [data-row]")].map(r => Number(r.dataset.t))`)
	for _, at := range rows {
		if at <= drawn.From || at > drawn.To {
			t.Errorf("a row of %v outside of %+v", at, drawn)
		}
	}
	if len(rows) < 10 {
		t.Errorf("%d rows in the quarter of 41", len(rows))
	}

	scrolled := eval[float64](p, `scrollY`)
	x, y := p.place(.5)
	p.mouse(input.DispatchMouseEventParams{Type: "mouseWheel", X: x, Y: y, DeltaX: .01, DeltaY: -120})
	closer := p.untilRange(drawn)
	if closer.To-closer.From >= drawn.To-drawn.From || closer.From < drawn.From || closer.To > drawn.To {
		t.Errorf("closer than %+v: %+v", drawn, closer)
	}
	p.press("-")
	wider := p.untilRange(closer)
	p.do(chromedp.KeyEvent("\u0302")) // ArrowLeft
	earlier := p.untilRange(wider)
	if w := wider.To - wider.From; math.Abs(w-2*(closer.To-closer.From)) > 2 ||
		math.Abs(wider.From-earlier.From-w/4) > 2 || math.Abs(earlier.To-earlier.From-w) > 2 {
		t.Errorf("%+v is twice %+v, and %+v a quarter earlier", wider, closer, earlier)
	}
	p.press("+")
	half := p.untilRange(earlier)
	p.press("0")
	if back := p.untilRange(half); math.Abs(back.To-back.From-span) > 2 || back.FromAsked != 0 {
		t.Errorf("0 shows %+v", back)
	}
	was := p.rangeShown()
	p.do(chromedp.NavigateBack())
	p.untilRange(was)
	for range 8 { // what followed at once is one step
		if !strings.Contains(eval[string](p, `location.search`), "from=") {
			break
		}
		was = p.rangeShown()
		p.do(chromedp.NavigateBack())
		p.untilRange(was)
	}
	if now := p.rangeShown(); now.From != whole.From || scrolled > 3000 {
		t.Errorf("Back leads to %+v, want %+v", now, whole)
	}

	// the same without a script
	n := b.newTab(t, s)
	n.noScript()
	n.do(chromedp.EmulateViewport(1440, 1000))
	at := fmt.Sprintf("/hosts/web01?from=%s&to=%s", time.Unix(int64(drawn.From), 0).UTC().Format(time.RFC3339),
		time.Unix(int64(drawn.To), 0).UTC().Format(time.RFC3339))
	n.open(at)
	p.open(at)
	picture := func(p *tab) string {
		return eval[string](p, `[...document.querySelectorAll("svg[data-from] a")].map(a => a.getAttribute("href") +
			a.dataset.x + a.dataset.count).join() + document.querySelector("svg[data-from] desc").textContent +
			document.querySelector("[data-timeline-rows] tbody").innerText`)
	}
	if a, b := picture(n), picture(p); a != b || len(a) < 500 {
		t.Errorf("without a script\n%s\nwith\n%s", a, b)
	}
}

// TestBrowserRangePhone: on a phone the picture is at its own scale with text of 11
// px, opens at the newest change, and is moved by a finger.
func TestBrowserRangePhone(t *testing.T) {
	b := openBrowser(t)
	s := consoletest.New(t)
	loadRange(t, s)
	p := b.newTab(t, s)
	p.do(chromedp.EmulateViewport(390, 844, chromedp.EmulateTouch))
	p.open("/hosts/web01")
	p.until(`document.querySelector("[data-live]")`)
	type seen struct {
		Mark, Pane, Text, Wide, Client float64
		Names                          string
	}
	got := eval[seen](p, `(() => { const s = document.querySelector("svg[data-from]"), pane = s.closest(".scroll");
		const m = s.querySelector(".lane-0 path").getBoundingClientRect(), d = document.documentElement;
		const texts = [...s.querySelectorAll("text")].filter(t => t.getClientRects().length);
		const unit = s.getBoundingClientRect().width / s.viewBox.baseVal.width;
		return {Mark: m.x + m.width / 2, Pane: pane.scrollLeft, Wide: d.scrollWidth, Client: d.clientWidth,
			Text: Math.min(...texts.map(t => parseFloat(getComputedStyle(t).fontSize) * unit)),
			Names: getComputedStyle(document.querySelector(".lane-names")).display}; })()`)
	if got.Mark < 100 || got.Mark > 390 || got.Pane == 0 || got.Text < 11 || got.Wide > got.Client || got.Names == "none" {
		t.Errorf("%+v: the newest change in sight, text of 11 px, the lanes' names, no page that scrolls sideways", got)
	}
	was := p.rangeShown()
	box := eval[[]float64](p, `(() => { const r = document.querySelector("svg[data-from]").closest(".scroll").getBoundingClientRect();
		scrollBy(0, r.y - 200); const n = document.querySelector("svg[data-from]").closest(".scroll").getBoundingClientRect();
		document.querySelector("svg[data-from]").closest(".scroll").scrollLeft = 0; return [n.x, n.y]; })()`)
	touch := func(kind input.DispatchTouchEventType, x float64) {
		e := input.DispatchTouchEventParams{Type: kind, TouchPoints: []*input.TouchPoint{}}
		if kind != "touchEnd" {
			e.TouchPoints = []*input.TouchPoint{{X: box[0] + x, Y: box[1] + 30}}
		}
		if _, err := chromedp.Call(p.ctx, input.DispatchTouchEvent, e); err != nil {
			t.Fatal(err)
		}
	}
	touch("touchStart", 120)
	for _, x := range []float64{150, 200, 260} {
		touch("touchMove", x)
	}
	touch("touchEnd", 0)
	if now := p.untilRange(was); now.From >= was.From || math.Abs(now.To-now.From-(was.To-was.From)) > 2 {
		t.Errorf("a finger moved %+v to %+v", was, now)
	}
	n := b.newTab(t, s)
	n.noScript()
	n.do(chromedp.EmulateViewport(390, 844))
	n.open("/hosts/web01")
	if x := eval[float64](n, `document.querySelector("svg[data-from] .lane-0 path").getBoundingClientRect().x`); x < 0 ||
		x > 390 {
		t.Errorf("without a script the newest change is at %v", x)
	}
}
