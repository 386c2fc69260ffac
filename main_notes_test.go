package main_test

import (
	"path/filepath"
	"strings"
	"testing"
)

// Notes that were printed come back, into a database that is made for them.
func TestImportNotes(t *testing.T) {
	t.Parallel()
	c := newCLI(t)
	file := write(t, "notes.csv", []byte("note_id,dest,finding,author,created,edited,revision,note\r\n"+
		"4,web01,,anna,2025-12-15T00:00:00,2025-12-15T00:00:01,2,\"''=1\r\nx\"\r\n"))
	if got := c.ok("notes", "--import", file); got != "1 new, 0 changed, 0 unchanged, 0 refused\n" {
		t.Errorf("%q", got)
	}
	out := c.ok("notes")
	if !strings.Contains(out, `"4","web01","","anna","2025-12-15T00:00:00","2025-12-15T00:00:01","2","''=1`+"\r\n"+
		`x","New","Undetermined","",""`) {
		t.Errorf("notes prints %q", out)
	}
	c.ok("check")
	again := write(t, "again.csv", []byte(out+"5,web01\r\n"))
	r := c.run(nil, "notes", "--import", again)
	if r.code != 3 || r.stdout != "0 new, 0 changed, 1 unchanged, 1 refused\n" || !strings.Contains(r.stderr, "line 4: ") {
		t.Errorf("again: exit status %d, %q, %q", r.code, r.stdout, r.stderr)
	}
	for name, says := range map[string]string{filepath.Join(t.TempDir(), "none"): "There is no file",
		write(t, "x", []byte("a,b\n")): "This is no notes.csv"} {
		if r := c.run(nil, "notes", "--import", name); r.code != 1 || !strings.Contains(r.stderr, says) {
			t.Errorf("%s: exit status %d, %q", name, r.code, r.stderr)
		}
	}
}
