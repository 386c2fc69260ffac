package web_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"escutcheon/db"
	"escutcheon/handlers"
	"escutcheon/internal/consoletest"
	"escutcheon/signin"
)

func typeInto(selector, text string) chromedp.Action[chromedp.Void] {
	return chromedp.SendKeys(chromedp.CSS(selector), text)
}

// TestBrowserSignIn: from the set-up link to a note that is signed with the account, and
// out again; where somebody wanted to go is where they come to.
func TestBrowserSignIn(t *testing.T) {
	b := openBrowser(t)
	var gate *signin.Gate
	set := func(h *handlers.Handlers, d *db.DB) {
		gate = signin.New(d, d.Sessions(), time.Now)
		h.Gate = gate
	}
	s := consoletest.StartWith(t, filepath.Join(t.TempDir(), "x.db"), 1<<20, time.Now, set)
	secret, err := gate.SetupSecret(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	p := b.newTab(t, s)
	looks := func(what string) {
		t.Helper()
		if wide := eval[bool](p, `document.documentElement.scrollWidth > innerWidth`); wide {
			t.Errorf("%s is wider than a phone", what)
		}
		if path := os.Getenv(axeVar); path != "" {
			axe, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			p.do(evaluated(string(axe)))
			if found := evalAsync(p, violations); found != "" {
				t.Errorf("%s:\n%s", what, found)
			}
		}
	}
	p.do(chromedp.EmulateViewport(390, 900))
	p.open("/setup?token=" + secret)
	looks("the set-up page")
	p.do(typeInto("#setup-name", "anna"), typeInto("#setup-password", password),
		chromedp.Click(chromedp.CSS("button.primary")))
	p.until(`location.pathname === "/" && document.querySelector(".account-menu summary")`)
	bar := eval[string](p, `document.querySelector(".account-menu summary").innerText`)
	if !strings.Contains(bar, "anna") || !strings.Contains(bar, "admin") {
		t.Errorf("the bar says %q", bar)
	}
	p.open("/accounts")
	looks("the accounts")
	p.open("/account")
	looks("one's own account")
	p.do(typeInto("#token-name", "ci"), chromedp.Click(chromedp.CSS(`form[action="/account/tokens"] button`)))
	p.until(`document.body.innerText.includes("esc_")`)
	p.do(chromedp.Click(chromedp.CSS(".account-menu summary")), chromedp.Click(chromedp.CSS(`.account-menu form button`)))
	p.until(`location.pathname === "/login"`)
	p.open("/cases?q=x")
	p.until(`location.pathname === "/login"`)
	looks("the sign-in page")
	p.do(typeInto("#login-name", "anna"), typeInto("#login-password", "wrong password"),
		chromedp.Click(chromedp.CSS("button.primary")))
	p.until(`document.querySelector("[role=alert]")`)
	p.expect("401")
	p.do(typeInto("#login-password", password), chromedp.Click(chromedp.CSS("button.primary")))
	p.until(`location.pathname === "/cases" && location.search === "?q=x"`)
	p.do(chromedp.EmulateViewport(1280, 900))
	p.open("/cases")
	p.do(chromedp.Click(chromedp.CSS(".title-do summary")), typeInto("#case-title", "Planted"))
	if eval[bool](p, `Boolean(document.querySelector("input[name=author]"))`) {
		t.Error("a name can be typed, and would not count")
	}
	p.do(chromedp.Click(chromedp.CSS(`form[action="/cases"] button.primary`)))
	p.until(`location.pathname === "/cases/ESC-1"`)
	if one, err := s.Store.CaseByID(t.Context(), 1); err != nil || one.Author != "anna" {
		t.Errorf("the case is of %q: %v", one.Author, err)
	}
}
