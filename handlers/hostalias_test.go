package handlers_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"escutcheon/internal/consoletest"
)

// listed are the hosts of the list, in its order.
func listed(t *testing.T, s *consoletest.Server, path string) []string {
	t.Helper()
	return s.Doc(t, path).Find("table.hosts tbody tr").Map(func(_ int, r *goquery.Selection) string {
		return oneLine(r.Find("th").Text()) + " " + oneLine(r.Find(".score").Text())
	})
}

// TestNamesOfOneHost: an analyst merges two names, and all of the host is that of
// both; taken back, all is as it was.
func TestNamesOfOneHost(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	const short, long, other = "EXCH01", "exch01.corp.example", "web01"
	var log []byte
	for i := range 3 {
		log = append(log, consoletest.Change(long, int64(i+1), consoletest.Noon.Add(time.Duration(i)*time.Minute),
			fmt.Sprintf("/p%d", i))...)
	}
	planted := consoletest.Change(short, 9, consoletest.Noon.Add(time.Hour),
		`/system.webServer/globalModules/add[@name="Planted"]`)
	s.Load(t, "long.json", log)
	s.Load(t, "short.json", planted)
	s.Load(t, "web.json", consoletest.Change(other, 1, consoletest.Noon, "/a"))
	for _, name := range []string{"exch01", long} {
		if a := s.Post(t, "/hosts/"+name+"/notes", url.Values{"author": {"Anna"}, "text": {"seen " + name}}); a.Status !=
			http.StatusSeeOther {
			t.Fatal(a.Status, a.Body)
		}
	}
	const at = "?as-of=2026-03-05T00:00:00Z"
	state := func() string {
		out := strings.Join(listed(t, s, "/"), "|") + strings.Join(listed(t, s, "/"+at), "|") +
			strings.Join(listed(t, s, "/?sort=dest"), "|")
		for _, name := range []string{"exch01", long, other} {
			out += s.Get(t, "/hosts/"+name+at, "Accept", "application/json").Body
			out += s.Get(t, "/hosts/"+name+"/risk.csv"+at).Body + s.Get(t, "/findings.csv?rule=all&dest="+name).Body
		}
		return out
	}
	before := state()

	for name, want := range map[string]string{"nowhere": "no host", long: "own name", "": "no host"} {
		a := s.Post(t, "/hosts/"+long+"/names", url.Values{"name": {name}, "author": {"Anna"}})
		if a.Status != http.StatusBadRequest || !strings.Contains(a.Body, want) {
			t.Errorf("merged with %q: %d %.300s", name, a.Status, a.Body)
		}
	}
	if a := s.Post(t, "/hosts/"+long+"/names", url.Values{"name": {"Exch01."}, "author": {"Anna"}}); a.Status !=
		http.StatusSeeOther {
		t.Fatal(a.Status, a.Body)
	}
	if a := s.Post(t, "/hosts/exch01/names", url.Values{"name": {other}, "author": {"Anna"}}); a.Status !=
		http.StatusBadRequest {
		t.Errorf("a name that is shown elsewhere has names: %d", a.Status)
	}
	for _, path := range []string{"/", "/" + at, "/?sort=dest", "/?sort=score", "/?sort=last"} {
		rows := listed(t, s, path)
		slices.Sort(rows)
		if got := strings.Join(rows, "|"); got != long+" 2 notes 200|"+other+" 50" {
			t.Errorf("%s: %q", path, got)
		}
	}
	if a := s.Do(t, "GET", "/hosts/exch01"+at, nil); a.Status != http.StatusSeeOther ||
		a.Header.Get("Location") != "/hosts/"+long+"?as-of="+url.QueryEscape("2026-03-05T00:00:00Z") {
		t.Errorf("the other name: %d to %s", a.Status, a.Header.Get("Location"))
	}
	v := verdictAt(t, s, "/hosts/"+long+at)
	if v.Score != 200 || v.Findings.All != 4 || v.Verdict.Gravity != "medium" && v.Verdict.Gravity != "high" ||
		len(v.Verdict.Modules) != 1 || v.Verdict.Modules[0].Hosts != 1 || len(v.Coverage) != 1 || v.Coverage[0].Events != 4 {
		t.Errorf("%+v", v)
	}
	page := s.Doc(t, "/hosts/"+long+at)
	for selector, want := range map[string]string{"h1 ~ p": "shown together with EXCH01, as Anna said",
		".notes": "seen exch01", "#findings": "as EXCH01", ".risk-rules": "4 × 50", ".verdict": "Planted"} {
		if got := oneLine(page.Find(selector).Text()); !strings.Contains(got, want) {
			t.Errorf("%s does not say %q: %.300q", selector, want, got)
		}
	}
	if n := page.Find("[data-timeline-rows] tbody tr").Length(); n != 4 {
		t.Errorf("%d rows beneath the timeline", n)
	}

	if a := s.Post(t, "/hosts/"+long+"/names/undo", url.Values{"name": {"exch01"}, "author": {"Anna"}}); a.Status !=
		http.StatusSeeOther {
		t.Fatal(a.Status, a.Body)
	}
	if after := state(); after != before {
		t.Errorf("taken back it is\n%s\nnot\n%s", after, before)
	}
	if a := s.Post(t, "/hosts/"+long+"/names/undo", url.Values{"name": {"exch01"}, "author": {"Anna"}}); a.Status !=
		http.StatusNotFound {
		t.Errorf("taken back twice: %d", a.Status)
	}
}
