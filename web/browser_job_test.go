package web_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"escutcheon/demo"
	"escutcheon/internal/consoletest"
)

// most is in how many actions the whole job is done at most: from logs in a folder
// to the verdict as a note. To choose a file, a value or a link is one each, and so
// is to type a name.
const most = 8

// job is somebody who does it, and counts.
type job struct {
	*tab
	server  *consoletest.Server
	truth   demo.Planted
	files   []string
	actions []string
}

// act is one action.
func (j *job) act(what string, do func()) {
	j.t.Helper()
	j.actions = append(j.actions, what)
	do()
}

func newJob(t *testing.T, b *browser) *job {
	t.Helper()
	now := time.Now()
	files, err := demo.Write(t.TempDir(), now)
	if err != nil {
		t.Fatal(err)
	}
	s := consoletest.New(t)
	return &job{tab: b.newTab(t, s), server: s, truth: demo.Truth(now), files: files}
}

// imported waits for the imports, whose rows say which hosts have risk: the host in
// question is the one that is marked as gravest.
func (j *job) imported() {
	j.t.Helper()
	j.at("/imports")
	j.until(`[...document.querySelectorAll("table.imports [data-show=status]")].map(e => e.textContent).join() ===
		"done,done,done,done" && document.querySelectorAll("td.came a[href^='/hosts/']").length === 4`)
}

// gravest is the host that its mark says so of.
const gravest = `td.came li:has([aria-label="Critical change"], [title="Critical change"]) a`

// read holds what stands on the first screen of the host's page against what was
// planted, and gives the sentence.
func (j *job) read() string {
	j.t.Helper()
	j.at("/hosts/" + j.truth.Host)
	for _, what := range []string{"#verdict", ".chain", ".verdict-do a.primary"} {
		if !eval[bool](j.tab, fmt.Sprintf(`scrollY === 0 && document.querySelector(%q).getBoundingClientRect().bottom <= innerHeight`,
			what)) {
			j.t.Errorf("%s is not within the first screen", what)
		}
	}
	sentence := strings.Join(strings.Fields(eval[string](j.tab, `document.querySelector("#verdict").textContent`)), " ")
	off := j.truth.Added.Sub(j.truth.LoggingOff)
	for _, fact := range []string{j.truth.Module, j.truth.Image, j.truth.By, "unknown",
		j.truth.Added.Format("2006-01-02 15:04:05 UTC"), fmt.Sprintf("switched off %d min", int(off.Minutes()))} {
		if !strings.Contains(strings.ToLower(sentence), strings.ToLower(fact)) {
			j.t.Errorf("%q is not in the sentence %q", fact, sentence)
		}
	}
	var v struct {
		Verdict struct {
			Sentence string
			Modules  []struct {
				Name, Image, Judgement, Action, By string
				At                                 time.Time
			}
			LoggingOff []struct{ From time.Time } `json:"logging_off"`
			Chain      []struct {
				At   time.Time
				Text string
			}
		}
	}
	if err := json.Unmarshal([]byte(j.server.Get(j.t, "/hosts/"+j.truth.Host, "Accept", consoletest.JSON).Body),
		&v); err != nil {
		j.t.Fatal(err)
	}
	if v.Verdict.Sentence != sentence || len(v.Verdict.Modules) == 0 || len(v.Verdict.LoggingOff) == 0 {
		j.t.Fatalf("the page says %q, JSON %+v", sentence, v)
	}
	m := v.Verdict.Modules[0]
	if m.Name != j.truth.Module || m.Image != j.truth.Image || m.By != j.truth.By || m.Judgement != "unknown" ||
		m.Action != "added" || !m.At.Truncate(time.Second).Equal(j.truth.Added) ||
		!v.Verdict.LoggingOff[0].From.Truncate(time.Second).Equal(j.truth.LoggingOff) {
		j.t.Errorf("JSON %+v, want %+v", v.Verdict, j.truth)
	}
	return sentence
}

// written holds the note against the sentence, and the count against what is
// bearable.
func (j *job) written(sentence string) {
	j.t.Helper()
	j.until(`document.querySelector("#note-1 .note-text")`)
	note := strings.Join(strings.Fields(eval[string](j.tab, `document.querySelector("#note-1 .note-text").textContent`)), " ")
	if !strings.HasPrefix(note, sentence) {
		j.t.Errorf("the note says %q, the verdict %q", note, sentence)
	}
	if a := j.server.Get(j.t, "/notes.csv").Body; !strings.Contains(a, "First shift") ||
		!strings.Contains(a, j.truth.LoggingOff.Format(time.RFC3339)) {
		j.t.Errorf("notes.csv has no name, or not when logging was switched off:\n%s", a)
	}
	if len(j.actions) > most {
		j.t.Errorf("%d actions: %s", len(j.actions), strings.Join(j.actions, ", "))
	}
	j.t.Logf("%d actions: %s", len(j.actions), strings.Join(j.actions, ", "))
}

// TestBrowserJobByMouse does the whole job with the mouse.
func TestBrowserJobByMouse(t *testing.T) {
	j := newJob(t, openBrowser(t))
	j.open("/")
	const form = "main form[data-upload] "
	j.act("choose the files", func() { j.do(chromedp.SetUploadFiles(chromedp.CSS(form+"input[type=file]"), j.files)) })
	j.act("choose the zone", func() { j.do(chromedp.SetValue(chromedp.CSS(form+"select[name=zone]"), "UTC")) })
	j.act("import", func() { j.click(form + "button[type=submit]") })
	j.imported()
	j.act("open the gravest host", func() { j.click(gravest) })
	sentence := j.read()
	j.act("write it as a note", func() { j.click(".verdict-do a.primary") })
	j.until(`document.activeElement.id === "note-text" && document.getElementById("note-text").value !== ""`)
	j.act("say who", func() { j.do(chromedp.SendKeys(chromedp.CSS("#note-author"), "First shift")) })
	j.act("add the note", func() { j.click("#note button.primary") })
	j.written(sentence)
}

// tabTo presses Tab until the focus is where a selector says.
func (j *job) tabTo(selector string) {
	j.t.Helper()
	for range 60 {
		if eval[bool](j.tab, fmt.Sprintf(`document.activeElement.matches(%q)`, selector)) {
			return
		}
		j.press("\t")
	}
	j.t.Fatalf("60 times Tab do not lead to %s", selector)
}

// TestBrowserJobByKeyboard does the whole job without a mouse. What the system's
// own window chooses files by is not the page's.
func TestBrowserJobByKeyboard(t *testing.T) {
	j := newJob(t, openBrowser(t))
	j.open("/")
	const form = "main form[data-upload] "
	j.act("choose the zone", func() {
		j.tabTo(form + "select[name=zone]")
		j.press("U") // the first that begins with it
	})
	j.act("choose the files", func() {
		j.tabTo(form + "input[type=file]")
		j.do(chromedp.SetUploadFiles(chromedp.CSS(form+"input[type=file]"), j.files))
	})
	j.act("import", func() {
		j.tabTo(form + "button[type=submit]")
		j.press("\r")
	})
	j.imported()
	j.act("open the gravest host", func() {
		j.tabTo(gravest)
		j.press("\r")
	})
	sentence := j.read()
	j.act("write it as a note", func() {
		j.tabTo(".verdict-do a.primary")
		j.press("\r")
	})
	j.until(`document.activeElement.id === "note-text" && document.getElementById("note-text").value !== ""`)
	j.act("say who", func() {
		j.tabTo("#note-author")
		j.press(strings.Split("First shift", "")...)
	})
	j.act("add the note", func() { j.press("\r") })
	j.written(sentence)
}
