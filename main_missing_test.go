package main_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"escutcheon/importer/evtx/evtxtest"
)

// TestCutEVTX: a log that is cut where a chunk ends is imported, and says so:
// exit status 3, missing in the JSON, a sentence.
func TestCutEVTX(t *testing.T) {
	var l evtxtest.Log
	for n := range uint64(6) {
		l.Add(evtxtest.IIS29(evtxtest.IISChange{Record: n + 1, Time: 134_000_000_000_000_000, Computer: "WEB01", Edit: 1,
			Configuration: fmt.Sprintf(`/system.webServer/modules/add[@name="m%d"]`, n)}))
		if n == 2 {
			l.End()
		}
	}
	cut := write(t, "cut.evtx", l.Bytes()[:4096+65536])
	c := newCLI(t)
	r := c.run(nil, "import", cut)
	if r.code != 3 || !strings.Contains(r.stdout, "done (evtx), read 3: new 3, duplicate 0; rejected 0; missing 3") ||
		!strings.Contains(r.stderr, "At least 3 records are missing that the log's own headers promise") {
		t.Errorf("exit status %d\n%s%s", r.code, r.stdout, r.stderr)
	}
	if r := c.run(nil, "import", "--json", cut); r.code != 3 || !strings.Contains(r.stdout, `"missing":3`) {
		t.Errorf("exit status %d\n%s", r.code, r.stdout)
	}
	if r := c.run(nil, "import", "--json", write(t, "whole.evtx", l.Bytes())); r.code != 0 ||
		strings.Contains(r.stdout, "missing") {
		t.Errorf("the whole log: exit status %d\n%s", r.code, r.stdout)
	}
}

// TestMissingOfRealLogs: real logs that are whole lack nothing; those that are
// not lack what their headers promise.
func TestMissingOfRealLogs(t *testing.T) {
	dir := filepath.Join(sharedDir(t, "samples"), "evtx")
	names, err := filepath.Glob(filepath.Join(dir, "*.evtx"))
	if err != nil || len(names) == 0 {
		t.Skip("no real logs here: ", err)
	}
	lacks := map[string]int64{ // copied while they were written over
		"11": 2,   // the chunk's header counts 20: 17 are there, and a stretch that is none
		"15": 262, // two chunks between records 1155 and 1418 are zeroed
		"17": 1,   // two records lie under newer ones
	}
	_, got := newCLI(t).importJSON(nil, names...)
	for i, f := range got {
		if want := lacks[filepath.Base(names[i])[:2]]; f.Status != "done" || f.Missing != want {
			t.Errorf("%s: %s, %d missing, want %d", f.File, f.Status, f.Missing, want)
		}
	}
}
