package web_test

import (
	"os"
	"testing"

	"escutcheon/internal/consoletest"

	"github.com/chromedp/chromedp"
)

// axeVar names the file axe.min.js of the npm package axe-core, which is not
// part of this project.
const axeVar = "ESCUTCHEON_AXE"

// TestBrowserAccessibility runs axe-core on each kind of page, wide and narrow, in
// light and dark: there is no violation, of whatever impact.
func TestBrowserAccessibility(t *testing.T) {
	path := os.Getenv(axeVar)
	if path == "" {
		t.Skipf("%s names no axe.min.js; to get it: npm pack axe-core", axeVar)
	}
	axe, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	b := openBrowser(t)
	s := consoletest.New(t)
	loadPages(t, s)
	p := b.newTab(t, s)
	paths := append(everyPage(t, s), "/search?q=web", "/?import=1", "/imports/4?with=rejected", "/findings?status=all",
		"/findings?rule="+consoletest.AppcmdID, "/threats?type=nothing&value=x", "/?q=nothing", "/users?q=nothing",
		"/search?on=page", "/lookups", "/search?on=page&q=EventCode%3D29&earliest=newest-7d", "/search?on=page&q=*+%7C+stast+count",
		"/search?on=page&q=Eventcode%3D29", "/search?on=page&q=*+%7C+stats+count+by+ComputerName")
	for _, width := range []int64{1440, 390} {
		p.do(chromedp.EmulateViewport(width, 900))
		for _, path := range paths {
			p.scheme("light")
			p.open(path)
			p.do(evaluated(string(axe)))
			for _, scheme := range []string{"light", "dark"} {
				p.scheme(scheme)
				if found := evalAsync(p, violations); found != "" {
					t.Errorf("%s at %d px in %s:\n%s", path, width, scheme, found)
				}
			}
		}
	}
}

// violations are all that axe-core finds, and targets below 24 px where it leaves
// them out.
const violations = `axe.run(document, {resultTypes: ["violations"], rules: {"target-size": {enabled: true}}})
	.then(r => r.violations.map(v => v.id + " (" + v.impact + ", " + v.nodes.length + "): " + v.help + "\n   " +
	v.nodes.slice(0, 3).map(n => n.html.slice(0, 160)).join("\n   ")).join("\n"))`

// evaluated runs a script whose value does not matter.
func evaluated(script string) chromedp.Action[chromedp.Void] {
	return chromedp.Evaluate[chromedp.Void](script + "\n;void 0")
}
