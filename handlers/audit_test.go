package handlers_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"escutcheon/csvsafe"
	"escutcheon/internal/consoletest"
	"escutcheon/store"
)

// told are the rows of the audit trail with an action, oldest first: who, object,
// field, old and new, and the address.
func told(t *testing.T, s *consoletest.Server, action string) (out []string) {
	t.Helper()
	for r, err := range s.Store.AllAudit(t.Context(), store.AuditFilter{Action: action}) {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, strings.Join([]string{r.Person, r.Object, r.Field, r.Old, r.New, r.Address}, "|"))
	}
	return out
}

// TestExportsAreTold: every file that leaves is told of with its filters, by whom, and
// what is only looked at is not.
func TestExportsAreTold(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	consoletest.LoadRisk(t, s)
	torn := s.Upload(t, nil, consoletest.Log("torn.json",
		append(consoletest.Change("web01", 901, consoletest.Noon, "/x"), "{\"EventTime\":\"x\n"...)))[0]
	s.Until(t, torn, consoletest.Ended)
	s.Get(t, "/hosts/web01")
	s.Get(t, "/search?q=EventCode%3D29")
	s.Do(t, http.MethodHead, "/findings.csv", nil)
	var want []string
	for _, one := range [][2]string{
		{"/findings.csv?dest=web01&rule=all", "findings.csv|dest=web01&rule=all"},
		{"/hosts/WEB01/findings.csv", "findings.csv|dest=web01"}, {"/risk.csv?severity=high", "risk.csv|severity=high"},
		{"/hosts/web01/risk.csv", "risk.csv|dest=web01"}, {"/notes.csv", "notes.csv|"},
		{"/hosts/web01/notes.csv", "notes.csv|dest=web01"},
		{"/search.csv?q=EventCode%3D29&on=events", "search.csv|on=events&q=EventCode%3D29"},
		{"/search.jsonl?q=EventCode%3D29&on=events", "search.jsonl|on=events&q=EventCode%3D29"},
		{"/hosts/web01/timeline.svg", "timeline.svg|dest=web01"},
		{"/hosts/web01/timeline.png?rule=" + consoletest.SeedID, "timeline.png|dest=web01&rule=" + consoletest.SeedID},
		{"/events/1/raw", "event 1 raw|"}, {"/imports/" + torn + "/rejected", "import " + torn + " rejected|"},
	} {
		s.Get(t, one[0], "Cookie", "author=anna")
		want = append(want, "anna|"+one[1]+"|||127.0.0.1")
	}
	for _, refused := range []string{"/findings.csv?rule=none", "/search.csv?q=|", "/events/99999/raw"} {
		if a := s.Do(t, http.MethodGet, refused, nil); a.Status < 400 {
			t.Errorf("%s: %d", refused, a.Status)
		}
	}
	if got := told(t, s, "exported"); !slices.Equal(got, want) {
		t.Errorf("told\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// TestUploadsAreSigned: an upload is by the name in its form, or the one that was
// typed in the browser before.
func TestUploadsAreSigned(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	log := consoletest.Log("a.json", consoletest.Change("web01", 1, consoletest.Noon, "/x"))
	for _, fields := range [][]string{{"author", " bob "}, nil} {
		body, kind := consoletest.Multi(t, fields, log)
		s.Do(t, http.MethodPost, "/imports", body, "Content-Type", kind, "Cookie", "author=anna")
	}
	var got []string
	for _, row := range told(t, s, "uploaded") {
		if strings.Contains(row, "|file|") {
			got = append(got, row)
		}
	}
	want := []string{"bob|import 1|file||a.json|127.0.0.1", "anna|import 2|file||a.json|127.0.0.1"}
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// audited is a console with a change of each of several kinds.
func audited(t *testing.T) *consoletest.Server {
	t.Helper()
	s := consoletest.New(t)
	s.Load(t, "a.json", consoletest.Change("web01", 1, consoletest.Noon, "/x"))
	s.Load(t, "b.json", consoletest.Change("web010", 2, consoletest.Noon, "/y"))
	evil := "=1+1\u202e<b>" + strings.Repeat("long ", 40)
	for _, one := range []struct {
		at   string
		form url.Values
	}{
		{"/hosts/web01/triage", url.Values{"status": {"Pending"}, "author": {"anna"}}},
		{"/hosts/web010/triage", url.Values{"owner": {"@bob"}, "author": {"bert"}}},
		{"/triage", url.Values{"finding": s.FindingIDs(t), "status": {"Pending"}, "author": {"anna"}}},
		{"/hosts/web01/notes", url.Values{"text": {evil}, "author": {"+anna"}}},
		{"/rules/" + consoletest.AppcmdID + "/disable", url.Values{"author": {"bert"}}},
		{"/settings", url.Values{"medium": {"60"}, "high": {"100"}, "critical": {"500"}, "tactics": {"3"}, "rules": {"4"},
			"author": {"cid"}}},
		{"/imports/2/delete", url.Values{"author": {"cid"}}},
		{"/cases", url.Values{"title": {"A case"}, "author": {"cid"}, "dest": {"web01"}}},
	} {
		if a := s.Post(t, one.at, one.form); a.Status >= 400 {
			t.Fatalf("%s: %d\n%s", one.at, a.Status, a.Body)
		}
	}
	return s
}

// auditPage is a page of the trail as a program gets it.
type auditPage struct {
	Rows []struct {
		ID                                                                int64
		Time, Person, Action, Object, URL, Field, Old, New, Address, Prev string
	}
	Total int64
	Next  string
}

func auditOf(t *testing.T, s *consoletest.Server, at string) (p auditPage) {
	t.Helper()
	if err := json.Unmarshal([]byte(s.Get(t, at, "Accept", consoletest.JSON).Body), &p); err != nil {
		t.Fatal(err)
	}
	return p
}

// TestAuditPage: what the page, the table and a program see is the same, by each
// filter; objects lead to where they still are.
func TestAuditPage(t *testing.T) {
	t.Parallel()
	s := audited(t)
	for query, want := range map[string]int{
		"": -1, "?action=disabled": 1, "?person=anna": 3, "?person=%2Banna": 2, "?action=set": -1, "?object=host+web01": 2, "?of=host+web01": 1,
		"?q=WEB010": 1, "?to=2020-01-01": 0, "?from=2020-01-01&person=bert": 2, "?of=import+2": -1, "?person=nobody": 0,
	} {
		page := auditOf(t, s, "/audit"+query)
		d := s.Doc(t, "/audit"+query)
		rows := consoletest.Rows(t, s.Get(t, "/audit.csv"+query))[1:]
		if n := len(rows); n > int(page.Total) && rows[n-1][2] == "exported" { // its own row, which came later
			rows = rows[:n-1]
		}
		if want < 0 {
			want = int(page.Total)
		}
		shown := d.Find("table.audit tbody tr")
		if len(page.Rows) != want || int(page.Total) != want || shown.Length() != want || len(rows) != want {
			t.Errorf("%s: %d of %d rows, %d on the page, %d in the table; want %d", query, len(page.Rows), page.Total,
				shown.Length(), len(rows), want)
			continue
		}
		slices.Reverse(rows)
		for i, r := range page.Rows {
			cells := []string{r.Time, r.Person, r.Action, r.Object, r.Field, r.Old, r.New, r.Address, r.Prev}
			for k := range cells {
				cells[k] = csvsafe.Cell(cells[k])
			}
			if !slices.Equal(rows[i], cells) {
				t.Errorf("%s: the table has\n%q\nand JSON\n%q", query, rows[i], cells)
			}
			row := shown.Eq(i)
			if at := row.Find("time").AttrOr("datetime", ""); !strings.HasPrefix(r.Time, strings.TrimSuffix(at, "Z")) {
				t.Errorf("%s: the page says %s, JSON %s", query, at, r.Time)
			}
			if got := row.Find("td.object a").AttrOr("href", ""); got != r.URL {
				t.Errorf("%s leads to %q on the page, to %q in JSON", r.Object, got, r.URL)
			}
		}
	}
	links := map[string]string{}
	for _, r := range auditOf(t, s, "/audit").Rows {
		links[r.Object] = r.URL
	}
	finding := s.FindingIDs(t)[0]
	for object, want := range map[string]string{"host web01": "/hosts/web01", "finding " + finding: "/findings/" + finding,
		"note 1": "/hosts/web01#note-1", "rule " + consoletest.AppcmdID: "/rules/" + consoletest.AppcmdID,
		"setting medium": "/settings", "import 1": "/imports/1", "import 2": "", "audit": "",
		"case ESC-1": "/cases/ESC-1"} {
		if got, ok := links[object]; !ok || got != want {
			t.Errorf("%s leads to %q, want %q (%v)", object, got, want, ok)
		}
	}
	for _, at := range []string{"/hosts/web01", "/findings/" + finding, "/rules/" + consoletest.SeedID, "/settings"} {
		if s.Doc(t, at).Find(`main a[href^="/audit"]`).Length() == 0 {
			t.Errorf("%s does not lead to the trail", at)
		}
	}
	note := s.Doc(t, "/audit?of=note+1").Find("details.fold")
	if note.Length() != 1 || !strings.Contains(note.Find("pre").Text(), "[U+202E]<b>") {
		t.Errorf("a long text: %d folds, %q", note.Length(), note.Text())
	}
	for _, wrong := range []string{"?from=never", "?after=x", "?q=" + strings.Repeat("x", 2000)} {
		if a := s.Do(t, http.MethodGet, "/audit"+wrong, nil); a.Status != http.StatusBadRequest {
			t.Errorf("%.20s: %d", wrong, a.Status)
		}
	}
}

// TestAuditPages: pages follow one another without a gap, as a program walks them and
// as links on the page.
func TestAuditPages(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	for n := range 120 {
		if err := s.Store.Audit(t.Context(), store.AuditEntry{Action: "set", Object: fmt.Sprint("x ", n)}); err != nil {
			t.Fatal(err)
		}
	}
	var ids []int64
	pages := 0
	for at := "/audit?action=set"; at != ""; pages++ {
		p := auditOf(t, s, at)
		for _, r := range p.Rows {
			ids = append(ids, r.ID)
		}
		next := s.Doc(t, at).Find("nav.pager a[rel=next]").AttrOr("href", "")
		if at = p.Next; next != p.Next {
			t.Errorf("the page leads to %q, JSON to %q", next, p.Next)
		}
	}
	if len(ids) != 120 || pages != 3 || !slices.IsSortedFunc(ids, func(a, b int64) int { return int(b - a) }) {
		t.Errorf("%d rows on %d pages: %v", len(ids), pages, ids)
	}
}
