package main_test

import (
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// filed is a database with a finding, closed.
func filed(t testing.TB) *cli {
	t.Helper()
	c := newCLI(t)
	c.ok("import", write(t, "a.json", nxlog(change("web01", 1, time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC), "/x"))))
	return c
}

// protected write-protects a database's file or its folder.
func protected(t *testing.T, path string) {
	t.Helper()
	mode := os.FileMode(0o400)
	if info, err := os.Stat(path); err != nil {
		t.Fatal(err)
	} else if info.IsDir() {
		mode = 0o500
	}
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Chmod(path, mode|0o200) })
}

// reads is what a subcommand prints of it at least.
var reads = map[string]string{"findings": "/x", "report": "web01", "risk": "web01", "notes": "note", "search": "web01",
	"audit": "whole"}

// TestReadOnlyCopy: a write-protected file, and one in a write-protected folder, are
// read as any other, and neither they nor their folder change.
func TestReadOnlyCopy(t *testing.T) {
	t.Parallel()
	for _, of := range []string{"file", "folder"} {
		t.Run(of, func(t *testing.T) {
			c := filed(t)
			wants := map[string]string{}
			reading := [][]string{{"findings"}, {"report", "--dest", "web01", "--format", "md"}, {"risk"}, {"notes"},
				{"search", "EventCode=29 | stats count by ComputerName"}, {"audit", "verify"}}
			for _, r := range reading {
				wants[r[0]] = c.ok(r[0], r[1:]...)
			}
			protect := c.db
			if of == "folder" {
				protect = filepath.Dir(c.db)
			}
			protected(t, protect)
			before := lies(t, c.db)
			wants["audit"] = c.ok("audit", "verify") // the report was told of
			for _, r := range reading {
				if got := c.ok(r[0], r[1:]...); got != wants[r[0]] && r[0] != "report" || !strings.Contains(got, reads[r[0]]) {
					t.Errorf("%s: %q, want %q", r, got, wants[r[0]])
				}
			}
			for _, r := range [][]string{{"import", os.Args[0]}, {"rules", "disable", "--author", "bob", seedRule}} {
				got := call(t, nil, append(append([]string{}, r...), "--db", c.db)...)
				if got.code != 1 || !strings.Contains(got.stderr, "only read") {
					t.Errorf("%s: %+v", r, got)
				}
			}
			s := serve(t, c.db)
			for path, says := range map[string]string{"/": "Read only", "/hosts/web01": "web01", "/findings": "web01",
				"/search?q=EventCode%3D29": "web01", "/audit": "audit", "/findings.csv?rule=" + seedRule: "web01"} {
				s.shows(t, path, says, true)
			}
			for _, path := range []string{"/hosts/web01/notes", "/imports", "/settings"} {
				resp, err := http.PostForm(s.url+path, url.Values{"text": {"x"}, "author": {"anna"}})
				if err != nil {
					t.Fatal(err)
				}
				body, _ := io.ReadAll(resp.Body)
				resp.Body.Close()
				if resp.StatusCode != http.StatusForbidden || !strings.Contains(string(body), "only read") {
					t.Errorf("POST %s: %d\n%s", path, resp.StatusCode, body)
				}
			}
			s.kill()
			if strings.Contains(s.log.String(), "level=ERROR") || strings.Contains(s.log.String(), "level=WARN") {
				t.Error(s.log)
			}
			if after := lies(t, c.db); after != before {
				t.Errorf("there was %q, is %q", before, after)
			}
		})
	}
}

// lies is what lies beside a database, and its hash.
func lies(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		t.Fatal(err)
	}
	out := sha256Of(data)
	for _, e := range entries {
		out += " " + e.Name()
	}
	return out
}

// TestNoRiddles: what is wrong with a database's file is told in a sentence that says
// what to do, without a word of SQLite's, and nothing panics.
func TestNoRiddles(t *testing.T) {
	t.Parallel()
	for name, damage := range map[string]func(data []byte) []byte{
		"schema -1":       func(d []byte) []byte { copy(d[60:], "\xff\xff\xff\xff"); return d },
		"schema 0":        func(d []byte) []byte { copy(d[60:], "\x00\x00\x00\x00"); return d },
		"schema 3":        func(d []byte) []byte { copy(d[60:], "\x00\x00\x00\x03"); return d },
		"schema 1 << 30":  func(d []byte) []byte { copy(d[60:], "\x40\x00\x00\x00"); return d },
		"page size":       func(d []byte) []byte { copy(d[16:], "\x00\x07"); return d },
		"half of it":      func(d []byte) []byte { return d[:len(d)/2/4096*4096] },
		"a torn page":     func(d []byte) []byte { return d[:len(d)/2/4096*4096+100] },
		"one page":        func(d []byte) []byte { return d[:4096] },
		"the schema gone": func(d []byte) []byte { clear(d[100:4096]); return d },
		"all but a page":  func(d []byte) []byte { clear(d[4096:]); return d },
	} {
		c := filed(t)
		data, err := os.ReadFile(c.db)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(c.db, damage(data), 0o600); err != nil {
			t.Fatal(err)
		}
		got := c.run(nil, "findings")
		if got.code != 1 || strings.Contains(got.stderr, "panic") || strings.Contains(got.stderr, "SQL") ||
			strings.Contains(got.stderr, "malformed") || !strings.HasSuffix(strings.TrimSpace(got.stderr), ".") {
			t.Errorf("%s: %+v", name, got)
		}
	}
}
