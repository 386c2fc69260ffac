package handlers_test

import (
	"database/sql"
	"fmt"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"escutcheon/internal/consoletest"
)

// TestManyFiles: of a host with all libraries of a system among its files its configuration
// is looked at first, and that files are left out is told; so is it in a report of as many
// modules.
func TestManyFiles(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "x.db")
	s := consoletest.StartAt(t, path, 1<<20, func() time.Time { return consoletest.Noon })
	raw, err := sql.Open("sqlite", "file:"+path+"?_pragma=busy_timeout(30000)")
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	if _, err := raw.Exec(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)
		INSERT INTO artifact (import_id, dest, kind, name, path, serial, zoneless, sha256, sha1, size, problem, facts, text)
		SELECT 0, 'web01', 'module file', 'x', 'C:\Windows\System32\' || i || '.dll', 0, 0, i, '', 1, '', x'', x'' FROM n`,
	); err != nil {
		t.Fatal(err)
	}
	var modules strings.Builder
	for i := range 1100 {
		fmt.Fprintf(&modules, `<add name="M%d" image="D:\m%d.dll"/>`, i, i)
	}
	var keys strings.Builder
	for i := range 60 {
		fmt.Fprintf(&keys, `<location path="s%d"><system.web><machineKey validationKey="F00DF00DF00DF00D"/></system.web>`+
			`</location>`, i)
	}
	s.Load(t, "triage.zip", consoletest.ZippedAt(t, consoletest.Noon.Add(-time.Hour),
		consoletest.Log("a.json", consoletest.Change("web01", 1, consoletest.Noon, "/x/@y")),
		consoletest.Log("C/Windows/System32/inetsrv/config/applicationHost.config",
			[]byte("<configuration><system.applicationHost/><system.webServer><globalModules>"+modules.String()+
				"</globalModules></system.webServer>"+keys.String()+"</configuration>"))))
	type cut struct {
		FilesCut bool `json:"files_cut"`
		Files    []struct{ Kind string }
		Modules  []struct{ Name, Present string }
		Hosts    []struct {
			Modules  []struct{ Name string }
			More     int                      `json:"modules_not_listed"`
			Keys     []struct{ Scope string } `json:"machine_keys"`
			MoreKeys int                      `json:"machine_keys_not_listed"`
		}
	}
	a := decodeJSON[cut](t, s.Get(t, "/hosts/web01/config", "Accept", consoletest.JSON), 200)
	if !a.FilesCut || len(a.Files) != 5000 ||
		!slices.ContainsFunc(a.Files, func(f struct{ Kind string }) bool { return f.Kind == "applicationHost.config" }) {
		t.Errorf("%v, %d files", a.FilesCut, len(a.Files))
	}
	a = decodeJSON[cut](t, s.Get(t, "/hosts/web01/modules", "Accept", consoletest.JSON), 200)
	if len(a.Modules) != 1100 || a.Modules[0].Present != "yes" || !a.FilesCut {
		t.Errorf("%d modules, %v", len(a.Modules), a.FilesCut)
	}
	for _, page := range []string{"modules", "config"} {
		if words := consoletest.Words(s.Doc(t, "/hosts/web01/"+page), "main"); !strings.Contains(words, "are left out") {
			t.Errorf("%s says nothing of what is left out: %.300s", page, words)
		}
	}
	if d := s.Doc(t, "/hosts/web01/modules"); d.Find("table.modules tbody tr").Length() != 1000 ||
		!strings.Contains(consoletest.Words(d, "main"), "100 more modules are not") {
		t.Errorf("the page lists %d modules", d.Find("table.modules tbody tr").Length())
	}
	r := decodeJSON[cut](t, s.Get(t, "/hosts/web01/report.json"), 200)
	if len(r.Hosts) != 1 || len(r.Hosts[0].Modules) != 200 || r.Hosts[0].More != 900 ||
		len(r.Hosts[0].Keys) != 50 || r.Hosts[0].MoreKeys != 10 ||
		!strings.Contains(s.Get(t, "/hosts/web01/report.md").Body, "900 modules are not listed here") {
		t.Errorf("the report has %d modules, %d more, %d keys, %d more", len(r.Hosts[0].Modules), r.Hosts[0].More,
			len(r.Hosts[0].Keys), r.Hosts[0].MoreKeys)
	}
}

// TestMarksOfFiles: what a version of the configuration shows, and no event says, stands in
// the timeline's lane of modules, leads to its file and is no risk.
func TestMarksOfFiles(t *testing.T) {
	s := consoletest.New(t)
	config := func(modules string) []byte {
		return []byte("<configuration><system.applicationHost/><system.webServer><globalModules>" + modules +
			"</globalModules></system.webServer></configuration>")
	}
	s.Load(t, "triage.zip", consoletest.ZippedAt(t, consoletest.Noon.Add(-time.Hour),
		consoletest.Log("a.json", consoletest.Change("web01", 1, consoletest.Noon, "/x/@y")),
		consoletest.Log("C/inetpub/history/CFGHISTORY_0000000001/applicationHost.config", config("")),
		consoletest.Log("C/inetpub/history/CFGHISTORY_0000000002/applicationHost.config",
			config(`<add name="UpData" image="C:\u.dll"/>`))))
	page := s.Doc(t, "/hosts/web01?as-of="+url.QueryEscape(consoletest.Noon.Add(time.Hour).Format(time.RFC3339)))
	mark := page.Find(`a[href^="/artifacts/"] title`).Text()
	if !strings.Contains(mark, "UpData changed in CFGHISTORY_0000000002, in no event") {
		t.Errorf("%q", mark)
	}
	if words := consoletest.Words(page, "main"); !strings.Contains(words, "1 risk event with a score of 50") {
		t.Error("a file is counted as risk: ", words)
	}
}
