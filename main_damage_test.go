package main_test

import (
	"fmt"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// TestDamagedNote: a note that is not what was written is told to be damaged in its own
// place, and no other.
func TestDamagedNote(t *testing.T) {
	t.Parallel()
	c := newCLI(t)
	c.ok("import", write(t, "a.json", nxlog(change("web01", 1, time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC), "/a"))))
	s := serve(t, c.db)
	for _, text := range []string{"seen before", "a second one"} {
		s.send(t, "/hosts/web01/notes", url.Values{"text": {text}, "author": {"anna"}})
	}
	s.kill()
	damage(t, c.db, `UPDATE note SET text = 'never seen' WHERE id = 1`)
	s = serve(t, c.db)
	for _, text := range []string{s.get(t, "/hosts/web01"), s.get(t, "/hosts/web01/notes.csv"), c.ok("notes")} {
		if strings.Contains(text, "never seen") || !strings.Contains(text, "This note is damaged") ||
			!strings.Contains(text, "a second one") {
			t.Errorf("%.3000s", text)
		}
	}
}

// TestDamagedBlock: a block that is damaged costs its own events, which is told wherever
// events are searched; all others are found, and the findings are as they were.
func TestDamagedBlock(t *testing.T) {
	t.Parallel()
	c := newCLI(t)
	for _, host := range []string{"web01", "web02"} {
		var log []byte
		for i := range 30 {
			at := time.Date(2026, 3, 2, 12, i, 0, 0, time.UTC)
			path := fmt.Sprintf("/x%d", i%7)
			if i == 20 {
				path = `/system.webServer/globalModules/add[@name="HttpStat"]`
			}
			log = append(log, nxlog(change(host, int64(i+1), at, path))...)
		}
		c.ok("import", write(t, host+".json", log))
	}
	findings := c.ok("findings", "--format", "csv")
	const flip = `UPDATE %[1]s SET data = substr(data, 1, length(data) / 2) ||
		char(unicode(hex(substr(data, length(data) / 2 + 1, 1))) %% 90 + 7) || substr(data, length(data) / 2 + 2)
		WHERE first = (SELECT min(first) FROM block)`
	for _, table := range []string{"block_columns", "block_bytes"} {
		bad := &cli{t, filepath.Join(t.TempDir(), "x.db")}
		copied(t, c.db, bad.db)
		damage(t, bad.db, fmt.Sprintf(flip, table))
		const said = "damaged: up to 30 records"
		for search, want := range map[string]string{
			"OpCode=Info | stats count by host": `"web02","30"`,
			"OpCode=Info | table host":          `"web02"`,
		} {
			got := bad.run(nil, "search", "--format", "csv", search)
			if got.code != 3 || !strings.Contains(got.stdout, want) || strings.Contains(got.stdout, "web01") ||
				!strings.Contains(got.stderr, said) {
				t.Errorf("%s, %s: %+v", table, search, got)
			}
		}
		if got := bad.ok("findings", "--format", "csv"); got != findings {
			t.Errorf("%s: the findings differ: %s", table, difference(got, findings))
		}
		s := serve(t, bad.db)
		if page := s.get(t, "/search?q=OpCode%3DInfo&wait=1"); !strings.Contains(page, said) ||
			!strings.Contains(page, "web02") {
			t.Errorf("%s: the page of the search does not tell of the damage", table)
		}
		if page := s.get(t, "/search?q=OpCode%3DInfo+host%3Dweb01&wait=1"); !strings.Contains(page, said) ||
			strings.Contains(page, "Nothing found for") || strings.Contains(page, "No event is like this") {
			t.Errorf("%s: the page of a search that meets only damage", table)
		}
		for path, lacks := range map[string]bool{"/hosts/web01": true, "/hosts/web01/report.html": true,
			"/hosts/web01/report.md": true, "/hosts/web01/report.json": true, "/hosts/web02": false} {
			page := s.get(t, path)
			if !strings.Contains(page, "HttpStat") {
				t.Errorf("%s: %s lacks the findings", table, path)
			}
			if told := strings.Contains(page, "Block 1 of the stored events is damaged: up to 30 records"); table ==
				"block_columns" && told != lacks {
				t.Errorf("%s: %s tells of the damage: %v", table, path, told)
			}
		}
		finding := regexp.MustCompile(`/findings/[0-9a-f]{16,}`).FindString(s.get(t, "/findings?dest=web01"))
		if page := s.get(t, finding); !strings.Contains(page, "cannot be read") || !strings.Contains(page, "damaged") {
			t.Errorf("%s: the page of the finding %s does not tell that its events are damaged", table, finding)
		}
		if page := s.get(t, "/hosts/web02"); !strings.Contains(page, "/x1") {
			t.Errorf("%s: the other host's page", table)
		}
	}
}
