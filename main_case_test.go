package main_test

import (
	"archive/zip"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"escutcheon/internal/consoletest"
)

// A case leaves one database as a file that sha256sum can check, and comes to another
// one, whose report says the same; again it changes nothing.
func TestCaseFile(t *testing.T) {
	t.Parallel()
	from, to := newCLI(t), newCLI(t)
	s := consoletest.Start(t, from.db, 64<<20)
	s.Load(t, "a.json", consoletest.Many(2, 1))
	if a := s.Post(t, "/cases", url.Values{"title": {"x"}, "author": {"anna"},
		"finding": {s.FindingIDs(t)[0]}}); a.Status != 303 {
		t.Fatal(a.Status, a.Body)
	}
	if a := s.Post(t, "/hosts/web000/notes", url.Values{"text": {"x"}, "author": {"anna"}}); a.Status != 303 {
		t.Fatal(a.Status, a.Body)
	}
	s.Stop()
	file := filepath.Join(t.TempDir(), "case.zip")
	from.ok("case", "export", "esc-1", file)
	if list, err := os.ReadDir(filepath.Dir(file)); err != nil || len(list) != 1 {
		t.Errorf("left over: %v %v", list, err)
	}
	for _, c := range []struct {
		args []string
		says string
	}{
		{[]string{"import", "--author", "ben", file}, "ESC-1 (ESC-1 there): hosts 1, findings 1"},
		{[]string{"import", file}, "nothing was changed"},
		{[]string{"import", "--new", file}, "ESC-2 (ESC-1 there)"},
	} {
		if out := to.ok("case", c.args...); !strings.Contains(out, c.says) {
			t.Errorf("%q: %q", c.args, out)
		}
	}
	report := to.ok("report", "--case", "1", "--format", "md")
	for line := range strings.Lines(from.ok("report", "--case", "1", "--format", "md")) {
		if !strings.Contains(report, line) && !strings.Contains(line, "ade ") {
			t.Errorf("the other report lacks %q", line)
		}
	}
	if sha, err := exec.LookPath("sha256sum"); err == nil {
		cmd := exec.Command(sha, "-c", "SHA256SUMS")
		cmd.Dir = unzipped(t, file)
		if out, err := cmd.CombinedOutput(); err != nil || strings.Count(string(out), ": OK") < 9 {
			t.Errorf("%v\n%s", err, out)
		}
	}
	for _, bad := range [][]string{{}, {"export", "x", file}, {"import"}, {"export", "1"}} {
		if r := to.run(nil, "case", bad...); r.code != 2 {
			t.Errorf("%q: %d", bad, r.code)
		}
	}
	for says, args := range map[string][]string{"There is no case ESC-9": {"export", "9", file},
		"There is no file": {"import", file + "x"}, "no ZIP": {"import", write(t, "x.zip", []byte("x"))},
		"cannot be written": {"export", "1", filepath.Join(file, "x.zip")}} {
		if r := to.run(nil, "case", args...); r.code != 1 || !strings.Contains(r.stderr, says) {
			t.Errorf("%q: %d %q", args, r.code, r.stderr)
		}
	}
	to.ok("case", "import", file) // what stood there is as it was
	to.ok("check")
}

func unzipped(t *testing.T, file string) string {
	t.Helper()
	dir := t.TempDir()
	z, err := zip.OpenReader(file)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, f.Name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}
