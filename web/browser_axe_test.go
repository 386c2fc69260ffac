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

// TestBrowserAccessibility runs axe-core on each kind of page in light and dark.
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
	for _, scheme := range []string{"light", "dark"} {
		p.scheme(scheme)
		for _, path := range everyPage(t, s) {
			p.open(path)
			p.do(evaluated(string(axe)))
			found := evalAsync(p,
				`axe.run(document).then(r => r.violations.filter(v => v.impact === "serious" || v.impact === "critical")
				.map(v => v.id + ": " + v.help + "\n   " + v.nodes.slice(0, 3).map(n => n.html.slice(0, 160)).join("\n   ")).join("\n"))`)
			if found != "" {
				t.Errorf("%s in %s:\n%s", path, scheme, found)
			}
		}
	}
}

// evaluated runs a script whose value does not matter.
func evaluated(script string) chromedp.Action[chromedp.Void] {
	return chromedp.Evaluate[chromedp.Void](script + "\n;void 0")
}
