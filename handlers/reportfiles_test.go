package handlers_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"escutcheon/demo/logwriter"
	"escutcheon/internal/consoletest"
)

const literalKey = "C0FFEE00C0FFEE"

// serverConfig is an applicationHost.config with modules, each its name and image.
func serverConfig(modules ...string) string {
	var b strings.Builder
	b.WriteString("<configuration><system.applicationHost><sites/></system.applicationHost><system.webServer><globalModules>\n")
	for i := 0; i < len(modules); i += 2 {
		fmt.Fprintf(&b, "<add name=%q image=\"%s\"/>\n", modules[i], modules[i+1])
	}
	b.WriteString("</globalModules></system.webServer>\n<system.web><machineKey validationKey=\"" + literalKey +
		"\"/></system.web></configuration>\n")
	return b.String()
}

// loadCollection imports a collection of web01: its events, two versions of its
// configuration and the one in force, which was edited by hand at twenty past.
func loadCollection(t testing.TB, s *consoletest.Server) {
	t.Helper()
	own := []string{"StaticFileModule", `%windir%\System32\inetsrv\static.dll`}
	shop := append(own[:2:2], "ShopTrace", `D:\shop\trace.dll`)
	var events []byte
	for n, c := range logwriter.IISModuleAdded("ShopTrace", `D:\shop\trace.dll`) {
		r := logwriter.IISChange(c)
		r.Computer, r.Time, r.RecordNumber = "web01", consoletest.Noon.Add(10*time.Minute), int64(n+1)
		events = append(logwriter.AppendXML(events, &r, false), '\n')
	}
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, m := range []struct {
		name, data string
		minutes    int
	}{
		{"C/inetpub/history/CFGHISTORY_0000000001/applicationHost.config", serverConfig(own...), -60},
		{"C/inetpub/history/CFGHISTORY_0000000002/applicationHost.config", serverConfig(shop...), 10},
		{"C/Windows/System32/inetsrv/config/applicationHost.config", serverConfig(append(shop, "Up|Data",
			`C:\Windows\Temp\up.dll`)...), 20},
		{"events.xml", string(events), 30},
	} {
		w, err := z.CreateHeader(&zip.FileHeader{Name: m.name,
			Modified: consoletest.Noon.Add(time.Duration(m.minutes) * time.Minute)})
		if err == nil {
			_, err = w.Write([]byte(m.data))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	s.Load(t, "triage.zip", b.Bytes())
}

// TestReportOfFiles: a report tells the modules of a host without IIS's own, what its
// configuration shows and no event does, its machine keys but not their values, and what
// was not collected.
func TestReportOfFiles(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	loadCollection(t, s)
	r := decodeJSON[struct {
		Hosts []struct {
			Ledger        []struct{ Name, Judgement, Present string } `json:"module_ledger"`
			Configuration []struct{ Text, Version, Why, Written string }
			MachineKeys   []struct{ Path, Which string } `json:"machine_keys"`
			NotCollected  []string                       `json:"not_collected"`
			NotSeen       []string                       `json:"not_seen"`
		}
	}](t, s.Get(t, "/hosts/web01/report.json"), http.StatusOK)
	h := r.Hosts[0]
	if len(h.Ledger) != 2 || h.Ledger[0].Name != "ShopTrace" || h.Ledger[1].Name != "Up|Data" ||
		h.Ledger[1].Judgement != "unknown" || h.Ledger[1].Present != "yes" {
		t.Errorf("%+v", h.Ledger)
	}
	if len(h.Configuration) != 1 || !strings.Contains(h.Configuration[0].Text, "Up|Data added to globalModules") ||
		!strings.Contains(h.Configuration[0].Why, "edited by hand") ||
		!strings.Contains(h.Configuration[0].Written, "12:20") {
		t.Errorf("%+v", h.Configuration)
	}
	if len(h.MachineKeys) != 3 || !strings.Contains(h.MachineKeys[0].Which, "validationKey") {
		t.Errorf("%+v", h.MachineKeys)
	}
	if got := strings.Join(h.NotCollected, ", "); got != "files of modules, lists of modules" ||
		!strings.Contains(strings.Join(h.NotSeen, "\n"), got) {
		t.Errorf("%q, %q", h.NotCollected, h.NotSeen)
	}
	for _, kind := range []string{"json", "md", "html"} {
		body := s.Get(t, "/hosts/web01/report."+kind).Body
		for _, want := range map[string][]string{"json": {"Up|Data"}, "md": {"### Module ledger", "Up¦Data",
			"no event says", "rotate these", "were not collected"}, "html": {"Module ledger", "Up|Data", "no event says",
			"rotate these", "were not collected"}}[kind] {
			if !strings.Contains(body, want) {
				t.Errorf("%s: %q is not told", kind, want)
			}
		}
		if strings.Contains(body, literalKey) {
			t.Errorf("%s: the key stands in it", kind)
		}
	}
	early := s.Get(t, "/hosts/web01/report.md?as-of="+consoletest.Noon.Add(15*time.Minute).Format(time.RFC3339)).Body
	if strings.Contains(early, "Up¦Data") || !strings.Contains(early, "ShopTrace") {
		t.Error("what came later than the as-of is told")
	}
}

// TestFirstHost: of a module that is on several hosts the ledger says which had it first,
// by events and by files; of one that is on one host, or known, it does not.
func TestFirstHost(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	add := logwriter.IISModuleAdded
	s.Load(t, "b.json", moduleLog("web02", "S-1-5-18", add("Nothing", `C:\n.dll`), add("SHOPTRACE", `D:\Shop\trace.dll`),
		add("Up|Data", `C:\Windows\Temp\up.dll`)))
	s.Load(t, "c.json", moduleLog("web03", "S-1-5-18", add("ShopTrace", `D:\another.dll`), add("x", `C:\x.dll`)))
	loadCollection(t, s)
	if err := s.Store.RefreshRisk(t.Context()); err != nil {
		t.Fatal(err)
	}
	firsts := func(host string) string {
		var out []string
		for _, m := range decodeJSON[ledgerAnswer](t, s.Get(t, "/hosts/"+host+"/modules", "Accept", consoletest.JSON),
			http.StatusOK).Modules {
			if m.FirstHost != "" || m.FirstSeen != "" {
				out = append(out, m.Name+" "+m.FirstHost+" "+m.FirstSeen[11:16])
			}
		}
		return strings.Join(out, ", ")
	}
	if got, want := firsts("web01"), "ShopTrace web02 12:01, Up|Data web02 12:02"; got != want {
		t.Errorf("%s; want %s", got, want)
	}
	if got, want := firsts("web02"), "SHOPTRACE web02 12:01, Up|Data web02 12:02"; got != want {
		t.Errorf("%s; want %s", got, want)
	}
	if got := firsts("web03"); got != "" {
		t.Errorf("%s; no other host has these", got)
	}
	d := s.Doc(t, "/hosts/web01/modules")
	if d.Find(`.ledger tbody a[href="/hosts/web02/modules"]`).Length() != 2 {
		t.Error("the page does not lead to the first host")
	}
	s.Load(t, "d.json", moduleLog("web04", "S-1-5-18", add("UpData", `C:\Windows\Temp\up.dll`)))
	if got := firsts("web04"); got != "" {
		t.Errorf("%s; the image alone is not the module", got)
	}
}

// TestFirstHostOfFiles: a version of a configuration that was written before any event
// says which host had a module first.
func TestFirstHostOfFiles(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	loadCollection(t, s)
	var commits [][]logwriter.Change
	for range 30 {
		commits = append(commits, logwriter.IISModuleAdded("Nothing", `C:\n.dll`))
	}
	s.Load(t, "b.json", moduleLog("web02", "S-1-5-18", append(commits, logwriter.IISModuleAdded("up|data",
		`C:\Windows\Temp\UP.dll`))...))
	if err := s.Store.RefreshRisk(t.Context()); err != nil {
		t.Fatal(err)
	}
	l := decodeJSON[ledgerAnswer](t, s.Get(t, "/hosts/web02/modules", "Accept", consoletest.JSON), http.StatusOK)
	if i := slices.IndexFunc(l.Modules, func(m ledgerModule) bool { return m.Name == "up|data" }); i < 0 ||
		l.Modules[i].FirstHost != "web01" || !strings.Contains(l.Modules[i].FirstSeen, "T12:20") {
		t.Errorf("%+v", l.Modules)
	}
}
