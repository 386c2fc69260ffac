package web_test

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"escutcheon/eventstore"
	"escutcheon/internal/consoletest"
	"escutcheon/search"

	"github.com/chromedp/chromedp"
)

// bothWays runs a test with the tab's scripts and without.
func bothWays(t *testing.T, s *consoletest.Server, test func(t *testing.T, p *tab, script bool)) {
	b := openBrowser(t)
	for _, script := range []bool{true, false} {
		t.Run(fmt.Sprintf("script=%t", script), func(t *testing.T) {
			p := b.newTab(t, s)
			if !script {
				p.noScript()
			}
			test(t, p, script)
		})
	}
}

// set writes a text into a field of a form, in the place of what stands there.
func (p *tab) set(selector, text string) {
	p.t.Helper()
	p.do(chromedp.WaitVisible(chromedp.CSS(selector)))
	eval[bool](p, fmt.Sprintf(`(document.querySelector(%q).value = %q, true)`, selector, text))
}

// TestBrowserSavedSearches saves a search, opens it again, renames and deletes it, and
// brings it back.
func TestBrowserSavedSearches(t *testing.T) {
	s := consoletest.New(t)
	s.Load(t, "a.json", consoletest.Many(4, 2))
	const q = `EventCode=29 | stats count by ComputerName`
	bothWays(t, s, func(t *testing.T, p *tab, script bool) {
		name, renamed := fmt.Sprintf("By host <%t>", script), fmt.Sprintf("Hosts & changes %t", script)
		named := func(name string) string {
			return fmt.Sprintf(`[...document.querySelectorAll(".saved-list th")].some(e => e.textContent === %q)`, name)
		}
		p.open("/search?on=page&earliest=newest-24h&q=" + url.QueryEscape(q))
		p.click(".saved-searches details:last-of-type > summary")
		p.set("#saved-name", name)
		p.set("#saved-author", "First shift")
		p.click(`.saved-searches form[action="/searches"] button`)
		p.until(fmt.Sprintf(`document.querySelector(".saved-open b")?.textContent === %q`, name))
		p.open("/search?on=page")
		p.until(named(name))
		p.click(".saved-list th a")
		p.until(`document.querySelector(".search-table tbody tr") && document.querySelector("[data-ask]").value === ` +
			fmt.Sprintf("%q", q) + ` && document.querySelector("[name=earliest]").value === "newest-24h"`)
		p.click(".saved-searches details:last-of-type > summary")
		p.click(`.saved-searches a[href$="/edit"]`)
		p.set("form.write #saved-name", renamed)
		p.set("form.write #saved-author", "First shift")
		p.click("form.write button.primary")
		p.until(fmt.Sprintf(`document.querySelector(".saved-open b")?.textContent === %q`, renamed))
		p.open("/search?on=page")
		p.until(named(renamed))
		p.click(".saved-list button")
		p.until(`document.querySelector("form.told")`)
		if eval[bool](p, named(renamed)) {
			t.Error("a search that was deleted is still in the list")
		}
		p.click("form.told button")
		p.until(`!document.querySelector("form.told") && ` + named(renamed))
		p.click(".saved-list button") // for the other way
		p.until(`document.querySelector("form.told")`)
	})
}

// TestBrowserSearchAsRule saves a search as a rule: it has found what the search found,
// and finds what is imported afterwards.
func TestBrowserSearchAsRule(t *testing.T) {
	s := consoletest.New(t)
	s.Load(t, "a.json", slices.Concat(consoletest.Appcmd("web01", "anna", 1, consoletest.Noon, "A"),
		consoletest.Appcmd("web02", "anna", 2, consoletest.Noon, "B")))
	bothWays(t, s, func(t *testing.T, p *tab, script bool) {
		text := fmt.Sprintf("EventCode=4688 user=anna NOT dest=x%t | stats count by dest user", script)
		p.open("/search?on=page&q=" + url.QueryEscape(text))
		p.until(`document.querySelectorAll(".search-table tbody tr").length >= 2`)
		found := eval[int](p, `document.querySelectorAll(".search-table tbody tr").length`)
		p.click(".as-rule")
		p.set("#rule-name", fmt.Sprintf("Anna starts a process %t", script))
		p.set("#rule-description", "A person who should not.")
		p.set("#rule-author", "First shift")
		if got := eval[string](p, `document.querySelector("#rule-field-0").value`); got != "dest" {
			t.Errorf("the first risk object is %q", got)
		}
		p.click("form.rule-form button.primary")
		p.set("#load-author", "First shift")
		p.click("#rule button.primary")
		p.until(`location.pathname.startsWith("/rules/")`)
		id := strings.TrimPrefix(eval[string](p, `location.pathname`), "/rules/")
		consoletest.Poll(t, func() bool { return s.Findings(t, id) == int64(found) })
		host := fmt.Sprintf("new-%t", script)
		s.Load(t, host+".json", consoletest.Appcmd(host, "anna", 9, consoletest.Noon.Add(time.Hour), "C"))
		p.open("/findings?rule=" + id)
		p.until(fmt.Sprintf(`[...document.querySelectorAll("table.findings tbody tr")].length === %d`, found+1))
		p.open("/hosts/" + host)
		p.until(fmt.Sprintf(`document.querySelector("main").innerText.includes("Anna starts a process %t")`, script))
	})
}

// stuck is a store whose scans end when they are stopped.
type stuck struct{ search.Store }

func (stuck) Scan(ctx context.Context, _ eventstore.Query, _ func(*eventstore.Chunk) (func() error, error)) error {
	<-ctx.Done()
	return ctx.Err()
}

// TestBrowserSearchJob: a search that runs on stands in the list, shows that it runs,
// and is stopped; its page stays, and leads to the search again.
func TestBrowserSearchJob(t *testing.T) {
	s := consoletest.New(t)
	s.Load(t, "a.json", consoletest.Many(4, 2))
	s.Pages.Searches.First = time.Millisecond
	s.Pages.Searches.Engine().Store = stuck{s.Store}
	s.Pages.Searches.Keep(s.Store, time.Millisecond, func(err error) { t.Error(err) })
	bothWays(t, s, func(t *testing.T, p *tab, script bool) {
		p.open("/search?on=page&q=EventCode%3D29")
		p.until(`document.querySelector("[data-search-running] progress") && location.search.includes("job=")`)
		p.open("/search?on=page")
		p.until(`document.querySelector(".search-jobs tbody tr:nth-child(1)")?.textContent.includes("waits for its turn")`)
		p.click(".search-jobs td a")
		p.until(`document.querySelector("[data-search-running] progress")`)
		at := eval[string](p, `location.pathname + location.search`)
		p.click(`#results form[action$="/stop"] button`)
		p.until(`document.querySelector("#results h2")?.textContent === "0 events before it was stopped"`)
		consoletest.Poll(t, func() bool {
			list, err := s.Store.SearchJobs(t.Context(), 1)
			return err == nil && list[0].State == "stopped"
		})
		p.open("/search?on=page")
		p.until(`document.querySelector(".search-jobs tbody tr:nth-child(1)")?.textContent.includes("It was stopped.")`)
		p.click(".search-jobs td a")
		p.until(fmt.Sprintf(`location.pathname + location.search === %q`, at))
		p.open("/search?on=page")
		p.click(".search-jobs tbody tr:nth-child(1) td:last-child a")
		p.until(`document.querySelector("[data-search-running] progress")`)
		p.click(`#results form[action$="/stop"] button`)
		p.until(`document.querySelector("#results h2")?.textContent === "0 events before it was stopped"`)
	})
}

// TestBrowserSearchExport: what is downloaded are the rows of the page, in its order and
// columns, however it was sorted and whichever columns were chosen.
func TestBrowserSearchExport(t *testing.T) {
	s := consoletest.New(t)
	s.Load(t, "a.json", consoletest.Many(12, 5))
	bothWays(t, s, func(t *testing.T, p *tab, _ bool) {
		p.open("/search?on=page&q=" + url.QueryEscape("EventCode=29 | stats count by ComputerName Message"))
		p.click(`#table button[value="count"], #table button[value="-count"]`)
		p.until(`document.querySelector("th[aria-sort]:not([aria-sort=none])")?.textContent.includes("count")`)
		p.exported(t, "#table")
		p.open("/search?on=page&q=EventCode%3D29&columns=EventCode,nosuch,RecordNumber")
		p.until(`document.querySelector(".search-events tbody tr")`)
		p.exported(t, ".search-events")
	})
}

// exported holds the downloads of the page against its table, which shows all rows.
func (p *tab) exported(t *testing.T, table string) {
	t.Helper()
	columns := eval[[]string](p, fmt.Sprintf(`[...document.querySelectorAll("%s thead th:not(:has(.vh))")].map(e =>
		e.textContent.replace(/[↑↓×]/g, "").trim())`, table))
	rows := eval[[][]string](p, fmt.Sprintf(`[...document.querySelectorAll("%s tbody tr")].map(r => [...r.cells]
		.filter(c => !c.classList.contains("tight")).map(c => c.querySelector("time")?.dateTime ??
		(c.querySelector("[aria-label='no value']") ? "" : c.textContent.trim())))`, table))
	got, err := csv.NewReader(strings.NewReader(p.download(`#results a[href^="/search.csv"]`))).ReadAll()
	if err != nil || len(rows) < 10 || !slices.EqualFunc(got, append([][]string{columns}, rows...), slices.Equal) {
		t.Errorf("the page has %q, %q, CSV %q, %v", columns, rows, got, err)
	}
	lines := strings.Split(strings.TrimSpace(p.download(`#results a[href^="/search.jsonl"]`)), "\n")
	if len(lines) != len(rows) {
		t.Fatalf("%d lines of %d rows", len(lines), len(rows))
	}
	for i, line := range lines {
		var one map[string]any
		if err := json.Unmarshal([]byte(line), &one); err != nil {
			t.Fatal(err)
		}
		at := 0
		for k, name := range columns {
			v, there := one[name].(string)
			key := strings.Index(line, fmt.Sprintf("%q:", name))
			if there != (rows[i][k] != "") || v != rows[i][k] || there && key < at {
				t.Errorf("line %d has %s: the page %q", i, line, rows[i])
			}
			at = max(at, key)
		}
	}
}
