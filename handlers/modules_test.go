package handlers_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"escutcheon/demo/logwriter"
	"escutcheon/internal/consoletest"
)

// moduleLog is a log of commits, each a minute after the one before.
func moduleLog(host, who string, commits ...[]logwriter.Change) (out []byte) {
	n := int64(0)
	for i, commit := range commits {
		for _, r := range logwriter.IISCommit(commit...) {
			n++
			r.Computer, r.RecordNumber, r.Sid = host, n, who
			r.Time = consoletest.Noon.Add(time.Duration(i) * time.Minute)
			out = append(logwriter.AppendNXLog(out, &r, nil), '\n')
		}
	}
	return out
}

// moduleRemoved is a native module uninstalled from the server.
func moduleRemoved(name string) []logwriter.Change {
	return []logwriter.Change{{Path: `/system.webServer/modules/add[@name="` + name + `"]`, Edit: logwriter.EditDelete},
		{Path: `/system.webServer/globalModules/add[@name="` + name + `"]`, Edit: logwriter.EditDelete}}
}

type ledgerAnswer struct {
	Dest    string
	Sources []struct {
		Source    string
		Collected bool
		From      *string
	}
	Modules []ledgerModule
}

type ledgerModule struct {
	Name, Image, Type, Scope, First, Last, Present, Judgement, Reason, Strength string
	AddedBy                                                                     string `json:"added_by"`
	Hosts                                                                       int64
	RemovedBy                                                                   string `json:"removed_by"`
	FirstHost                                                                   string `json:"first_host"`
	FirstSeen                                                                   string `json:"first_seen"`
	Entry                                                                       *struct{ List, Value, About string }
	Evidence                                                                    []struct {
		Source, Text, By string
		Event            int64
	}
}

const (
	filtering = "RequestFilteringModule"
	formula   = "=HYPERLINK(1)"
)

// loadModules imports the logs of two hosts: a module that is added, removed and added
// again, on the other host only added; one under a name of IIS's own; one that begins a
// formula and is gone.
func loadModules(t testing.TB, s *consoletest.Server) {
	t.Helper()
	add := logwriter.IISModuleAdded
	s.Load(t, "a.json", moduleLog("web01", "S-1-5-21-7", add("ShopTrace", `D:\shop\trace.dll`), moduleRemoved("ShopTrace"),
		add("ShopTrace", `d:\SHOP\trace.dll`), add(filtering, `%windir%\System32\inetsrv\defreq.dll`),
		add(formula, `C:\x.dll`), moduleRemoved(formula)))
	s.Load(t, "b.json", moduleLog("web02", "S-1-5-18", add("shoptrace", `D:\shop\trace.dll`),
		add("StaticFileModule", `C:\Windows\System32\inetsrv\static.dll`)))
	if err := s.Store.RefreshRisk(t.Context()); err != nil { // what serve does every few seconds
		t.Fatal(err)
	}
}

// TestModules: the ledger of a host says of each module what the events say, as JSON, as
// a table and as a page, and each judgement leads to what it rests on.
func TestModules(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	loadModules(t, s)
	l := decodeJSON[ledgerAnswer](t, s.Get(t, "/hosts/WEB01/modules", "Accept", consoletest.JSON), http.StatusOK)
	var got []string
	for _, m := range l.Modules {
		got = append(got, strings.Join([]string{m.Judgement, m.Name, m.Present, m.Type, m.First[11:], m.Last[11:], m.AddedBy,
			m.RemovedBy}, " "))
		if len(m.Evidence) == 0 || m.Evidence[0].Event == 0 || m.Scope != logwriter.AppHost || m.Reason == "" {
			t.Errorf("%+v", m)
		}
	}
	want := []string{"posing RequestFilteringModule yes native 12:03:00Z 12:03:00Z S-1-5-21-7 ",
		"unknown ShopTrace yes native 12:00:00Z 12:02:00Z S-1-5-21-7 ",
		"unknown =HYPERLINK(1) no native 12:04:00Z 12:05:00Z S-1-5-21-7 S-1-5-21-7"}
	if !slices.Equal(got, want) || l.Dest != "web01" {
		t.Fatalf("%q", got)
	}
	if m := l.Modules[0]; m.Entry == nil || m.Entry.List != "own" || !strings.Contains(m.Reason, m.Entry.Value) {
		t.Errorf("%+v", m)
	}
	if l.Modules[1].Hosts != 2 || l.Modules[0].Hosts != 1 || l.Modules[1].Entry != nil {
		t.Errorf("%+v", l.Modules)
	}
	if len(l.Sources) != 5 || !l.Sources[0].Collected || l.Sources[0].From == nil || l.Sources[1].Collected {
		t.Errorf("%+v", l.Sources)
	}
	rows := consoletest.Rows(t, s.Get(t, "/hosts/web01/modules.csv"))
	if head := strings.Join(rows[0], ","); len(rows) != 4 || rows[3][1] != "'"+formula ||
		head != "dest,name,image,type,scope,first,last,present,added_by,judgement,reason,hosts,removed_by,first_host" ||
		rows[3][12] != "S-1-5-21-7" || rows[1][12] != "" {
		t.Errorf("%q", rows)
	}
	all := consoletest.Rows(t, s.Get(t, "/modules.csv"))
	if len(all) != 6 || all[1][0] != "web01" || all[5][0] != "web02" || all[5][9] != "own" ||
		all[2][13] != "web01" || all[3][13] != "web01" || all[5][13] != "" {
		t.Errorf("%q", all)
	}
	before := consoletest.Rows(t, s.Get(t, "/hosts/web01/modules.csv?as-of=2026-03-02T12:01:30Z"))
	if len(before) != 2 || before[1][7] != "no" {
		t.Errorf("between removal and return: %q", before)
	}
	d := s.Doc(t, "/hosts/web01/modules")
	if n := d.Find(".ledger tbody tr").Length(); n != 3 || !strings.Contains(consoletest.Words(d, ".module-sources"),
		"configuration: not collected") {
		t.Errorf("%d rows, %s", n, consoletest.Words(d, ".module-sources"))
	}
	first := d.Find(".ledger tbody tr").First()
	event, _ := first.Find(`a[href^="/events/"]`).First().Attr("href")
	if !strings.Contains(consoletest.Words(s.Doc(t, event), "main"), filtering) {
		t.Errorf("the evidence leads to %q", event)
	}
	if s.Doc(t, "/hosts/web01").Find(`a[href="/hosts/web01/modules"]`).Length() != 1 {
		t.Error("the page of the host does not lead to its modules")
	}
}

// TestHandlersOfLedger: a handler that runs code of its own is in the ledger by its events,
// with who added and who removed it, and in no verdict; one of a native module is not.
func TestHandlersOfLedger(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	entry := func(name, attr, value string) []logwriter.Change {
		path := `/system.webServer/handlers/add[@name="` + name + `"]`
		return []logwriter.Change{{Path: path, Edit: logwriter.EditAdd},
			{Path: path + "/@path", Edit: logwriter.EditAdd, After: "*.x"},
			{Path: path + "/@" + attr, Edit: logwriter.EditAdd, After: value}}
	}
	s.Load(t, "a.json", moduleLog("web01", "S-1-5-21-7", entry("Shell", "type", "Evil.Handler, Evil"),
		entry("Static", "modules", "StaticFileModule")))
	s.Load(t, "b.json", moduleLog("web01", "S-1-5-18", nil, nil, nil, []logwriter.Change{{Edit: logwriter.EditDelete,
		Path: `/system.webServer/handlers/add[@name="shell"]`}}))
	l := decodeJSON[ledgerAnswer](t, s.Get(t, "/hosts/web01/modules", "Accept", consoletest.JSON), http.StatusOK)
	if len(l.Modules) != 1 || l.Modules[0].Type != "handler" || l.Modules[0].Image != "Evil.Handler, Evil" ||
		l.Modules[0].AddedBy != "S-1-5-21-7" || l.Modules[0].RemovedBy != "S-1-5-18" || l.Modules[0].Present != "no" ||
		len(l.Modules[0].Evidence) != 3 {
		t.Errorf("%+v", l.Modules)
	}
	of := decodeJSON[struct {
		Verdict struct{ Gravity, Modules any }
	}](t,
		s.Get(t, "/hosts/web01", "Accept", consoletest.JSON), http.StatusOK)
	if n, _ := of.Verdict.Modules.([]any); len(n) != 0 || of.Verdict.Gravity != "none" {
		t.Errorf("%+v", of)
	}
}

// TestModuleGroups: the page has modules by judgement, what is grave in sight and what is
// harmless folded, and shows those that are asked for, as the table and JSON do.
func TestModuleGroups(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	loadModules(t, s)
	s.Load(t, "c.json", moduleLog("web01", "S-1-5-18", nil, nil, nil, nil, nil, nil, nil,
		logwriter.IISModuleAdded("StaticFileModule", `C:\Windows\System32\inetsrv\static.dll`)))
	shown := func(query string) string {
		var out []string
		s.Doc(t, "/hosts/web01/modules"+query).Find(".module-group").Each(func(_ int, g *goquery.Selection) {
			id, _ := g.Attr("id")
			_, open := g.Attr("open")
			out = append(out, fmt.Sprint(id, " ", g.Find("tbody tr").Length(), " ", open))
		})
		return strings.Join(out, ", ")
	}
	for query, want := range map[string]string{"": "posing 1 true, unknown 2 true, own 1 false",
		"?q=TRACE.dll": "unknown 1 true", "?q=static": "own 1 true", "?present=no": "unknown 1 true", "?type=managed": "",
		"?type=native&present=yes": "posing 1 true, unknown 1 true, own 1 true"} {
		if got := shown(query); got != want {
			t.Errorf("%q shows %q, want %q", query, got, want)
		}
		rows := len(consoletest.Rows(t, s.Get(t, "/hosts/web01/modules.csv"+query))) - 1
		l := decodeJSON[ledgerAnswer](t, s.Get(t, "/hosts/web01/modules"+query, "Accept", consoletest.JSON), http.StatusOK)
		if n := s.Doc(t, "/hosts/web01/modules"+query).Find(".ledger tbody tr").Length(); n != rows || n != len(l.Modules) {
			t.Errorf("%q: %d on the page, %d in the table, %d in JSON", query, n, rows, len(l.Modules))
		}
	}
	d := s.Doc(t, "/hosts/web01/modules?present=no&as-of=2027-01-01")
	if csv, _ := d.Find(`a[download]`).Attr("href"); csv != "/hosts/web01/modules.csv?as-of=2027-01-01&present=no" ||
		!strings.Contains(consoletest.Words(d, "h1"), "4") {
		t.Errorf("%q, %s", csv, consoletest.Words(d, "h1"))
	}
	if a := s.Do(t, "GET", "/hosts/web01/modules?type=x", nil); a.Status != 400 {
		t.Errorf("a type that is not: %d", a.Status)
	}
}

// TestModuleLists: a judgement's link leads to its entry, with where it is from.
func TestModuleLists(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	loadModules(t, s)
	to, _ := s.Doc(t, "/hosts/web01/modules").Find(`.ledger a[href^="/modules/lists"]`).First().Attr("href")
	d := s.Doc(t, to)
	if d.Find(".module-list[open] tbody tr").Length() != 1 ||
		!strings.Contains(consoletest.Words(d, "tbody"), filtering) ||
		!strings.Contains(consoletest.Words(d, "main"), "never complete") {
		t.Errorf("%s: %s", to, consoletest.Words(d, "main"))
	}
	all := decodeJSON[struct {
		Complete *bool
		Entries  []struct{ List, Value, About, Date, Strength string }
	}](t, s.Get(t, "/modules/lists", "Accept", consoletest.JSON), http.StatusOK)
	if all.Complete == nil || *all.Complete || len(all.Entries) < 800 {
		t.Errorf("%d entries", len(all.Entries))
	}
	if n := s.Doc(t, "/modules/lists?q=TRR251001").Find("#hashes tbody tr").Length(); n < 20 {
		t.Errorf("%d entries of a report", n)
	}
	if !strings.Contains(consoletest.Words(s.Doc(t, "/modules/lists?q=nothing-has-this"), "main"), "No entry") {
		t.Error("nothing is said where no entry has the text")
	}
}

// TestOwnList: entries that the user brought judge modules, are told of in the audit trail,
// and are shown as what they are, whatever they hold.
func TestOwnList(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	loadModules(t, s)
	list := "kind,value,judgement,note,source\nimage,D:\\shop\\TRACE.dll,known,<b>ours\u202e</b>,team\n"
	for range 2 { // the second is no change
		if err := s.Store.KeepKnownList(t.Context(), "<i>.csv", []byte(list)); err != nil {
			t.Fatal(err)
		}
	}
	row := s.Doc(t, "/hosts/web01/modules").Find(".ledger tbody tr").Last()
	to, _ := row.Find(`a[href^="/modules/lists"]`).Attr("href")
	if text := row.Text(); row.Closest("#known").Length() != 1 || !strings.Contains(text, "<b>ours[U+202E]</b>") {
		t.Error(text)
	}
	if text := consoletest.Words(s.Doc(t, to), "#yours"); !strings.Contains(text, "<b>ours[U+202E]</b>") ||
		!strings.Contains(text, "known: team") {
		t.Errorf("%s: %s", to, text)
	}
	if n := strings.Count(s.Get(t, "/audit.csv").Body, `"list of modules"`); n != 1 {
		t.Errorf("%d rows of the audit trail tell of it", n)
	}
}

// TestModulesElsewhere: hosts that are not there, and names that lead to another host.
func TestModulesElsewhere(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	loadModules(t, s)
	for path, want := range map[string]int{"/hosts/nix/modules": 404, "/hosts/nix/modules.csv": 404, "/modules": 303,
		"/modules.csv": 200, "/hosts/web01/modules?as-of=x": 400, "/modules?dest=web01": 200} {
		if a := s.Do(t, "GET", path, nil); a.Status != want {
			t.Errorf("%s: %d", path, a.Status)
		}
	}
	s.Post(t, "/hosts/web01/names", map[string][]string{"name": {"web02"}, "author": {"anna"}})
	if a := s.Do(t, "GET", "/hosts/web02/modules", nil); a.Status != 303 || a.Header.Get("Location") != "/hosts/web01/modules" {
		t.Errorf("a merged name: %d to %q", a.Status, a.Header.Get("Location"))
	}
	l := decodeJSON[ledgerAnswer](t, s.Get(t, "/hosts/web01/modules", "Accept", consoletest.JSON), http.StatusOK)
	if len(l.Modules) != 4 || l.Modules[1].Hosts != 1 {
		t.Errorf("%+v", l.Modules)
	}
	if a := s.Get(t, "/modules.csv"); strings.Contains(a.Body, "web02") {
		t.Errorf("a name that is shown with another host has rows of its own:\n%s", a.Body)
	}
}
