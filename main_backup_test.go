package main_test

import (
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestBackupAndRestore: a backup that is made while a server writes is whole and holds
// what was acknowledged; it is restored where no database is or stands in the way, never
// under a running server, and what was there is kept. What is damaged is neither copied
// nor restored.
func TestBackupAndRestore(t *testing.T) {
	t.Parallel()
	c := filed(t)
	want := c.ok("findings")
	out := filepath.Join(t.TempDir(), "out.db")
	s := serve(t, c.db)
	s.send(t, "/hosts/web01/notes", url.Values{"text": {"before the backup"}, "author": {"anna"}})
	c.ok("backup", out)
	s.send(t, "/hosts/web01/notes", url.Values{"text": {"after it"}, "author": {"anna"}})
	refused := func(says string, args ...string) {
		t.Helper()
		if got := call(t, nil, args...); got.code != 1 || !strings.Contains(got.stderr, says) {
			t.Errorf("%s: %+v", args, got)
		}
	}
	refused("say --force", "backup", "--db", c.db, out)
	refused("has the database open", "restore", "--db", c.db, "--force", out)
	s.shows(t, "/hosts/web01", "after it", true)
	c.ok("backup", "--force", out+"2")
	s.kill() // what was written last is in the WAL
	refused("say --force", "restore", "--db", c.db, out)
	copy := &cli{t, out}
	if got := copy.ok("check"); got != "The database is whole.\n" || strings.Contains(copy.ok("notes"), "after it") {
		t.Errorf("the backup: %s", got)
	}
	c.ok("restore", "--force", out)
	notes := c.ok("notes")
	if c.ok("findings") != want || !strings.Contains(notes, "before the backup") || strings.Contains(notes, "after it") {
		t.Errorf("restored: %s", notes)
	}
	aside := &cli{t, c.db + ".before-restore"}
	if !strings.Contains(aside.ok("notes"), "after it") {
		t.Error("what was there is not kept")
	}
	fresh := &cli{t, filepath.Join(t.TempDir(), "fresh.db")}
	fresh.ok("restore", out+"2")
	if !strings.Contains(fresh.ok("notes"), "after it") {
		t.Error("the second backup lacks a note")
	}
	bad := filepath.Join(t.TempDir(), "bad.db")
	copied(t, out, bad)
	damage(t, bad, `UPDATE note SET text = 'never said'`)
	refused("is damaged", "restore", "--db", bad+"2", bad)
	refused("is damaged", "backup", "--db", bad, bad+"2")
	left, err := os.ReadDir(filepath.Dir(bad))
	for _, e := range left {
		if !strings.HasPrefix(e.Name(), "bad.db") || strings.Contains(e.Name(), "partial") || e.Name() == "bad.db2" {
			t.Errorf("%s is left", e.Name())
		}
	}
	if err != nil {
		t.Error(err)
	}
	if got := call(t, nil, "backup", "--db", c.db, c.db); got.code != 2 {
		t.Errorf("over itself: %+v", got)
	}
}
