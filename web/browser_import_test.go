package web_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"escutcheon/internal/consoletest"

	"github.com/chromedp/chromedp"
)

// onDisk writes a file for the browser to upload.
func onDisk(t testing.TB, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestBrowserUploads(t *testing.T) {
	b := openBrowser(t)
	small := onDisk(t, "small.json", consoletest.EventXML("web01", 1)) // what a file is, its name does not say
	other := onDisk(t, "other.json", consoletest.EventXML("web02", 1))
	t.Run("picker", func(t *testing.T) {
		s := consoletest.New(t)
		p := b.newTab(t, s)
		p.open("/")
		p.do(chromedp.SetUploadFiles(chromedp.CSS("main form[data-upload] input[type=file]"), []string{small, other}))
		p.click("main form[data-upload] button[type=submit]")
		p.at("/imports")
		p.until(
			`[...document.querySelectorAll("table.imports [data-show=status]")].map(e => e.textContent).join() === "done,done"`)
		if got := s.Get(t, "/findings.csv").Body; !strings.Contains(got, `"web01"`) || !strings.Contains(got, `"web02"`) {
			t.Errorf("findings\n%s", got)
		}
	})
	t.Run("drop on the start page", func(t *testing.T) {
		s := consoletest.New(t)
		p := b.newTab(t, s)
		p.open("/")
		p.drop(400, 200, small)
		p.at("/imports/1")
		p.until(`document.querySelector("[data-show=status]").textContent === "done"`)
		p.until(`document.querySelector("h1")?.innerText.includes("small.json")`) // the page loads again when it is done
	})
	t.Run("drop on another page", func(t *testing.T) {
		s := consoletest.New(t)
		p := b.newTab(t, s)
		p.open("/rules")
		p.drop(300, 300, small, other)
		p.do(chromedp.WaitVisible(chromedp.CSS("dialog#upload[open]")))
		if got := eval[string](p, `document.querySelector("dialog [data-files]").textContent`); !strings.Contains(got,
			"small.json") || !strings.Contains(got, "other.json") {
			t.Errorf("the dialog names %q", got)
		}
		p.click("dialog#upload button[type=submit]")
		p.at("/imports")
		p.until(
			`[...document.querySelectorAll("table.imports [data-show=status]")].map(e => e.textContent).join() === "done,done"`)
	})
	t.Run("refused", func(t *testing.T) {
		s := consoletest.Start(t, filepath.Join(t.TempDir(), "test.db"), 100)
		p := b.newTab(t, s)
		p.open("/")
		p.drop(400, 200, small)
		p.until(`document.querySelector("main form[data-upload] [data-status]").textContent.includes("up to 100 B")`)
	})
	t.Run("no script", func(t *testing.T) {
		s := consoletest.New(t)
		p := b.newTab(t, s)
		p.noScript()
		p.open("/")
		p.do(chromedp.SetUploadFiles(chromedp.CSS("main form[data-upload] input[type=file]"), []string{small}))
		p.click("main form[data-upload] button[type=submit]")
		consoletest.Poll(t, func() bool { at := p.address(); return at != "" && at != p.url+"/" })
		if got := p.address(); got != p.url+"/imports/1" {
			t.Errorf("the form led to %s", got)
		}
		consoletest.Poll(t, func() bool { return strings.Contains(s.Get(t, "/findings.csv").Body, `"web01"`) })
	})
	t.Run("no script, several", func(t *testing.T) {
		s := consoletest.New(t)
		p := b.newTab(t, s)
		p.noScript()
		p.open("/")
		p.do(chromedp.SetUploadFiles(chromedp.CSS("main form[data-upload] input[type=file]"), []string{small, other}))
		p.click("main form[data-upload] button[type=submit]")
		consoletest.Poll(t, func() bool { return p.address() == p.url+"/imports" })
		consoletest.Poll(t, func() bool {
			got := s.Get(t, "/findings.csv").Body
			return strings.Contains(got, `"web01"`) && strings.Contains(got, `"web02"`)
		})
	})
}

// TestBrowserProgress: a long import shows how far it is, its page follows to
// the end, and a cancelled one says so.
func TestBrowserProgress(t *testing.T) {
	b := openBrowser(t)
	const events = 120000
	big := onDisk(t, "big.json", consoletest.Bulk(events))
	s := consoletest.Start(t, filepath.Join(t.TempDir(), "test.db"), 0)
	p := b.newTab(t, s)
	p.open("/")
	// Watch from inside the page: what it shows may not last.
	p.do(evaluated(`document.querySelector("main form[data-upload] select[name=zone]").value = "UTC"`))
	p.do(chromedp.SetUploadFiles(chromedp.CSS("main form[data-upload] input[type=file]"), []string{big}))
	p.click("main form[data-upload] button[type=submit]")
	p.at("/imports/1")
	p.until(`document.querySelector("[data-show=status]").textContent === "running"`)
	p.until(
		`(() => { const b = document.querySelector("progress[data-show=bytes]"); return b && b.value > 0 && b.value < b.max; })()`)
	first := eval[float64](p, `document.querySelector("progress[data-show=bytes]").value`)
	p.until(fmt.Sprintf(
		`(() => { const b = document.querySelector("progress[data-show=bytes]"); return b && b.value > %f; })()`, first))
	p.until(
		`document.querySelector("[data-show=status]").textContent === "done" && !document.querySelector("progress[data-show=bytes]")`)
	p.until(`document.querySelector("dd[data-show=read]").textContent === "120,000"`)

	// The same again would be recognised at once.
	p.open("/")
	p.do(evaluated(`document.querySelector("main form[data-upload] select[name=zone]").value = "Asia/Tokyo"`))
	p.do(chromedp.SetUploadFiles(chromedp.CSS("main form[data-upload] input[type=file]"), []string{big}))
	p.click("main form[data-upload] button[type=submit]")
	p.at("/imports/2")
	p.click(`form[action$="/cancel"] button`)
	p.until(`document.querySelector("[data-show=status]").textContent === "cancelled"`)
}

// address is where the tab is, asked without its scripts; "" while it is on its
// way.
func (p *tab) address() string {
	h, err := chromedp.Run(p.ctx, chromedp.NavigationEntries())
	if err != nil {
		return ""
	}
	return h.Entries[h.CurrentIndex].URL
}
