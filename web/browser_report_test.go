package web_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"escutcheon/internal/consoletest"
)

// TestBrowserReportOfHostiles: a case of hosts whose every name is hostile, with
// hostile texts in every field, is a report in which nothing runs and that asks for
// nothing; printed, it is pages.
func TestBrowserReportOfHostiles(t *testing.T) {
	b := openBrowser(t)
	s := consoletest.New(t)
	consoletest.LoadHostile(t, s)
	const bad = `<script>document.title="owned"</script><img src=x onerror='document.title="owned"'> ` +
		`[x](https://evil.example/) ![y](https://evil.example/z.png) </title></style></table> ` + "\u202e"
	post := func(path string, form ...string) {
		t.Helper()
		v := url.Values{"author": {bad[:100]}}
		for i := 0; i < len(form); i += 2 {
			v.Add(form[i], form[i+1])
		}
		if a := s.Post(t, path, v); a.Status != 303 {
			t.Fatalf("%s: %d %s", path, a.Status, a.Body)
		}
	}
	keys := s.FindingIDs(t)
	post("/cases", "title", bad[:150], "finding", keys[0], "search", bad)
	for _, key := range keys[1:4] {
		post("/cases/1/items", "finding", key, "why", bad)
	}
	post("/cases/1/items", "event", "3")
	post("/cases/1", "verdict", bad, "owner", bad[:100])
	post("/cases/1/questions", "question", bad)
	post("/cases/1/questions/1", "answer", bad, "items", "1", "item", "1")
	post("/cases/1/recommendations", "text", bad)
	p := b.newTab(t, s)
	for _, path := range []string{"/cases/1", "/cases/1/report.html", "/hosts/" + url.PathEscape("<script>alert(1)</script>") +
		"/report.html"} {
		p.open(path)
		if got := eval[string](p, `document.title`); got == "owned" {
			t.Errorf("%s: what was written runs", path)
		}
		const asked = `performance.getEntriesByType("resource").map((e) => e.name)`
		for _, a := range eval[[]string](p, asked) {
			if !strings.HasPrefix(a, s.URL) && !strings.HasPrefix(a, "data:") || strings.HasSuffix(path, ".html") {
				t.Errorf("%s asks for %s", path, a)
			}
		}
		if !strings.HasSuffix(path, ".html") {
			continue
		}
		if out := eval[string](p, `[...document.querySelectorAll("script, iframe, object, link, a:not([href^='#'])")]
			.map((e) => e.outerHTML).join()`); out != "" {
			t.Errorf("%s leads out of itself: %s", path, out)
		}
	}
	p.do(chromedp.EmulateViewport(390, 844))
	p.open("/cases/1/report.html")
	if wide := eval[int](p, `document.documentElement.scrollWidth`); wide > 390 {
		t.Errorf("on a phone it is %d px wide", wide)
	}
	printed, err := chromedp.Call(p.ctx, page.PrintToPDF, page.PrintToPDFParams{PreferCSSPageSize: new(true)})
	if err != nil {
		t.Fatal(err)
	}
	pdf := string(printed.Data)
	if n := strings.Count(pdf, "/Type /Page\n"); !strings.HasPrefix(pdf, "%PDF-") || n < 3 {
		t.Errorf("printed it has %d pages", n)
	}
}
