package main_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestImportRunsWindows: import exits when rules that need all events of a window
// have run, in whatever order the files come.
func TestImportRunsWindows(t *testing.T) {
	dir := t.TempDir()
	rule := "name: Both\nid: both\nversion: 1\ntype: TTP\nsearch: 'EventCode=29 Message=\"*/a*\" " +
		"| stats count by dest | join dest [search EventCode=29 Message=\"*/b*\" | stats count as others by dest] | table dest count others'\n"
	if err := os.WriteFile(filepath.Join(dir, "both.yml"), []byte(rule), 0o644); err != nil {
		t.Fatal(err)
	}
	a := write(t, "a.json", nxlog(change("web01", 1, noon, "/a"), change("web02", 2, noon, "/a")))
	b := write(t, "b.json", nxlog(change("web01", 3, noon.Add(1e9), "/b")))
	for _, order := range [][]string{{a, b}, {b, a}} {
		c := newCLI(t)
		for _, file := range order {
			c.ok("import", "--rules", dir, file)
		}
		if got := c.ok("findings", "--rule", "both"); !strings.Contains(got, "web01") || strings.Contains(got, "web02") {
			t.Errorf("%v: %s", order, got)
		}
	}
}
