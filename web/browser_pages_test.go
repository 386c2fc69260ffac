package web_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	cdpbrowser "github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"escutcheon/artifact/peimage/petest"
	"escutcheon/demo/logwriter"
	"escutcheon/detection"
	"escutcheon/internal/consoletest"
)

// evalAsync evaluates a promise of a text.
func evalAsync(p *tab, expression string) string {
	p.t.Helper()
	v, err := chromedp.Run(p.ctx, chromedp.Evaluate[string](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		p.t.Fatalf("%s: %v", expression, err)
	}
	return v
}

// download clicks a link and returns the file that the browser stored.
func (p *tab) download(selector string) string {
	p.t.Helper()
	dir := p.t.TempDir()
	params := cdpbrowser.SetDownloadBehaviorParams{Behavior: cdpbrowser.SetDownloadBehaviorBehaviorAllow,
		BrowserContextID: chromedp.FromContext(p.ctx).BrowserContextID, DownloadPath: dir}
	if _, err := chromedp.CallBrowser(p.ctx, cdpbrowser.SetDownloadBehavior, params); err != nil {
		p.t.Fatal(err)
	}
	p.click(selector)
	// The browser writes under another name, and renames what is whole.
	var data []byte
	consoletest.Poll(p.t, func() bool {
		files, err := os.ReadDir(dir)
		if err != nil || len(files) != 1 || !slices.Contains([]string{".csv", ".jsonl"}, filepath.Ext(files[0].Name())) {
			return false
		}
		data, err = os.ReadFile(filepath.Join(dir, files[0].Name()))
		return err == nil && len(data) > 0
	})
	return string(data)
}

// scheme makes the tab prefer light or dark, and no motion: styles hold at once.
func (p *tab) scheme(name string) {
	p.t.Helper()
	params := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: name}, {Name: "prefers-reduced-motion", Value: "reduce"}}}
	if _, err := chromedp.Call(p.ctx, emulation.SetEmulatedMedia, params); err != nil {
		p.t.Fatal(err)
	}
}

// everyPage is one address of each kind of page.
func everyPage(t testing.TB, s *consoletest.Server) []string {
	t.Helper()
	if a := s.Post(t, "/hosts/web01/notes", url.Values{"author": {"First shift"},
		"text": {"a *note*\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n> [c](https://d.example/)\n\n- e\n\n```\n" +
			strings.Repeat("long", 200) + "\n```"}}); a.Status != 303 {
		t.Fatal(a.Status)
	}
	return []string{"/", "/hosts/web01", "/hosts/web01?as-of=2026-03-02T13:00:00Z", "/hosts/web01?note=begun#note",
		"/hosts/%3Cscript%3Ealert(1)%3C%2Fscript%3E", "/findings", "/findings?q=nothing", "/findings/" + s.FindingIDs(t)[0],
		"/events/1", "/events/1?show=raw", "/events/1?show=hex", "/events", "/imports", "/imports/1", "/imports/2",
		"/imports/4", "/imports/4?zone=Mars&dates=dmy", "/imports/5", "/imports/6", "/imports/1/delete", "/rules",
		"/rules/55f22929-cfd3-4388-ba5c-4d01fac7ee7e", "/notes/1/edit",
		"/rules?state=refused", "/rules/" + consoletest.AppcmdID + "?like=" + s.FindingOf(t, consoletest.AppcmdID),
		"/rules/" + consoletest.AppcmdID + "?expression=NOT+(", "/rules/" + consoletest.AppcmdID + "/replay",
		"/rules/" + consoletest.AppcmdID + "/replay?dest=web01",
		"/findings/" + s.FindingOf(t, consoletest.AppcmdID), "/users", "/users/svc_deploy",
		"/threats?type=process_name&value=appcmd.exe", "/hosts/web01/modules",
		"/hosts/web09/modules", "/hosts/web09/config", "/hosts/web01/config", "/hosts/web01/coverage",
		"/hosts/web01/requests", "/hosts/web09/requests?at=2026-03-02&hours=2", "/artifacts/1", "/artifacts/2",
		"/artifacts/3",
		"/modules/lists", "/modules/lists?q=e", "/settings",
		"/settings/retention?age=1h", "/audit", "/audit?of=note+1", "/audit?q=nothing"}
}

// configuration is an applicationHost.config with more in it.
func configuration(more string) []byte {
	return []byte(`<configuration><system.applicationHost><sites><site name="Shop" id="1"/></sites></system.applicationHost>` +
		`<system.webServer><globalModules>` + "\n" + more + `</globalModules></system.webServer><system.web>` +
		`<machineKey validationKey="C0FFEE"/></system.web></configuration>`)
}

// requestsBeside are requests of web01 before and after noon, new ones and bursts among them.
func requestsBeside(long string) (out []byte) {
	out = logwriter.AppendW3CHeader(nil, logwriter.IISSoftware, consoletest.Noon, logwriter.W3CAllFields)
	for i := range 40 {
		r := logwriter.Request{Time: consoletest.Noon.Add(time.Duration(i-10) * 10 * time.Second), Computer: "web01",
			Method: "POST", Stem: "/" + strings.Repeat("<b>/", i) + long, Client: "192.0.2." + strconv.Itoa(i), Status: 200}
		if r.Agent = "old"; i >= 10 {
			r.Agent = strings.Repeat("W", 5*i)
		}
		if i%2 == 0 {
			r.Stem, r.Client = "/burst", "192.0.2.7"
		}
		out = logwriter.AppendW3C(out, &r, logwriter.W3CAllFields)
	}
	return out
}

// loadPages imports what every kind of page needs.
func loadPages(t testing.TB, s *consoletest.Server) {
	t.Helper()
	long := strings.Repeat("a/very-long/path", 20)
	s.Load(t, "a.json", append(consoletest.Many(60, 4),
		consoletest.Change("web01", 900, consoletest.Noon.Add(time.Hour), "/"+long)...))
	s.Load(t, "b.json", append(consoletest.Change("web01", 901, consoletest.Noon,
		`/system.webServer/globalModules/add[@name="X"]`), "{\"EventTime\":\"x\n"...))
	consoletest.LoadHostile(t, s)
	evil := strings.Repeat("very/long/folder/", 30) + "<b>\u202e\x01.exe"
	ids := s.Upload(t, []string{"ask", "1"}, consoletest.Log("asks.csv",
		consoletest.ViewerCSV("10/12/2025 10:00:00 AM", "3/4/2025 10:00:00 AM")),
		consoletest.Log("case.zip", consoletest.Zipped(t, consoletest.Log("a.xml", consoletest.EventXML("web09", 1)),
			consoletest.Log(evil, []byte("MZ")), consoletest.Log("b.log",
				consoletest.SplunkText("web08", 2, consoletest.Noon)))),
		consoletest.Log("locked.zip", consoletest.Locked(t, "infected",
			consoletest.Log("a.xml", consoletest.EventXML("web09", 1)))))
	for _, id := range ids {
		s.Until(t, id, consoletest.Ended)
	}
	for _, id := range s.Upload(t, []string{"ask", "1"}, consoletest.Log("triage.zip", consoletest.Zipped(t,
		consoletest.Log("a.xml", consoletest.EventXML("web09", 7)),
		consoletest.Log("C/evil\u202e.dll", petest.DLL{Name: "<b>x.dll", Exports: []string{"RegisterModule", "<i>"},
			PDB: "A:\\<script>" + strings.Repeat("long", 90)}.Bytes()),
		consoletest.Log("C/inetpub/history/CFGHISTORY_0000000003/applicationHost.config", configuration("")),
		consoletest.Log("C/Windows/System32/inetsrv/config/applicationHost.config", configuration(
			`<add name="&lt;script>alert(1)&lt;/script>" image="C:\`+strings.Repeat("long/", 60)+"\u202ex.dll\"/>"))))) {
		s.Until(t, id, consoletest.Ended)
	}
	s.Load(t, "u_ex.log", requestsBeside(long))
	if a := s.Post(t, "/settings/templates", url.Values{"name": {"Own"}, "text": {"- a"}}); a.Status != 303 {
		t.Fatal(a.Status)
	}
	consoletest.LoadRisk(t, s)
	if err := s.Book.Load(t.Context(), []detection.SourceFile{consoletest.RuleFile("11111111-0000-0000-0000-000000000000",
		"Joined", "EventCode=1 | map dest [search EventCode=2]")}); err != nil {
		t.Fatal(err)
	}
}

// TestBrowserEveryPage opens each kind of page in light and dark, wide and
// narrow: nothing is told to the console, and no page scrolls sideways.
func TestBrowserEveryPage(t *testing.T) {
	b := openBrowser(t)
	empty, s := consoletest.New(t), consoletest.New(t)
	loadPages(t, s)
	p, e := b.newTab(t, s), b.newTab(t, empty)
	for _, q := range []struct {
		tab   *tab
		paths []string
	}{{p, everyPage(t, s)}, {e, []string{"/", "/findings", "/imports", "/rules", "/users", "/settings"}}} {
		for _, width := range []int64{1440, 1024, 390} {
			q.tab.do(chromedp.EmulateViewport(width, 900))
			for _, path := range q.paths {
				q.tab.open(path)
				for _, scheme := range []string{"light", "dark"} {
					q.tab.scheme(scheme)
					q.tab.checkLook(path, scheme, width)
				}
			}
		}
	}
}

// look is what a page looks like.
type look struct {
	Scroll, Width float64
	Wide          []string
	Background    string
	Title         string
}

func (p *tab) checkLook(path, scheme string, width int64) {
	p.t.Helper()
	l := eval[look](p, `(() => { const d = document.documentElement; const out = [];
		if (Math.max(d.scrollWidth, document.body.scrollWidth) > d.clientWidth) for (const e of document.body.querySelectorAll("*")) {
			if ((e.getBoundingClientRect().right > d.clientWidth + 1 || e.scrollWidth > d.clientWidth + 1) && !e.closest(".scroll") && out.length < 12) out.push(e.tagName + "." + e.className); }
		return {Scroll: Math.max(d.scrollWidth, document.body.scrollWidth), Width: d.clientWidth, Wide: out,
			Background: getComputedStyle(document.body).backgroundColor, Title: document.title}; })()`)
	if l.Scroll > l.Width {
		p.t.Errorf("%s at %d px scrolls sideways: %v of %v; %q", path, width, l.Scroll, l.Width, l.Wide)
	}
	var r, g, b float64
	if n, _ := fmt.Sscanf(l.Background, "rgb(%f, %f, %f)", &r, &g, &b); n == 3 && (r+g+b > 384) != (scheme == "light") {
		p.t.Errorf("%s in %s: background %s", path, scheme, l.Background)
	}
	if l.Title == "" || !strings.Contains(l.Title, "Escutcheon") {
		p.t.Errorf("%s: title %q", path, l.Title)
	}
}

// TestBrowserKeyboard: Tab reaches the main controls of a page, each with a
// focus that shows.
func TestBrowserKeyboard(t *testing.T) {
	b := openBrowser(t)
	s := consoletest.New(t)
	loadPages(t, s)
	p := b.newTab(t, s)
	p.scheme("light")
	for path, wants := range map[string][]string{
		"/": {"a.skip", "header nav a", "#search", "main form[data-upload] input[type=file]",
			"table.hosts th[scope=row] a"},
		"/hosts/web01": {"a.skip", "#search", "details.menu > summary", "[data-mark]", "#note-text", "#note-author",
			"form.write button[type=submit]"},
		"/findings": {"#search", "#f-rule", "#f-dest", "form.filter button[type=submit]", "table.findings thead a",
			`table.findings tbody a[href^="/findings/"]`},
		"/imports/2": {"#search", "#main a"},
	} {
		p.open(path)
		missing := map[string]bool{}
		for _, w := range wants {
			missing[w] = true
		}
		for range 400 {
			p.do(chromedp.KeyEvent("\t"))
			f := eval[focus](p, fmt.Sprintf(`(() => { const e = document.activeElement; if (!e || e === document.body) return {};
				const strokes = (e) => [e, ...e.children].map(x => { const s = getComputedStyle(x); return [s.stroke, s.strokeWidth, s.outlineStyle].join(); }).join();
				const differs = (e) => { const on = strokes(e); e.blur(); const off = strokes(e); e.focus({focusVisible: true}); return on !== off; };
				const s = getComputedStyle(e), r = e.getBoundingClientRect();
				return {Is: %s.filter(w => e.matches(w)), Name: e.outerHTML.slice(0, 120), Visible: e.matches(":focus-visible"),
					Outline: s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 1 || s.boxShadow !== "none" || e.closest("svg") && differs(e), Shown: r.width > 0 && r.height > 0 && r.right > 0 && r.bottom > 0}; })()`, list(t, wants)))
			for _, w := range f.Is {
				delete(missing, w)
			}
			if f.Name != "" && !(f.Visible && f.Outline && f.Shown) {
				t.Errorf("%s: the focus does not show on %s (%+v)", path, f.Name, f)
			}
			if len(missing) == 0 {
				break
			}
		}
		for w := range missing {
			t.Errorf("%s: Tab does not reach %s", path, w)
		}
	}
}

type focus struct {
	Is                      []string
	Name                    string
	Visible, Outline, Shown bool
}

func list(t testing.TB, texts []string) string {
	t.Helper()
	out, err := json.Marshal(texts)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}
