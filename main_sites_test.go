package main_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"escutcheon/demo/logwriter"
)

// TestSiteFolders: the folder of a site says whose requests are, where it is imported as
// one, within another, or a file in it by itself; searches find them by it.
func TestSiteFolders(t *testing.T) {
	c, dir := newCLI(t), t.TempDir()
	log := logwriter.AppendW3C(logwriter.AppendW3CHeader(nil, logwriter.IISSoftware, time.Unix(1772445600, 0),
		logwriter.W3CFields), &logwriter.Request{Time: time.Unix(1772445600, 0), ServerIP: "10.0.0.5", Port: 80,
		Method: "GET", Stem: "/health", Client: "203.0.113.7", Status: 200}, logwriter.W3CFields)
	for _, folder := range []string{"W3SVC1", "all/W3SVC2", "all/w3svc3", "W3SVC4"} {
		path := filepath.Join(dir, folder)
		if err := os.MkdirAll(path, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(path, "u_ex.log"), log, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		for _, name := range []string{"W3SVC1", "all", "W3SVC4/u_ex.log"} {
			c.ok("import", "--computer", "web01", filepath.Join(dir, name))
		}
	}
	got := rows(t, c.ok("search", "--format", "csv", "sourcetype=ms:iis:auto | stats count by s_sitename site"))
	for i, site := range []string{"W3SVC1", "W3SVC2", "W3SVC3", "W3SVC4"} {
		if len(got) != 5 || !slices.Equal(got[i+1], []string{site, site, "1"}) {
			t.Fatalf("%q", got)
		}
	}
	got = rows(t, c.ok("search", "--format", "csv", "s_sitename=w3svc3 | table site url"))
	if len(got) != 2 || !slices.Equal(got[1], []string{"W3SVC3", "/health"}) {
		t.Errorf("%q", got)
	}
}
