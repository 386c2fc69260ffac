package handlers_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"escutcheon/internal/consoletest"

	"github.com/PuerkitoBio/goquery"
)

// facetsOf are the facets of a list as "owner: anna 1, nobody 4".
func facetsOf(d *goquery.Document) map[string]string {
	out := map[string]string{}
	d.Find(".facet-box section").Each(func(_ int, s *goquery.Selection) {
		var list []string
		s.Find("li").Each(func(_ int, li *goquery.Selection) {
			list = append(list, li.Find("a").First().Text()+" "+li.Find(".num").Text())
		})
		out[s.Find("h2").Text()] = strings.Join(list, ", ")
	})
	return out
}

// follow opens the link of a facet's value: its name, or the way to the others.
func follow(t *testing.T, s *consoletest.Server, d *goquery.Document, value string, not bool) *goquery.Document {
	t.Helper()
	href := ""
	d.Find(".facet-box li").Each(func(_ int, li *goquery.Selection) {
		if li.Find("a").First().Text() == value {
			a := li.Find("a").First()
			if not {
				a = li.Find("a.not")
			}
			href = a.AttrOr("href", "")
		}
	})
	if href == "" {
		t.Fatalf("no link of %q in %v", value, facetsOf(d))
	}
	return s.Doc(t, href)
}

func count(d *goquery.Document) int { return d.Find("table.findings tbody tr").Length() }

// TestFacetsOfFindings: values, the rarest first, of modules and channels as the
// logs have them; each adds its filter or leaves it out, and a chip takes it away.
func TestFacetsOfFindings(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	consoletest.LoadRisk(t, s)
	s.Load(t, "x.json", append(consoletest.Many(4, 2), consoletest.Change("web01", 900, consoletest.Noon.Add(time.Hour),
		`/system.webServer/globalModules/add[@name="X<b>"]`)...))
	d := s.Doc(t, "/findings")
	all, before := count(d), facetsOf(d)
	if before["module"] == "" || !strings.Contains(before["module"], "X<b> 1") ||
		!strings.Contains(before["channel"], "Microsoft-IIS-Configuration/Operational") ||
		before["owner"] != fmt.Sprintf("nobody %d", all) || before["status"] != fmt.Sprintf("New %d", all) {
		t.Errorf("%d findings: %q", all, before)
	}
	only := follow(t, s, d, "X<b>", false)
	if count(only) != 1 || !strings.Contains(only.Find("ul.chips").Text(), "X<b>") ||
		facetsOf(only)["module"] != before["module"] {
		t.Errorf("one module: %d rows, %q", count(only), facetsOf(only))
	}
	if rest := follow(t, s, d, "X<b>", true); count(rest) != all-1 {
		t.Errorf("all but one module: %d of %d rows", count(rest), all)
	}
	if whole := follow(t, s, only, "X<b>", false); count(whole) != all {
		t.Errorf("chosen again: %d rows", count(whole))
	}
	id := only.Find("td.pick input").AttrOr("value", "")
	tell(t, s, "/findings/"+id+"/triage", 200, "owner", "anna", "status", "in progress", "author", "bob")
	after := facetsOf(s.Doc(t, "/findings"))
	if after["owner"] != fmt.Sprintf("anna 1, nobody %d", all-1) || after["status"] != fmt.Sprintf("In Progress 1, New %d",
		all-1) {
		t.Errorf("once one is anna's: %q", after)
	}
	for path, want := range map[string]int{"/findings?owner=anna": 1, "/findings?owner=nobody": all - 1,
		"/findings?not.owner=anna&not.status=in-progress": all - 1, "/findings?status=New": all - 1,
		"/findings?not.dest=WEB01&owner=anna": 0, "/findings?owner=anna&q=globalModules": 1,
		"/findings?owner=anna&q=nosuch": 0} {
		if d := s.Doc(t, path); count(d) != want {
			t.Errorf("%s: %d rows, want %d", path, count(d), want)
		}
	}
	a := s.Get(t, "/findings.csv?rule=all&owner=anna")
	if rows := consoletest.Rows(t, a); len(rows) != 2 {
		t.Errorf("exported: %q", rows)
	}
	for _, path := range []string{"/findings?severity=grave", "/findings?change=odd", "/findings?not.status=odd",
		"/findings?not.rule=odd"} {
		if a := s.Do(t, "GET", path, nil); a.Status/100 != 4 || !strings.Contains(a.Body, "There is no") {
			t.Errorf("%s: %d", path, a.Status)
		}
	}
	for _, sort := range []string{"rule", "what", "status", "owner"} {
		rows, _ := s.Walk(t, "/findings?sort="+sort, "next", "findings")
		if d := s.Doc(t, "/findings?sort="+sort); len(rows) != all || sort != "owner" &&
			d.Find("th[aria-sort=ascending]").Length() != 1 {
			t.Errorf("by %s: %d rows", sort, len(rows))
		}
	}
}

// TestEveryFacetLeadsOn: whatever a facet shows of the demo, choosing it or leaving
// it out gives a list.
func TestEveryFacetLeadsOn(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	loadDemo(t, s)
	for _, path := range []string{"/findings", "/"} {
		links := s.Doc(t, path).Find(".facet-box li a")
		if links.Length() < 20 {
			t.Errorf("%s: %d facets", path, links.Length())
		}
		links.Each(func(_ int, a *goquery.Selection) {
			if got := s.Do(t, "GET", a.AttrOr("href", ""), nil); got.Status != http.StatusOK {
				t.Errorf("%s, %s: %d", path, a.AttrOr("href", ""), got.Status)
			}
		})
	}
}

// TestFacetsOfHosts: hosts are filtered by what their findings are and by their own
// triage; what is closed is hidden, and the page says so.
func TestFacetsOfHosts(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	consoletest.LoadRisk(t, s)
	s.Load(t, "x.json", append(consoletest.Many(4, 2), consoletest.Change("web77", 900, consoletest.Noon.Add(time.Hour),
		`/system.webServer/globalModules/add[@name="X<b>"]`)...))
	names := func(path string) string {
		var out []string
		s.Doc(t, path).Find("table.hosts tbody th a.dest").Each(func(_ int, a *goquery.Selection) {
			out = append(out, strings.TrimSpace(a.Text()))
		})
		return strings.Join(out, " ")
	}
	d := s.Doc(t, "/")
	if f := facetsOf(d); !strings.Contains(f["module"], "X<b> 1") || !strings.Contains(f["gravity"], "high 3") ||
		f["rule"] == "" || f["channel"] == "" || !strings.HasPrefix(f["owner"], "nobody ") {
		t.Errorf("facets: %q", f)
	}
	if got := names("/?module=X%3Cb%3E"); got != "web77" {
		t.Errorf("of one module: %s", got)
	}
	all := strings.Fields(names("/"))
	tell(t, s, "/hosts/web77/triage", 200, "status", "closed", "owner", "anna", "author", "bob")
	d = s.Doc(t, "/")
	if d.Find("table.hosts tbody tr").Length() != len(all)-1 || !strings.Contains(d.Find(".note-line").Text(),
		"1 host has another status and is hidden") || facetsOf(d)["status"] != fmt.Sprintf("Closed 1, New %d", len(all)-1) {
		t.Errorf("once one is closed: %s, %q", d.Find(".note-line").Text(), facetsOf(d))
	}
	for path, want := range map[string]string{"/?status=closed": "web77", "/?status=all&owner=anna": "web77",
		"/?owner=anna": "", "/?status=all&gravity=high": "web01 web02 web77",
		"/?status=all&not.module=X%3Cb%3E&module=X%3Cb%3E": "",
		"/?status=all&q=web77&not.dest=WEB77":              "", "/?status=all&q=web77&not.owner=nobody": "web77",
		"/?status=all&q=web77&not.status=closed": ""} {
		if got := names(path); got != want {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
	for _, sort := range []string{"gravity", "dest", "score", "findings", "last", "severity", "rarity", "status",
		"owner"} {
		up, down := strings.Fields(names("/?status=all&sort="+sort)), strings.Fields(names("/?status=all&sort=-"+sort))
		slices.Reverse(down)
		if len(up) != len(all) || !slices.Equal(up, down) {
			t.Errorf("by %s: %v, and turned round %v", sort, up, down)
		}
	}
	if rows := consoletest.Rows(t, s.Get(t, "/risk.csv?owner=anna")); len(rows) != 2 {
		t.Errorf("exported: %q", rows)
	}
}
