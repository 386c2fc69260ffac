package web_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"escutcheon/demo"
	"escutcheon/internal/consoletest"
)

// walkthroughVar names the folder that the walk's pictures and logs are written to, for
// docs/walkthrough.md.
const walkthroughVar = "ESCUTCHEON_WALKTHROUGH"

// walk is somebody who works on a case, from the logs to its printed report.
type walk struct {
	*tab
	server *consoletest.Server
	dir    string // "": no picture is kept
	step   atomic.Int64
}

// TestBrowserWalkthrough: two servers with the same planted module become one case, whose
// questions are answered with pinned evidence, and that ends in printed pages which each
// say what they are of. It is what docs/walkthrough.md shows.
func TestBrowserWalkthrough(t *testing.T) {
	b := openBrowser(t)
	end := time.Date(2026, 3, 5, 6, 0, 0, 0, time.UTC)
	w := &walk{dir: os.Getenv(walkthroughVar)}
	w.server = consoletest.StartAt(t, filepath.Join(t.TempDir(), "test.db"), 64<<20, func() time.Time {
		return end.Add(2*time.Hour + time.Duration(w.step.Load())*3*time.Minute)
	})
	w.tab = b.newTab(t, w.server)
	var cancel context.CancelFunc
	w.ctx, cancel = context.WithTimeout(w.ctx, 2*time.Minute) // what never comes is to be told soon
	t.Cleanup(cancel)
	w.do(chromedp.EmulateViewport(1280, 800))
	w.scheme("light")
	w.bring(end)
	w.openCase()
	w.addSecond()
	w.pinFromSearch()
	w.answer()
	w.conclude()
	w.verify()
	w.print()
	w.narrow()
}

// press clicks and waits for the page that follows.
func (w *walk) press(selector string) {
	w.t.Helper()
	w.do(evaluated(`document.documentElement.dataset.left = "1"`))
	w.click(selector)
	w.until(`!document.documentElement.dataset.left && document.readyState === "complete"`)
}

// fill fills fields of the page, as pairs of a selector and a value.
func (w *walk) fill(pairs ...string) {
	w.t.Helper()
	for i := 0; i < len(pairs); i += 2 {
		w.do(chromedp.SetValue(chromedp.CSS(pairs[i]), pairs[i+1]))
	}
}

// says fails unless the text stands in the part of the page.
func (w *walk) says(selector string, texts ...string) {
	w.t.Helper()
	got := eval[string](w.tab, fmt.Sprintf(`document.querySelector(%q)?.innerText ?? "nothing is there"`, selector))
	for _, text := range texts {
		if !strings.Contains(got, text) {
			w.t.Errorf("%s says nothing of %q:\n%.1500s", selector, text, got)
		}
	}
}

// bring uploads the logs of both servers and answers what they leave open.
func (w *walk) bring(end time.Time) {
	w.t.Helper()
	logs, err := demo.Pair(end)
	if err != nil {
		w.t.Fatal(err)
	}
	w.clear()
	w.open("/")
	w.shot("01-start", "")
	var files []string
	for _, l := range logs {
		files = append(files, onDisk(w.t, l.Name, l.Data))
		w.sameLog(l)
	}
	w.do(chromedp.SetUploadFiles(chromedp.CSS("main form[data-upload] input[type=file]"), files))
	w.press("main form[data-upload] button[type=submit]")
	w.until(`document.querySelector(".asking a.button")`)
	w.press(".asking a.button")
	w.fill("#ask-zone", "UTC")
	w.until(`document.querySelector("[data-examples] h3").textContent.includes("with these answers")`)
	w.shot("02-what-is-open", "")
	w.press("form[data-ask] button.primary")
	w.until(`document.querySelector("[data-show=status]").textContent === "done" &&
		!document.querySelector("progress[data-show=bytes]") && document.readyState === "complete"`) // it loads again then
	for _, id := range []string{"1", "2"} {
		if i := w.server.Until(w.t, id, consoletest.Ended); i.Status != "done" {
			w.t.Fatalf("import %s: %+v", id, i)
		}
	}
	if err := w.server.Store.RefreshRisk(w.t.Context()); err != nil { // which a server does by itself, in seconds
		w.t.Fatal(err)
	}
}

// openCase goes from the list of hosts to the finding of the first, and opens a case
// of it.
func (w *walk) openCase() {
	w.t.Helper()
	w.open("/")
	w.shot("03-hosts", "")
	w.press(fmt.Sprintf(`table.hosts a[href="/hosts/%s"]`, demo.FirstHost))
	w.says("#verdict", demo.PlantedModule, "logging was switched off")
	w.shot("04-host", "")
	w.press(`.verdict-do a[href^="/findings/"]`)
	w.click(".case-menu > summary")
	w.fill("#case-finding-title", "A module nobody knows on the mail servers", "#case-finding-author", "Night shift",
		"#case-finding-why", "The module, as the configuration log has it")
	w.shot("05-open-a-case", "")
	w.press(".case-menu form button.primary")
	w.at("/cases/ESC-1")
	w.says("h1", "A module nobody knows")
	w.says("[aria-label=Findings]", "The module, as the configuration log has it")
	w.shot("06-case", "")
}

// addSecond adds the other server, and the finding there.
func (w *walk) addSecond() {
	w.t.Helper()
	w.fill("#add-dest", demo.SecondHost, "#add-why", "The same module is there")
	w.press(`form:has(#add-dest) button[type=submit]`)
	w.says("#items", demo.FirstHost, demo.SecondHost)
	w.press(fmt.Sprintf(`#items a[href="/hosts/%s"]`, demo.SecondHost))
	w.says("#verdict", demo.PlantedModule, "added by S-1-5-21-")
	w.press(`.verdict-do a[href^="/findings/"]`)
	w.click(".case-menu > summary")
	w.fill("#case-finding-why", "The same module, 37 minutes later, by an account")
	w.press(".case-menu form button.primary")
	w.says(".in-cases", "ESC-1")
	w.shot("07-second-host", "")
}

// pinFromSearch pins the events that answer the questions, as searches find them.
func (w *walk) pinFromSearch() {
	w.t.Helper()
	w.search("httpstrm.dll")
	w.shot("08-search", "#results")
	w.openRow(demo.FirstHost, "w3wp.exe: ")
	w.shot("09-event", "tr:has(+ tr[data-opened])")
	w.pinOpened("A worker process of IIS wrote the image, 2 minutes before it was added", true)
	w.search("httpstrm.dll")
	w.openRow(demo.SecondHost, "System: ")
	w.pinOpened("Here it came over the network: the process is System", false)
	w.search(`ParentProcessName="*w3wp.exe"`)
	w.openRow(demo.FirstHost, "whoami")
	w.pinOpened("The first command: a web site's worker process started a shell", false)
	w.search("svc-backup EventCode=4624")
	w.openRow(demo.SecondHost, "from 10.20.4.11")
	w.pinOpened("Its SID is the one that added the module, and it came from the first server", false)
	w.shot("11-evidence", "#items")
}

func (w *walk) search(text string) {
	w.t.Helper()
	w.fill("header #search", text)
	w.press(`header form[role=search] button, header form:has(#search) button`)
	w.until(`document.querySelector(".search-events tr[data-event]")`)
}

// openRow opens the row of a search whose event is of a host and says a text.
func (w *walk) openRow(host, text string) {
	w.t.Helper()
	row := eval[string](w.tab, fmt.Sprintf(`[...document.querySelectorAll("tr[data-event]")].find((r) =>
		r.innerText.includes(%q) && r.innerText.includes(%q))?.dataset.event ?? ""`, host, text))
	if row == "" {
		w.t.Fatalf("no event of %s says %q", host, text)
	}
	w.click(fmt.Sprintf(`tr[data-event="%s"] a[data-open]`, row))
	w.until(`document.querySelector("tr[data-opened] .fields-of")`)
	if hidden := eval[bool](w.tab, `(() => { const list = document.querySelector("tr[data-opened]").closest(".scroll");
		return list.scrollHeight > list.clientHeight + 1; })()`); hidden {
		w.t.Error("what the event opens to is cut by the window of its list")
	}
}

// pinOpened pins the event that is open.
func (w *walk) pinOpened(why string, look bool) {
	w.t.Helper()
	w.press(`tr[data-opened] a[href^="/cases/items?"]`)
	w.fill("#case-event-why", why)
	if look {
		w.shot("10-pin", "")
	}
	w.press(`main form.write button.primary`)
	w.at("/cases/ESC-1")
	w.says("#main", why)
}

// answered is a question, its answer, and texts of the items that carry it.
type answered struct {
	question, answer string
	carried          []string
}

var answers = []answered{
	{"How did they get in?", "Through a web site of " + demo.FirstHost + ": its worker process `w3wp.exe`, as SYSTEM, started " +
		"`cmd.exe` at 02:31:52, before anything else happened. **Which** request that was is not in these logs.",
		[]string{"whoami"}},
	{"On which hosts is the module?", "On " + demo.FirstHost + " and " + demo.SecondHost + ", in the same file. " +
		"No other host's logs are here.", []string{"mail01.corp.example: module", "mail02.corp.example: module"}},
	{"Which account was it?", "On " + demo.FirstHost + " SYSTEM, the site's own account. On " + demo.SecondHost + " `" +
		demo.MovedBy + "`, which logged on from 10.20.4.11, the address of " + demo.FirstHost + ".", []string{"svc-backup"}},
	{"Was the module's image written before?", "Yes: at 02:34:12 by `w3wp.exe`, two minutes before it was added, and at " +
		"03:09:52 over the network.", []string{": w3wp.exe: ", ": System: "}},
}

// answer asks the case's questions, and answers each with what carries it.
func (w *walk) answer() {
	w.t.Helper()
	for _, a := range answers {
		w.fill("#q-new", a.question)
		w.press(`form:has(#q-new) button[type=submit]`)
	}
	for i, a := range answers {
		li := fmt.Sprintf(".case-questions > li:nth-child(%d)", i+1)
		w.click(li + " details > summary")
		w.fill(li+" textarea", a.answer)
		n := eval[int](w.tab, fmt.Sprintf(`[...document.querySelectorAll("%s .carriers label")].filter((l) =>
			%s.some((t) => l.innerText.includes(t)) && l.innerText.includes("evidence")).map((l) => l.click()).length`,
			li, list(w.t, a.carried)))
		if n != len(a.carried) {
			w.t.Errorf("%d items can carry the answer to %q, want %d", n, a.question, len(a.carried))
		}
		if i == 2 {
			w.shot("12-answer", li)
		}
		w.press(li + " button.primary")
	}
	w.says("#questions-title", "4 of 4")
	if open := eval[int](w.tab, `[...document.querySelectorAll(".case-questions > li")].filter((l) =>
		!l.querySelector(".carried-by li")).length`); open != 0 {
		w.t.Errorf("%d answers are carried by nothing", open)
	}
	w.shot("13-answered", "#questions")
}

// conclude recommends, and writes the verdict.
func (w *walk) conclude() {
	w.t.Helper()
	for _, name := range []string{"Isolate the server", "Keep the memory", "Change what passed through",
		"Rotate the machine keys"} {
		w.fill("#r-snippet", name)
		w.press(`form:has(#r-snippet) button[type=submit]`)
	}
	w.says("#recommendations", "Isolate the server", "Rotate the machine keys")
	w.shot("14-recommendations", "#recommendations")
	w.click("#verdict details > summary")
	w.fill("#v-text", "A native module that nobody knows, `"+demo.PlantedModule+"`, was planted on two mail servers on "+
		"2026-03-05 from 02:36 UTC on. Whoever did it came through a web site of "+demo.FirstHost+
		" and went on with `"+demo.MovedBy+"`. Both modules are still loaded.\n\n**Sure** of what was done and when; "+
		"**not** of how the site was broken into.")
	w.press("#verdict button.primary")
	w.fill("#c-status", "Pending", "#c-disposition", "True Positive – Suspicious Activity", "#c-severity", "critical",
		"#c-owner", "Day shift")
	w.press("#triage button.primary")
	w.shot("15-verdict", "")
	w.shot("16-timeline", "#timeline")
}

// verify holds what was pinned against its hashes.
func (w *walk) verify() {
	w.t.Helper()
	w.press(`form[action$="/verify"] button`)
	w.says(".told", "Verified", "Every hash is the one that was noted")
	w.shot("17-verified", "")
}

// print prints the report, and looks at each page.
func (w *walk) print() {
	w.t.Helper()
	w.open("/cases/1/report.html")
	w.shot("18-report", "")
	printed, err := chromedp.Call(w.ctx, page.PrintToPDF, page.PrintToPDFParams{PreferCSSPageSize: new(true),
		PrintBackground: new(true)})
	if err != nil {
		w.t.Fatal(err)
	}
	pages := pdfTexts(w.t, printed.Data)
	if len(pages) < 3 {
		w.t.Errorf("printed it has %d pages", len(pages))
	}
	for i, text := range pages {
		for _, fact := range []string{"ESC-1", demo.FirstHost, demo.SecondHost, "UTC", "made 2026-03-05"} {
			if !strings.Contains(text, strings.ReplaceAll(fact, " ", "")) {
				w.t.Errorf("page %d does not say %q:\n%.600s", i+1, fact, text)
			}
		}
	}
	if w.dir == "" {
		return
	}
	w.keepPages(printed.Data, len(pages))
}

// narrow looks at what the walk made on a phone.
func (w *walk) narrow() {
	w.t.Helper()
	w.do(chromedp.EmulateViewport(390, 800))
	for _, path := range []string{"/cases", "/cases/ESC-1", "/cases/ESC-1/report.html", "/hosts/" + demo.FirstHost + "/report.html",
		"/evidence/5", "/cases/items?event=1"} {
		w.open(path)
		if width := eval[int](w.tab, `document.documentElement.scrollWidth`); width > 390 {
			w.t.Errorf("%s is %d px wide", path, width)
		}
	}
	w.open("/search?on=page&q=httpstrm.dll")
	const words = `document.querySelector("tr[data-event] td.msg").clientWidth`
	before := eval[int](w.tab, words)
	w.openRow(demo.FirstHost, "w3wp.exe: ")
	if after := eval[int](w.tab, words); after < before {
		w.t.Errorf("an event that is open narrows the list's words from %d to %d px", before, after)
	}
}
