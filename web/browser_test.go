package web_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"escutcheon/internal/consoletest"

	"github.com/chromedp/cdproto/input"
	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// browserVar says whether the browser tests must run: "required" fails without
// a browser, "off" skips them.
const browserVar = "ESCUTCHEON_BROWSER_TESTS"

// chromium finds the browser, or ends the test as browserVar says.
func chromium(t testing.TB) string {
	t.Helper()
	mode := os.Getenv(browserVar)
	if mode == "off" {
		t.Skipf("%s=off", browserVar)
	}
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	const how = "no Chromium was found; on Debian: apt-get install chromium"
	if mode == "required" {
		t.Fatal(how)
	}
	t.Skip(how)
	return ""
}

// browser is a context of the one running Chromium: to what runs in it, a browser
// of its own, with no history, storage or files of others.
type browser struct {
	ctx context.Context
	t   testing.TB
}

// running is the Chromium of this run, which the first test starts that asks.
var running struct {
	sync.Once
	ctx  context.Context
	err  error
	stop []func()
}

func TestMain(m *testing.M) {
	code := m.Run()
	for _, stop := range slices.Backward(running.stop) {
		stop()
	}
	os.Exit(code)
}

func openBrowser(t testing.TB) *browser {
	t.Helper()
	path := chromium(t)
	running.Do(func() { running.err = launch(path) })
	if running.err != nil {
		t.Fatalf("start %s: %v", path, running.err)
	}
	ctx, cancel := context.WithTimeout(running.ctx, 8*time.Minute)
	t.Cleanup(cancel)
	ctx, end := chromedp.NewContext(ctx, chromedp.WithNewBrowserContext())
	t.Cleanup(end)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatal(err)
	}
	return &browser{ctx, t}
}

// launch starts the Chromium.
func launch(path string) error {
	// A folder of its own, removed when the browser has let go of it.
	dir, err := os.MkdirTemp("", "escutcheon-browser-")
	if err != nil {
		return err
	}
	ctx, stop := chromedp.NewExecAllocator(context.Background(), chromedp.ExecPath(path), chromedp.Headless,
		chromedp.DisableGPU, chromedp.NoSandbox,
		chromedp.NoFirstRun, chromedp.NoDefaultBrowserCheck, chromedp.UserDataDir(dir), chromedp.WindowSize(1440, 900),
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true), chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-dev-shm-usage", true),
		// All pages are of one site: one process renders them, and none is made ready beside.
		chromedp.Flag("renderer-process-limit", "1"), chromedp.Flag("disable-site-isolation-trials", true),
		chromedp.Flag("disable-software-rasterizer", true),
		chromedp.Flag("disable-features", "IsolateOrigins,site-per-process,SpareRendererForSitePerProcess"))
	ctx, end := chromedp.NewContext(ctx)
	running.ctx = ctx
	running.stop = []func(){func() { _ = os.RemoveAll(dir) }, stop, end} // the browser may still write there
	return chromedp.Do(ctx)
}

// tab is a page of the browser whose complaints are collected.
type tab struct {
	t   testing.TB
	ctx context.Context
	url string // of the server

	mu         sync.Mutex
	complaints []string
}

// newTab opens a tab on a server. When the test ends, whatever the console
// told (errors, exceptions, violations of the policy) fails it.
func (b *browser) newTab(t testing.TB, s *consoletest.Server) *tab {
	t.Helper()
	p := &tab{t: t, url: s.URL}
	var cancel context.CancelFunc
	p.ctx, cancel = chromedp.NewContext(b.ctx, chromedp.WithListener(p.hear))
	t.Cleanup(cancel)
	t.Cleanup(func() {
		if c := p.heard(); len(c) > 0 {
			t.Errorf("the browser's console says:\n%s", strings.Join(c, "\n"))
		}
	})
	p.do(chromedp.Navigate("about:blank"))
	return p
}

func (p *tab) hear(ev any) {
	var text string
	switch e := ev.(type) {
	case *runtime.EventExceptionThrown:
		text = fmt.Sprintf("exception: %s %v", e.ExceptionDetails.Text, e.ExceptionDetails.Exception)
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeWarning {
			text = fmt.Sprintf("console.%s: %v", e.Type, e.Args)
		}
	case *cdplog.EventEntryAdded:
		if e.Entry.Level == cdplog.EntryLevelError || e.Entry.Level == cdplog.EntryLevelWarning {
			text = fmt.Sprintf("%s: %s %s", e.Entry.Source, e.Entry.Text, e.Entry.URL)
		}
	}
	if text == "" {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.complaints = append(p.complaints, text)
}

// heard is what the console told so far; expected removes what has to be there.
func (p *tab) heard() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.complaints)
}

// expect takes away a complaint that belongs to the test.
func (p *tab) expect(part string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.complaints = slices.DeleteFunc(p.complaints, func(c string) bool { return strings.Contains(c, part) })
}

func (p *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	if err := chromedp.Do(p.ctx, steps...); err != nil {
		var page string
		page, _ = chromedp.Run(p.ctx, chromedp.Evaluate[string](`location.href + "\n" + document.body.innerText`))
		p.t.Fatalf("%v on %.1500s", err, page)
	}
}

// open opens a page of the server.
func (p *tab) open(path string) {
	p.t.Helper()
	p.do(chromedp.Navigate(p.url+path), chromedp.WaitReady(chromedp.CSS("#main")))
}

// eval evaluates an expression in the page.
func eval[T any](p *tab, expression string) T {
	p.t.Helper()
	v, err := chromedp.Run(p.ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		p.t.Fatalf("%s: %v", expression, err)
	}
	return v
}

// until waits until an expression is true, over navigations too.
func (p *tab) until(expression string) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, 30*time.Second)
	defer cancel()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		ok, err := chromedp.Run(p.ctx, chromedp.Evaluate[bool]("Boolean("+expression+")"))
		if err == nil && ok {
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			page, _ := chromedp.Run(p.ctx, chromedp.Evaluate[string](`location.href + "\n" + document.body.innerText`))
			p.t.Fatalf("%s never came (%v) on %.1500s", expression, err, page)
		}
	}
}

// at waits until the tab is at a path and its scripts have run.
func (p *tab) at(path string) {
	p.t.Helper()
	p.until(fmt.Sprintf(`location.pathname === %q && document.readyState === "complete"`, path))
}

// click clicks the first element that a selector names.
func (p *tab) click(selector string) {
	p.t.Helper()
	p.do(chromedp.Click(chromedp.CSS(selector)))
}

// drop drops files on a place of the page, as the file manager does.
func (p *tab) drop(x, y float64, files ...string) {
	p.t.Helper()
	data := &input.DragData{Items: []*input.DragDataItem{}, Files: files, DragOperationsMask: 1}
	for _, kind := range []input.DispatchDragEventType{input.DispatchDragEventTypeDragEnter,
		input.DispatchDragEventTypeDragOver, input.DispatchDragEventTypeDrop} {
		if _, err := chromedp.Call(p.ctx, input.DispatchDragEvent,
			input.DispatchDragEventParams{Type: kind, X: x, Y: y, Data: data}); err != nil {
			p.t.Fatalf("%s: %v", kind, err)
		}
	}
}
