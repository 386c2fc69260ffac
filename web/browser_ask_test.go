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

// TestBrowserAsks answers what a file leaves open: the examples follow the
// answers, and the import starts. With and without script.
func TestBrowserAsks(t *testing.T) {
	b := openBrowser(t)
	csv := onDisk(t, "viewer.csv", consoletest.ViewerCSV("10/12/2025 10:00:00 AM"))
	const first = `document.querySelector("[data-examples] time").dateTime`
	upload := func(p *tab) {
		p.open("/")
		p.do(chromedp.SetUploadFiles(chromedp.CSS("main form[data-upload] input[type=file]"), []string{csv}))
		p.click("main form[data-upload] button[type=submit]")
	}
	t.Run("script", func(t *testing.T) {
		s := consoletest.New(t)
		p := b.newTab(t, s)
		upload(p)
		p.at("/imports/1")
		p.until(`document.querySelector("[data-preview]").hidden`)
		p.until(first + ` === "2025-10-12T10:00:00Z"`)
		p.click("#ask-dmy")
		p.until(first + ` === "2025-12-10T10:00:00Z"`)
		p.do(chromedp.SendKeys(chromedp.CSS("#ask-zone"), "Mars"))
		p.until(`document.querySelector("[data-problem]").textContent.includes("no time zone")`)
		p.do(evaluated(`document.querySelector("#ask-zone").value = ""`),
			chromedp.SendKeys(chromedp.CSS("#ask-zone"), "Asia/Kolkata"))
		p.until(first + ` === "2025-12-10T04:30:00Z" && document.querySelector("[data-problem]").textContent.trim() === ""`)
		if !eval[bool](p, `document.querySelector("#ask-dmy").checked && document.activeElement.id === "ask-zone"`) {
			t.Error("what was chosen, or the focus, is lost")
		}
		p.do(chromedp.SendKeys(chromedp.CSS("#ask-computer"), "web07"))
		p.until(`document.querySelector("[data-examples]").textContent.includes("web07")`)
		p.click("form[data-ask] button.primary")
		p.until(
			`document.querySelector("[data-show=status]")?.textContent === "done" && document.querySelector("dd[data-show=read]").textContent === "1"`)
		if a := s.Asked(t, "1"); a.Zone != "Asia/Kolkata" || a.Computer != "web07" || a.Dates != "dmy" {
			t.Errorf("%+v", a)
		}
	})
	t.Run("no script", func(t *testing.T) {
		s := consoletest.New(t)
		p := b.newTab(t, s)
		p.noScript()
		upload(p)
		consoletest.Poll(t, func() bool { return p.address() == p.url+"/imports/1" })
		p.do(chromedp.WaitVisible(chromedp.CSS("#ask-dmy")))
		p.click("#ask-dmy")
		p.click("[data-preview]")
		consoletest.Poll(t, func() bool { return strings.Contains(p.address(), "dates=dmy") })
		p.do(chromedp.WaitVisible(chromedp.CSS(`[data-examples] time[datetime="2025-12-10T10:00:00Z"]`)))
		p.do(chromedp.SendKeys(chromedp.CSS("#ask-zone"), "UTC"))
		p.click("form[data-ask] button.primary")
		consoletest.Poll(t, func() bool { return s.Status(t, "1").Status == "done" })
	})
}

// TestBrowserManyFiles: more files than one request takes are sent in several.
func TestBrowserManyFiles(t *testing.T) {
	b := openBrowser(t)
	s := consoletest.New(t)
	var files []string
	dir := t.TempDir()
	for n := range 1005 {
		path := filepath.Join(dir, fmt.Sprintf("f%04d", n))
		if err := os.WriteFile(path, []byte("no log"), 0o600); err != nil {
			t.Fatal(err)
		}
		files = append(files, path)
	}
	p := b.newTab(t, s)
	p.open("/")
	p.do(chromedp.SetUploadFiles(chromedp.CSS("main form[data-upload] input[type=file]"), files))
	p.click("main form[data-upload] button[type=submit]")
	p.at("/imports")
	p.until(`document.querySelector("h1").textContent.startsWith("1,005 imports")`)
}

// TestBrowserAgainAndDelete corrects an import and deletes it.
func TestBrowserAgainAndDelete(t *testing.T) {
	b := openBrowser(t)
	s := consoletest.New(t)
	s.Load(t, "a.log", consoletest.SplunkText("web01", 2, consoletest.Noon))
	p := b.newTab(t, s)
	p.open("/imports/1")
	p.click("details.again > summary")
	p.do(chromedp.SetValue(chromedp.CSS("#again-zone"), "Asia/Kolkata"))
	p.click(`form[action$="/again"] button`)
	p.at("/imports/2")
	p.until(
		`document.querySelector("[data-show=status]").textContent === "done" && document.body.innerText.includes("Asia/Kolkata")`)
	p.click(`a[href="/imports/2/delete"]`)
	p.at("/imports/2/delete")
	p.click(`form[action="/imports/2/delete"] button`)
	p.at("/imports")
	p.until(`document.querySelector(".told").textContent.includes("Import 2 was deleted")`)
	if got := s.Get(t, "/findings.csv").Body; strings.Contains(got, "web01") {
		t.Errorf("findings\n%s", got)
	}
}

// TestBrowserArchive follows an archive: its rows come while it is read.
func TestBrowserArchive(t *testing.T) {
	b := openBrowser(t)
	s := consoletest.New(t)
	files := []consoletest.File{consoletest.Log("a.xml", consoletest.EventXML("web01", 1))}
	for n := range 400 {
		files = append(files, consoletest.Log(fmt.Sprintf("f%03d", n), []byte("no log")))
	}
	p := b.newTab(t, s)
	p.open("/")
	p.do(chromedp.SetUploadFiles(chromedp.CSS("main form[data-upload] input[type=file]"),
		[]string{onDisk(t, "case.zip", consoletest.Zipped(t, files...))}))
	p.click("main form[data-upload] button[type=submit]")
	p.at("/imports/1")
	p.until(
		`document.querySelector("[data-show=status]")?.textContent === "done" && document.querySelectorAll("table.members tbody tr").length === 150
			&& document.querySelector("#members-title").textContent === "Files in it 401"`)
	p.click(`[data-members] .panel-do a[href*="status=done"]`)
	p.until(`document.querySelectorAll("table.members tbody tr").length === 1`)
}
