package main_test

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestReadOnlyCopyWithWAL: what a killed server wrote last stands in the -wal file. A
// copy of that in a write-protected folder shows it, or is refused with what to do, and
// is never read without it.
func TestReadOnlyCopyWithWAL(t *testing.T) {
	t.Parallel()
	c := filed(t)
	s := serve(t, c.db)
	s.send(t, "/hosts/web01/notes", url.Values{"text": {"written first"}, "author": {"anna"}})
	s.settled(t, c.db) // what a server has emptied at its start, too
	resp, err := http.PostForm(s.url+"/hosts/web01/notes", url.Values{"text": {"written last"}, "author": {"anna"}})
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	s.kill()
	for _, with := range [][]string{{"-wal"}, {"-wal", "-shm"}} {
		copied := filepath.Join(t.TempDir(), "copy.db")
		for _, part := range append([]string{""}, with...) {
			data, err := os.ReadFile(c.db + part)
			if err != nil || len(data) == 0 {
				t.Fatalf("%q after a kill: %d bytes, %v", part, len(data), err)
			}
			if err := os.WriteFile(copied+part, data, 0o400); err != nil {
				t.Fatal(err)
			}
		}
		protected(t, filepath.Dir(copied))
		for _, r := range [][]string{{"notes"}, {"report", "--dest", "web01", "--format", "md"}} {
			got := call(t, nil, append(append([]string{}, r...), "--db", copied)...)
			shown := got.code == 0 && strings.Contains(got.stdout, "written last")
			told := got.code == 1 && strings.Contains(got.stderr, "may be written") && !strings.Contains(got.stderr, "SQL")
			if !shown && !told {
				t.Errorf("%q, %s: %+v", with, r, got)
			}
		}
	}
}
