package handlers_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"escutcheon/internal/consoletest"

	"github.com/PuerkitoBio/goquery"
)

// rowsOf are the first cells of a list's rows.
func rowsOf(d *goquery.Document) (out []string) {
	d.Find("#rows tbody tr").Each(func(_ int, tr *goquery.Selection) {
		out = append(out, strings.TrimSpace(tr.Find("th[scope=row] a").First().Text()))
	})
	return out
}

// TestListsSortByEveryColumn: of users, rules and imports; one way is the other turned
// round, and no row is lost.
func TestListsSortByEveryColumn(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	consoletest.LoadRisk(t, s)
	s.Load(t, "b.json", consoletest.Many(3, 2))
	refused := consoletest.File{Name: "nothing.bin", Data: []byte("\x89PNG\r\n\x1a\n")}
	s.Until(t, s.Upload(t, nil, refused)[0], consoletest.Ended)
	for path, except := range map[string]string{"/users": "Severity 168 hours", "/rules": "", "/imports": ""} {
		d := s.Doc(t, path)
		all := rowsOf(d)
		if len(all) < 2 {
			t.Fatalf("%s: %q", path, all)
		}
		d.Find("#rows thead th").Each(func(_ int, th *goquery.Selection) {
			a := th.Find("a")
			if a.Length() == 0 {
				if name := oneLine(th.Text()); !strings.Contains(except, name) {
					t.Errorf("%s does not sort by %q", path, name)
				}
				return
			}
			first := s.Doc(t, a.AttrOr("href", ""))
			turn := first.Find("#rows thead th[aria-sort] a").AttrOr("href", "")
			one, other := rowsOf(first), rowsOf(s.Doc(t, turn))
			if len(one) != len(all) || len(other) != len(all) {
				t.Errorf("%s by %s: %q and %q", path, oneLine(a.Text()), one, other)
			}
			if slices.Sort(one); !slices.Equal(one, slices.Sorted(slices.Values(all))) {
				t.Errorf("%s by %s: %q, of %q", path, oneLine(a.Text()), one, all)
			}
		})
	}
	up := rowsOf(s.Doc(t, "/imports?sort=size"))
	down := rowsOf(s.Doc(t, "/imports?sort=-size"))
	if slices.Reverse(down); !slices.Equal(up, down) || up[0] != "nothing.bin" {
		t.Errorf("imports by size: %q, turned round %q", up, down)
	}
}

// TestListsFilterByValue: facets say how many have a value; it chooses them, and is
// left out by not.
func TestListsFilterByValue(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	consoletest.LoadRisk(t, s)
	s.Load(t, "b.json", consoletest.Many(3, 2))
	refused := consoletest.File{Name: "nothing.bin", Data: []byte("\x89PNG\r\n\x1a\n")}
	s.Until(t, s.Upload(t, nil, refused)[0], consoletest.Ended)
	imports := len(rowsOf(s.Doc(t, "/imports")))
	if f := facetsOf(s.Doc(t, "/imports")); !strings.HasPrefix(f["status"], "failed 1, done") || f["format"] == "" {
		t.Errorf("facets of imports: %q", f)
	}
	rules, users := len(rowsOf(s.Doc(t, "/rules"))), len(rowsOf(s.Doc(t, "/users")))
	for path, want := range map[string]int{"/imports?status=failed": 1, "/imports?not.status=failed": imports - 1,
		"/imports?q=NOTHING": 1, "/imports?q=nosuch": 0, "/imports?status=nosuch": 0, "/imports?after=nonsense": imports,
		"/imports?after=1": 0, "/rules?type=ttp&not.type=TTP": 0, "/rules?not.state=enabled": 0,
		"/rules?not.source=built-in": 0, "/rules?type=": rules, "/rules?not.state=fired&state=fired": 0,
		"/users?severity=critical&not.severity=critical": 0, "/users?q=nosuch": 0, "/users?severity=": users} {
		if got := rowsOf(s.Doc(t, path)); len(got) != want {
			t.Errorf("%s: %q, want %d", path, got, want)
		}
	}
	name := rowsOf(s.Doc(t, "/users"))[0]
	if got := rowsOf(s.Doc(t, "/users?user="+url.QueryEscape(strings.ToUpper(name)))); len(got) != 1 || got[0] != name {
		t.Errorf("one user: %q", got)
	}
	if got := rowsOf(s.Doc(t, "/users?not.user="+url.QueryEscape(name))); len(got) != users-1 {
		t.Errorf("the other users: %q", got)
	}
	byType := 0
	s.Doc(t, "/rules").Find("nav[aria-label=Type] a").Each(func(i int, a *goquery.Selection) {
		if i > 0 {
			byType += len(rowsOf(s.Doc(t, a.AttrOr("href", ""))))
		}
	})
	if byType != rules {
		t.Errorf("%d rules by type, %d in all", byType, rules)
	}
}

// TestViewsOfOtherLists: users, rules and imports are saved under a name, and the last
// view opens again.
func TestViewsOfOtherLists(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	consoletest.LoadRisk(t, s)
	for list, query := range map[string]string{"users": "sort=name", "rules": "state=fired&sort=name", "imports": "status=done"} {
		a := s.Do(t, "POST", "/views", strings.NewReader(url.Values{"list": {list}, "query": {query + "&after=x&set=1"},
			"name": {"mine"}, "author": {"anna"}}.Encode()), "Content-Type", "application/x-www-form-urlencoded")
		to := a.Header.Get("Location")
		if a.Status != 303 || !strings.HasPrefix(to, "/"+list+"?") || strings.Contains(to, "after") {
			t.Fatalf("%s: %d %q", list, a.Status, to)
		}
		if got := s.Doc(t, to).Find(".views a[aria-current]").Text(); got != "mine" {
			t.Errorf("%s: %q is open", list, got)
		}
		if got := s.Doc(t, "/"+list).Find(".views nav a").First().Text(); got != "mine" {
			t.Errorf("%s has the view %q", list, got)
		}
	}
}
