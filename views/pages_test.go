package views_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"github.com/a-h/templ"

	"escutcheon/event"
	"escutcheon/views"
)

// pages are all pages, each full and (where it can be) empty.
func pages() map[string]templ.Component {
	grouped := hostPage()
	grouped.Findings.Groups = []views.FindingGroup{{Words: "modules", Kind: "module", Rows: findings()[:2]},
		{Words: "", Rows: findings()[3:]}}
	grouped.GroupURL, grouped.UngroupURL = "", "/hosts/web02.corp.example"
	conflict := views.NoteEditPage{Frame: frame("Conflict"), Note: notes()[0], Draft: "my draft", Conflict: true,
		YourRevision: 1}
	gone := conflict
	gone.Note.Deleted = true
	all := map[string]templ.Component{
		"audit": views.Audit(views.AuditPage{Frame: frame("Audit trail"), Total: 120, Actions: []string{"set"},
			Exports: []views.Export{{Label: "audit.csv", URL: "/audit.csv", Rows: 120}},
			Pager:   views.Pager{NextURL: "/audit?after=x", Shown: 2, Total: 120},
			Rows: []views.AuditRow{{At: now, Person: "anna", Action: "set", Object: "host web01", Address: "10.0.0.7",
				ObjectURL: "/hosts/web01", Field: "status", Old: "New", New: "Closed"},
				{ID: 7, At: now, Action: "edited", Object: "note 1", Field: "text", Old: "one\ntwo",
					New: strings.Repeat("x", 200)}}}),
		"audit-none": views.Audit(views.AuditPage{Frame: frame("Audit trail"), Form: views.AuditForm{Text: "x"}}),
		"hosts":      views.Hosts(hostsPage()), "hosts-first": views.Hosts(views.HostsPage{Frame: views.Frame{Now: now,
			Upload: frame("").Upload}}),
		"hosts-none": views.Hosts(views.HostsPage{Frame: frame("Hosts"), Any: true}),
		"host":       views.Host(hostPage()), "host-empty": views.Host(views.HostPage{Frame: frame("x"), Dest: "x"}),
		"host-grouped": views.Host(grouped),
		"findings": views.Findings(views.FindingsPage{Frame: frame("Findings"), Total: 6, Suppressed: 1,
			Table: views.FindingsTable{Columns: columns, Rows: findings(),
				Sorts: map[string]views.Sort{"lastTime": {URL: "?x", Dir: "descending"}}},
			Filter: views.FindingsFilter{Rules: []views.Option{{Value: rule, Label: ruleName, Selected: true}},
				Text: "telemetry"}, Chips: []views.Chip{{Label: "Text", Value: "telemetry", RemoveURL: "/findings"}},
			Export: []views.Export{{Label: "findings.csv", URL: "/findings.csv?q=telemetry", Rows: 6}},
			Pager:  views.Pager{PrevURL: "?before=a", NextURL: "?after=b", Shown: 6, Total: 60}, ManyRules: true}),
		"findings-empty": views.Findings(views.FindingsPage{Frame: frame("Findings")}),
		"finding":        views.Finding(findingPage()), "finding-empty": views.Finding(views.FindingPage{Frame: frame("x")}),
		"events": views.Events(views.EventsPage{Frame: frame("Events"), Heading: "3 matching events carry no OpCode",
			Dest: "web02.corp.example", Missing: "OpCode", Rows: findingPage().Events}),
		"events-empty": views.Events(views.EventsPage{Frame: frame("Events")}),
		"event":        views.Event(eventPage(views.ShowFields)), "event-raw": views.Event(eventPage(views.ShowRaw)),
		"event-hex": views.Event(eventPage(views.ShowHex)),
		"event-empty": views.Event(views.EventPage{Frame: frame("x"),
			Event: event.Event{EventCode: event.None, RecordNumber: event.None}, Show: views.ShowRaw}),
		"imports":        views.Imports(views.ImportsPage{Frame: frame("Imports"), Any: true, Total: 5, Rows: importRows()}),
		"imports-empty":  views.Imports(views.ImportsPage{Frame: frame("Imports")}),
		"import-running": views.Import(importPage(0)), "import-done": views.Import(importPage(2)),
		"import-failed": views.Import(importPage(3)), "import-empty": views.Import(views.ImportPage{Frame: frame("x")}),
		"import-asking": views.Import(askingPage()), "import-archive": views.Import(archivePage()),
		"import-delete": views.Delete(deletePage()),
		"imports-waiting": views.Imports(views.ImportsPage{Frame: frame("Imports"), Any: true, Total: 5, Rows: importRows(),
			Waits: waitGroups(), Deleted: "4"}),
		"rules": views.Rules(views.RulesPage{Frame: frame("Rules"),
			Rows: []views.RuleRow{{RuleShort: ruleShort(), Running: -1, Score: 50, Findings: 23, Hosts: 4,
				Last: at(15, 1, 0, 0)}}}), "rules-empty": views.Rules(views.RulesPage{Frame: frame("Rules")}),
		"rule": views.Rule(rulePage()), "rule-empty": views.Rule(views.RulePage{Frame: frame("x")}),
		"note-edit": views.NoteEdit(views.NoteEditPage{Frame: frame("Note"), Note: notes()[0], Draft: "text",
			Problem: "The note is empty."}), "note-conflict": views.NoteEdit(conflict), "note-gone": views.NoteEdit(gone),
		"error": views.Error(views.ErrorPage{Frame: frame("Not found"), Status: 404,
			Sentence: "No log of a host \"nix\" has been imported."}), "error-empty": views.Error(views.ErrorPage{}),
	}
	for name, c := range hostilePages() {
		all["hostile-"+name] = c
	}
	for name, p := range requestsPages() {
		all[name] = views.HostRequests(p)
	}
	return all
}

func render(t testing.TB, c templ.Component) string {
	t.Helper()
	var b bytes.Buffer
	if err := c.Render(context.Background(), &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func document(t testing.TB, html string) *goquery.Document {
	t.Helper()
	d, err := goquery.NewDocumentFromReader(strings.NewReader(html))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// Every page obeys the policy that the server sends and can be used by
// keyboard and by ear.
func TestEveryPage(t *testing.T) {
	preview := os.Getenv("ESCUTCHEON_PREVIEW") // a folder to write the pages into, to look at
	for name, c := range pages() {
		t.Run(name, func(t *testing.T) {
			html := render(t, c)
			if preview != "" {
				if err := os.WriteFile(filepath.Join(preview, name+".html"), []byte(html), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			d := document(t, html)
			policy(t, d)
			accessible(t, d)
			if d.Find("h1").Length() != 1 || d.Find("main#main").Length() != 1 || d.Find("title").First().Text() == "" {
				t.Error("a page has one h1, one main and a title")
			}
		})
	}
}

var address = regexp.MustCompile(`^(/($|[^/\\])|[?#]|https?://[^@]*$)`)

func policy(t *testing.T, d *goquery.Document) {
	t.Helper()
	d.Find("*").Each(func(_ int, s *goquery.Selection) {
		for _, a := range s.Nodes[0].Attr {
			switch {
			case a.Key == "style" || strings.HasPrefix(a.Key, "on"):
				t.Errorf("<%s> has the attribute %s=%q", s.Nodes[0].Data, a.Key, a.Val)
			case (a.Key == "href" || a.Key == "action" || a.Key == "src") && !address.MatchString(a.Val):
				t.Errorf("<%s> leads to %q", s.Nodes[0].Data, a.Val)
			}
		}
	})
	d.Find("script").Each(func(_ int, s *goquery.Selection) {
		if src := s.AttrOr("src", ""); !strings.HasPrefix(src, "/static/") || s.Text() != "" {
			t.Errorf("a script that is not a file of ours: %q %q", src, s.Text())
		}
	})
	if n := d.Find("style, iframe, object, embed, base, b[class=evil], img").Length(); n > 0 {
		t.Errorf("%d elements that no page has", n)
	}
}

func accessible(t *testing.T, d *goquery.Document) {
	t.Helper()
	ids := map[string]bool{}
	d.Find("[id]").Each(func(_ int, s *goquery.Selection) {
		id := s.AttrOr("id", "")
		if ids[id] {
			t.Errorf("the id %q is there twice", id)
		}
		ids[id] = true
	})
	d.Find("[aria-labelledby]").Each(func(_ int, s *goquery.Selection) {
		if !ids[s.AttrOr("aria-labelledby", "")] {
			t.Errorf("nothing has the id %q", s.AttrOr("aria-labelledby", ""))
		}
	})
	d.Find("input:not([type=hidden]), select, textarea").Each(func(_ int, s *goquery.Selection) {
		if id := s.AttrOr("id", ""); d.Find("label[for='"+id+"']").Length() != 1 {
			t.Errorf("the control %q has no label of its own", id)
		}
	})
	d.Find("a[href], button").Each(func(_ int, s *goquery.Selection) {
		if strings.TrimSpace(s.Text()) == "" && s.AttrOr("aria-label", "") == "" {
			h, _ := goquery.OuterHtml(s)
			t.Errorf("nothing names %s", h)
		}
	})
	d.Find(".scroll").Each(func(_ int, s *goquery.Selection) {
		if s.AttrOr("tabindex", "") != "0" || s.AttrOr("aria-label", "") == "" {
			t.Error("a region that scrolls takes the focus and has a name")
		}
	})
}

func TestSelectors(t *testing.T) {
	all := pages()
	for _, c := range []struct {
		page, selector string
		count          int
	}{
		{"hosts", "table.hosts tbody tr", 5},
		{"hosts", "table.hosts tbody tr:first-child svg.strip title", 1},
		{"hosts", "table.hosts tbody tr:first-child svg.strip path.c0", 1},
		{"hosts", "th[aria-sort=descending]", 1},
		{"hosts", ".badge", 3},
		{"hosts", ".chips a", 2},
		{"hosts", "form.dropline input[type=file][multiple]", 2},
		{"hosts", "form.dropline input[webkitdirectory]", 1},
		{"hosts", "form.dropline select[name=zone] option:first-child[value='']", 1},
		{"hosts", "form.dropline input[name=ask][value='1']", 1},
		{"hosts-first", "form[action='/demo'][method=post] button", 1},
		{"hosts-first", "form.band input[type=file]", 2},
		{"hosts-none", ".empty", 1},
		{"host", "svg.timeline a.mark", 10},
		{"host", "[data-timeline-rows] tbody tr", 14},
		{"host", "svg.timeline > title", 1},
		{"host", "svg.timeline > desc", 1},
		{"host", "table.findings tbody tr", 6},
		{"host", "table.findings tr.suppressed", 1},
		{"host", ".note", 3},
		{"host", ".note del.note-text", 1},
		{"host", ".note .history del", 1},
		{"host", ".note .history ins", 2},
		{"host", "form[action='/notes/7/delete'] input[name=revision][value='2']", 1},
		{"host", "form[action='/hosts/web02.corp.example/notes']", 1},
		{"host-grouped", "details.change-group > summary", 2},
		{"host-empty", ".timeline", 0},
		{"finding", ".events details.event", 3},
		{"finding", ".refs a", 2},
		{"finding", "input[name=finding][value=f1]", 1},
		{"event", ".tag", 2},
		{"event-raw", "pre.raw .ctrl", 3},
		{"event-hex", "pre.hex", 1},
		{"imports", "tr[data-live]", 2},
		{"imports", "tbody tr", 5},
		{"import-running", "meta[http-equiv=refresh]", 0}, // in noscript, so not parsed as an element
		{"import-running", "form[action='/imports/9/cancel']", 1},
		{"import-done", "form[action$='/cancel']", 0},
		{"import-done", "tbody tr", 2},
		{"import-failed", ".problem", 1},
		{"import-asking", "form[action='/imports/12/answer'] [required]", 3},
		{"import-asking", "input[type=radio][checked]", 1},
		{"import-asking", "[data-examples] tbody tr", 2},
		{"import-archive", "table.members tbody tr", 5},
		{"import-archive", "table.members a.st-asking", 1},
		{"import-archive", "form[action='/imports/11/answer'] input[name=password]", 1},
		{"import-archive", "form[action='/imports/11/again'] > .fields input[name=zone]", 1},
		{"import-archive", "form[action='/imports/11/again'] details [name]", 2},
		{"import-delete", "form[action='/imports/7/delete'] button", 1},
		{"imports-waiting", "section.asking a.button", 2},
		{"imports-waiting", ".told[role=status]", 1},
		{"note-conflict", "form[action='/notes/7'] input[name=revision][value='2']", 1},
		{"note-gone", "form[action='/hosts/web02.corp.example/notes'] textarea", 1},
		{"rule", "pre", 5},
	} {
		if n := document(t, render(t, all[c.page])).Find("main " + c.selector + ", head " +
			c.selector).Length(); n != c.count {
			t.Errorf("%s: %d of %q, want %d", c.page, n, c.selector, c.count)
		}
	}
}

func TestRefreshOnlyWhileRunning(t *testing.T) {
	const tag = `<noscript><meta http-equiv="refresh" content="2"></noscript>`
	if html := render(t, views.Import(importPage(0))); !strings.Contains(html, tag) {
		t.Error("a running import's page reloads itself without script")
	}
	if html := render(t, views.Import(importPage(2))); strings.Contains(html, "http-equiv") {
		t.Error("a finished import's page stays")
	}
}

func TestWords(t *testing.T) {
	text := func(c templ.Component) string {
		return strings.Join(strings.Fields(document(t, render(t, c)).Find("main").Text()), " ")
	}
	for _, c := range []struct {
		name string
		page templ.Component
		want []string
	}{
		{"hosts", views.Hosts(hostsPage()), []string{"4 of 5 hosts with risk in their last 7 days", "critical from 500",
			"medium over 100", "41 / 43", "newest risk", "2,150"}},
		{"host", views.Host(hostPage()), []string{"3 matching events carry no OpCode.", "reached 2025-12-09 15:00:00 UTC",
			"An incident begins at 2025-12-09 14:00:00 UTC.", "24-hour sum peaks at 300"}},
		{"conflict", pages()["note-conflict"], []string{"This note was edited while you wrote", "You opened revision 1",
			"it becomes revision 3", "my draft"}},
		{"asking", views.Import(askingPage()), []string{"12 other files that leave the same open",
			"How it is read with these answers", "2025-12-10 04:30:00 UTC read as Asia/Kolkata",
			"day first 10/12/2025 → 10 December 2025"}},
		{"archive", views.Import(archivePage()), []string{"The password that was given does not open it.",
			"The disk is full. It goes on by itself.", "was imported before: import 3", "5 records read as Windows-1252",
			"day first in 6 records", "import 2 whose answers were others"}},
		{"delete", views.Delete(deletePage()), []string{"3 files of the archive go with it.",
			"1,200 events that rest on it alone go, and with them 4 findings and 1 host"}},
		{"waiting", pages()["imports-waiting"], []string{"12 files or more leave the zone and the computer open:",
			"1 file is encrypted:", "Import 4 was deleted."}},
		{"failed", views.Import(importPage(3)), []string{"This is a PNG image.", "Nothing was stored."}},
	} {
		got := text(c.page)
		for _, w := range c.want {
			if !strings.Contains(got, w) {
				t.Errorf("%s: does not say %q", c.name, w)
			}
		}
	}
}
