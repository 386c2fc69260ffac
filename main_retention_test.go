package main_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"escutcheon/demo/logwriter"
)

// quiet is an event on which nothing rests.
func quiet(host string, number int64, at time.Time) *logwriter.Record {
	r := change(host, number, at, "/x")
	r.EventCode = 50
	return r
}

// TestRetentionCommand: what is too old goes, a look before says what, what findings rest
// on stays, and the database is whole; what comes later and is older is counted.
func TestRetentionCommand(t *testing.T) {
	t.Parallel()
	c := newCLI(t)
	if r := c.run(nil, "retention", "--max-age", "90d"); r.code != 1 || !strings.Contains(r.stderr, "no database") {
		t.Errorf("no database: %d %s", r.code, r.stderr)
	}
	old := time.Date(2019, 3, 2, 12, 0, 0, 0, time.UTC)
	log := write(t, "a.json", nxlog(quiet("web01", 1, old), change("web01", 2, old.Add(time.Hour), "/x"),
		quiet("web01", 3, old.Add(2*time.Hour)), quiet("web02", 1, old)))
	c.ok("import", log)
	before := c.tables()
	for _, args := range [][]string{nil, {"--max-age", "soon"}, {"--max-age", "0d"}, {"--max-size", "big"}} {
		if r := c.run(nil, "retention", args...); r.code != 2 {
			t.Errorf("%q: %d %s", args, r.code, r.stderr)
		}
	}
	for range 2 {
		if got := c.ok("retention", "--dry-run", "--max-age", "24h"); !strings.Contains(got,
			" would go: 3 of 4 events,") || !strings.HasSuffix(got, " rests: 1. Nothing was changed.\n") {
			t.Errorf("%q", got)
		}
	}
	if got := c.ok("retention", "--max-age", "24h"); !strings.Contains(got, ": 3 events, ") {
		t.Errorf("%q", got)
	}
	if got := c.ok("retention", "--max-age", "24h"); got != "No event is too old or too much.\n" {
		t.Errorf("again: %q", got)
	}
	if after := c.tables(); after != before {
		t.Errorf("findings are\n%s\nand were\n%s", after, before)
	}
	if got := c.ok("check"); got != "The database is whole.\n" {
		t.Errorf("%q", got)
	}
	r := c.run(nil, "search", "--format", "csv", "* | stats count")
	if r.code != 0 || !strings.Contains(r.stdout, "1") || !strings.Contains(r.stderr, "were removed by retention") {
		t.Errorf("a search: %d %s%s", r.code, r.stdout, r.stderr)
	}
	late := write(t, "late.json", nxlog(quiet("web01", 1, old), change("web09", 1, old, "/x")))
	if r := c.run(nil, "import", "--json", late); r.code != 0 || !strings.Contains(r.stdout, `"read":2,"new":0,"duplicate":0`) ||
		!strings.Contains(r.stdout, `"expired":2`) {
		t.Errorf("late: %d %s%s", r.code, r.stdout, r.stderr)
	}
	if after := c.tables(); after != before {
		t.Errorf("findings are\n%s\nand were\n%s", after, before)
	}
}

// TestRetentionSetting: what is saved on the page the server does by itself, and says.
func TestRetentionSetting(t *testing.T) {
	t.Parallel()
	c := newCLI(t)
	old := time.Date(2019, 3, 2, 12, 0, 0, 0, time.UTC)
	c.ok("import", write(t, "a.json", nxlog(quiet("web01", 1, old), change("web01", 2, old.Add(time.Hour), "/x"))))
	s := serve(t, c.db)
	type answer struct {
		Age  string
		Size int64
		Gone *string
		Runs []struct {
			Ended        *string
			Events, Kept int64
		}
		Would *struct{ Events, Kept, Of int64 }
	}
	ask := func(query string) (a answer) {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.url+"/settings/retention"+query, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Accept", "application/json")
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		if err := json.NewDecoder(res.Body).Decode(&a); err != nil {
			t.Fatal(err)
		}
		return a
	}
	if a := ask("?age=90d"); a.Would == nil || a.Would.Events != 1 || a.Would.Kept != 1 || a.Would.Of != 2 ||
		a.Gone != nil {
		t.Errorf("a look before: %+v", a)
	}
	s.shows(t, "/settings/retention?age=90d", "1 event is older", true)
	s.shows(t, "/settings/retention", "off: everything is kept", true)
	s.send(t, "/settings/retention", url.Values{"age": {"90d"}, "size": {"1GiB"}})
	deadline := time.After(time.Minute)
	for {
		a := ask("")
		if a.Age != "90d" || a.Size != 1<<30 {
			t.Fatalf("the setting: %+v", a)
		}
		if len(a.Runs) == 1 && a.Runs[0].Ended != nil {
			if a.Runs[0].Events != 1 || a.Runs[0].Kept != 1 || a.Gone == nil {
				t.Errorf("the run: %+v", a)
			}
			break
		}
		select {
		case <-deadline:
			t.Fatalf("it does nothing: %+v", a)
		case <-time.After(20 * time.Millisecond):
		}
	}
	s.shows(t, "/settings/retention", "Events gone", true)
	s.shows(t, "/hosts/web01/coverage", "were removed by retention", true)
}
