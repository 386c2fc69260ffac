package handlers_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"escutcheon/internal/consoletest"
)

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
