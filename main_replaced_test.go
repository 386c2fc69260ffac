package main_test

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestReplaced: a server whose database file is replaced, removed, overwritten with an
// older copy, or loses its -wal file acknowledges no note from then on, stops with
// status 1 and a sentence, and leaves what is there as it is.
func TestReplaced(t *testing.T) {
	t.Parallel()
	for name, replace := range map[string]func(db, old string) error{
		"replaced":         func(db, old string) error { return os.Rename(old, db) },
		"removed":          func(db, _ string) error { return os.Remove(db) },
		"overwritten":      overwrite,
		"lost its -wal":    func(db, _ string) error { return os.Remove(db + "-wal") },
		"was overwritten ": func(db, old string) error { return overwrite(db, old) },
	} {
		t.Run(strings.TrimSpace(name), func(t *testing.T) {
			t.Parallel()
			c := filed(t)
			old := filepath.Join(t.TempDir(), "old.db")
			copied(t, c.db, old)
			before, err := os.ReadFile(old)
			if err != nil {
				t.Fatal(err)
			}
			s := serve(t, c.db)
			s.send(t, "/hosts/web01/notes", url.Values{"text": {"before"}, "author": {"anna"}})
			if strings.HasSuffix(name, " ") { // what was written last is in the file by then
				s.settled(t, c.db)
			}
			if err := replace(c.db, old); err != nil {
				t.Fatal(err)
			}
			resp, err := http.PostForm(s.url+"/hosts/web01/notes", url.Values{"text": {"after"}, "author": {"anna"}})
			if err == nil {
				resp.Body.Close()
				if resp.StatusCode < 500 {
					t.Errorf("a note was acknowledged: %d", resp.StatusCode)
				}
			}
			_ = s.cmd.Wait() // the status is looked at
			if s.cmd.ProcessState.ExitCode() != 1 || !strings.Contains(s.log.String(), strings.TrimSpace(name)) ||
				!strings.Contains(s.log.String(), "while it was in use") {
				t.Errorf("it ended with %v\n%s", s.cmd.ProcessState, s.log)
			}
			after, err := os.ReadFile(c.db)
			if name == "removed" {
				if err == nil {
					t.Error("the file was made again")
				}
				return
			}
			if name != "lost its -wal" && string(after) != string(before) {
				t.Errorf("what was laid there has changed: %v", err)
			}
		})
	}
}

// overwrite puts what is in a file into another one.
func overwrite(db, old string) error {
	data, err := os.ReadFile(old)
	if err != nil {
		return err
	}
	return os.WriteFile(db, data, 0o600)
}

func copied(t testing.TB, from, to string) {
	t.Helper()
	if err := overwrite(to, from); err != nil {
		t.Fatal(err)
	}
}

// settled waits until nothing is in the WAL.
func (s *served) settled(t testing.TB, db string) {
	t.Helper()
	deadline := time.After(time.Minute)
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		if info, err := os.Stat(db + "-wal"); err == nil && info.Size() == 0 {
			return
		}
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("the WAL is not emptied\n%s", s.log)
		}
	}
}
