package web_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"escutcheon/demo"
	"escutcheon/internal/consoletest"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// loadDemo imports the logs of the demo.
func loadDemo(t *testing.T, s *consoletest.Server) {
	t.Helper()
	paths, err := demo.Write(t.TempDir(), time.Date(2026, 3, 12, 0, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range paths {
		data, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		s.Load(t, filepath.Base(p), data)
	}
}

// half is half of what the page of a host was high at 390 px.
const half = 5250

// TestBrowserHostNarrow: on a phone the notes come right after the verdict, what is
// not needed at once is folded, and links lead past it.
func TestBrowserHostNarrow(t *testing.T) {
	b := openBrowser(t)
	s := consoletest.New(t)
	loadDemo(t, s)
	p := b.newTab(t, s)
	p.do(chromedp.EmulateViewport(390, 844))
	p.open("/hosts/" + demo.PlantedHost)
	if h := eval[float64](p, `document.documentElement.scrollHeight`); h > half {
		t.Errorf("the page is %v px high", h)
	}
	order := eval[string](p, `[".verdict", ".notes", "#triage", ".timeline", "#findings", ".risk-rules"].map(s =>
		document.querySelector(s)).every((e, i, all) => i === 0 ||
		all[i - 1].getBoundingClientRect().bottom <= e.getBoundingClientRect().top + 1) ? "" : "out of order"`)
	if order != "" {
		t.Error(order)
	}
	small := eval[[]string](p, `[...document.querySelectorAll("main a, main button, main summary, main select, main input")]
		.filter(e => { const r = e.getBoundingClientRect(); return r.width && !e.closest("svg, p, li, dd, td, .said, label") &&
			(r.height < 24 || r.width < 24); }).map(e => e.outerHTML.slice(0, 90))`)
	if len(small) > 0 {
		t.Errorf("targets under 24 px:\n%s", strings.Join(small, "\n"))
	}
	skips := eval[[]string](p, `[...document.querySelectorAll("a.skip")].map(a => a.getAttribute("href"))`)
	for _, to := range skips {
		if !eval[bool](p, `!!document.querySelector("`+to+`")`) {
			t.Errorf("the link past the bar leads to %s, which is not there", to)
		}
	}
	if len(skips) != 3 {
		t.Errorf("links past the bar: %q", skips)
	}
}

// TestBrowserHostPrinted: on paper nothing is folded, cut or to be clicked, and the
// files are named with their hashes.
func TestBrowserHostPrinted(t *testing.T) {
	b := openBrowser(t)
	s := consoletest.New(t)
	loadDemo(t, s)
	p := b.newTab(t, s)
	p.open("/hosts/" + demo.PlantedHost)
	if _, err := chromedp.Call(p.ctx, emulation.SetEmulatedMedia,
		emulation.SetEmulatedMediaParams{Media: "print"}); err != nil {
		t.Fatal(err)
	}
	p.do(chromedp.EmulateViewport(720, 1000))
	shown := eval[[]string](p, `[...document.querySelectorAll("button, input, select, textarea, a.button, header")]
		.filter(e => e.checkVisibility({contentVisibilityAuto: true}) && e.getBoundingClientRect().height > 0)
		.map(e => e.outerHTML.slice(0, 90))`)
	if len(shown) > 0 {
		t.Errorf("printed:\n%s", strings.Join(shown, "\n"))
	}
	page := eval[string](p, `dispatchEvent(new Event("beforeprint")); document.querySelector("#main").innerText`)
	for _, want := range []string{"printed from the page made at", "as of 2026-", "Every time is in UTC", "SHA-256"} {
		if !strings.Contains(page, want) {
			t.Errorf("not printed: %q", want)
		}
	}
	if hash := eval[string](p, `document.querySelector(".files-behind .hash").innerText`); len(hash) != 64 {
		t.Errorf("hash %q", hash)
	}
	cut := eval[[]string](p, `[...document.querySelectorAll(".short .said, .tl-rows .line")].filter(e =>
		e.scrollHeight > e.clientHeight + 1 || e.scrollWidth > e.clientWidth + 1).map(e => e.innerText.slice(0, 80))`)
	if len(cut) > 0 {
		t.Errorf("cut on paper: %q", cut)
	}
}
