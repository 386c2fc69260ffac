package handlers_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"escutcheon/demo/logwriter"
	"escutcheon/event"
	"escutcheon/internal/consoletest"
)

// w3cLog is a log of requests of one client, whose times are from noon on.
func w3cLog(computer string, list ...logwriter.Request) (out []byte) {
	out = logwriter.AppendW3CHeader(nil, logwriter.IISSoftware, consoletest.Noon, logwriter.W3CAllFields)
	for _, r := range list {
		if r.Computer = computer; r.Agent == "" {
			r.Agent, r.Client = "Mozilla/5.0 (x)", "192.0.2.7"
		}
		out = logwriter.AppendW3C(out, &r, logwriter.W3CAllFields)
	}
	return out
}

func requested(after time.Duration, method, stem string, status int) logwriter.Request {
	return logwriter.Request{Time: consoletest.Noon.Add(after), Method: method, Stem: stem, Status: status}
}

type requestsAnswer struct {
	Dest, Why, Caution   string
	At                   *string
	Hours, Before, After int
	Refused              int
	Collected, Complete  bool
	ViewStates           struct{ Count int } `json:"view_states"`
	Changes              []struct{ Name, Judgement, At string }
	Told                 []struct {
		Kind, Path, Client, Search string
		Agent                      string `json:"user_agent"`
		Count, Posts               int
		Failed                     int `json:"failed_before"`
	}
}

// loadRequests imports a module that comes at noon and requests around it.
func loadRequests(t testing.TB, s *consoletest.Server) {
	t.Helper()
	s.Load(t, "a.json", moduleLog("web01", "S-1-5-21-7", logwriter.IISModuleAdded("ShopTrace", `D:\shop\trace.dll`)))
	list := []logwriter.Request{requested(-time.Hour, "GET", "/a", 200), requested(-time.Hour, "GET", "/old", 404),
		requested(time.Minute, "GET", "/OLD", 200), requested(2*time.Hour, "POST", `/new"<b>\x*.aspx`, 200),
		requested(time.Minute, "GET", "/scan", 404), requested(30*time.Hour, "GET", "/far", 200)}
	other := requested(time.Minute, "GET", "/a", 200)
	other.Agent, other.Client = `evil "agent"`, "203.0.113.9"
	list = append(list, other)
	for i := range 12 {
		list = append(list, requested(10*time.Minute+time.Duration(i)*time.Second, "POST", "/a", 200))
	}
	s.Load(t, "u_ex1.log", w3cLog("WEB01", list...))
	s.Load(t, "u_ex2.log", w3cLog("web02", requested(time.Minute, "GET", "/else", 200)))
	r := logwriter.Application("ASP.NET 4.0.30319.0", 1316, logwriter.LevelInformation, "Event code: 4009\n"+
		"Event message: Viewstate verification failed. Reason: Viewstate was invalid.\nEvent detail code: 50204\n")
	r.Computer, r.RecordNumber, r.Time = "web01", 500, consoletest.Noon.Add(time.Hour)
	r.Data = []event.Field{{Name: "Data", Value: "50204"}}
	s.Load(t, "app.json", logwriter.AppendNXLog(nil, &r, nil))
}

// TestHostRequests: what the requests tell beside the coming of a module, each with a
// search that finds just these; as JSON and as a page, with the caution always.
func TestHostRequests(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	loadRequests(t, s)
	get := func(path string) requestsAnswer {
		t.Helper()
		return decodeJSON[requestsAnswer](t, s.Get(t, path, "Accept", consoletest.JSON), http.StatusOK)
	}
	all := get("/hosts/WEB01/requests")
	var got []string
	for _, i := range all.Told {
		got = append(got, strings.TrimSpace(i.Kind+": "+i.Path+i.Client+i.Agent))
		found := decodeJSON[rowsAnswer](t, s.Get(t, searchURL("/search", i.Search+" earliest=03/02/2026:12:00:00"),
			"Accept", consoletest.JSON), http.StatusOK)
		if len(found.Rows) != i.Count {
			t.Errorf("%s finds %d, want %d", i.Search, len(found.Rows), i.Count)
		}
	}
	want := []string{`first-seen address: /new"<b>\x*.aspx`, "POST burst: /a192.0.2.7", "error turned to answer: /OLD",
		"client seen only after: 203.0.113.9", `user agent seen only after: evil+"agent"`}
	if !slices.Equal(got, want) || all.Before != 2 || all.After != 16 || all.Refused != 1 || all.Why != "" ||
		all.ViewStates.Count != 1 || !all.Complete ||
		*all.At != "2026-03-02T12:00:00Z" || all.Hours != 24 || !all.Collected ||
		len(all.Changes) != 1 || all.Changes[0].Name != "ShopTrace" || !strings.Contains(all.Caution, "leave out") {
		t.Errorf("%q\n%+v", got, all)
	}

	if a := get("/hosts/web01/requests?hours=1"); a.After != 15 || len(a.Told) != 4 {
		t.Errorf("one hour: %+v", a)
	}
	if a := get("/hosts/web01/requests?at=2026-03-02T11:30:00Z&as-of=2026-03-02T12:05:00Z"); a.After != 3 ||
		a.Refused != 1 {
		t.Errorf("as of: %+v", a)
	}
	if a := get("/hosts/web02/requests?at=2026-03-02T12:00:00Z"); !strings.Contains(a.Why, "no requests before") ||
		len(a.Told) != 0 || !a.Collected {
		t.Errorf("nothing before: %+v", a)
	}
	if a := get("/hosts/web02/requests"); a.At != nil || !strings.Contains(a.Why, "Name a time") ||
		!a.Collected {
		t.Errorf("no change: %+v", a)
	}
	for _, wrong := range []string{"hours=0", "hours=25", "hours=x", "at=soon", "as-of=x"} {
		if a := s.Do(t, "GET", "/hosts/web01/requests?"+wrong, nil); a.Status != http.StatusBadRequest {
			t.Errorf("%s: %d", wrong, a.Status)
		}
	}

	d := s.Doc(t, "/hosts/web01/requests")
	if n := d.Find("table.ledger tbody tr").Length(); n != 5 || d.Find("p.told").Length() != 1 ||
		d.Find("#requests-at").AttrOr("value", "") != "2026-03-02T12:00:00Z" {
		t.Errorf("%d rows\n%s", n, d.Find("main").Text())
	}
	at, _ := s.Doc(t, "/hosts/web01/modules").Find("table.ledger a[href*='/requests']").Attr("href")
	u, err := url.Parse(at)
	if err != nil || u.Path != "/hosts/web01/requests" || u.Query().Get("at") != "2026-03-02T12:00:00Z" {
		t.Errorf("the ledger leads to %q", at)
	}
	s.Load(t, "c.json", moduleLog("web03", "S-1-5-21-7", logwriter.IISModuleAdded("X", `D:\x.dll`)))
	none := s.Doc(t, "/hosts/web03/requests")
	if text := none.Find("main").Text(); !strings.Contains(text, "not collected") || none.Find("table").Length() != 0 {
		t.Errorf("%s", text)
	}
}
