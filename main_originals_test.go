package main_test

import (
	"bytes"
	"encoding/json"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"escutcheon/internal/consoletest"
)

// Files that are imported while the settings say so are kept as they came: from the
// browser and by the command, small ones and archives; they stay when the import goes,
// come back byte by byte, and are not given out once they are damaged.
func TestOriginals(t *testing.T) {
	t.Parallel()
	c := newCLI(t)
	s := consoletest.Start(t, c.db, 64<<20)
	before, log := consoletest.Many(1, 1), consoletest.Many(3, 2)
	s.Load(t, "before.json", before)
	if a := s.Do(t, "GET", "/imports/1/original", nil); a.Status != 404 {
		t.Errorf("a file that nobody kept: %d", a.Status)
	}
	if a := s.Post(t, "/settings/originals", url.Values{"keep": {"1"}}); a.Status != 303 {
		t.Fatal(a.Status, a.Body)
	}
	s.Load(t, "a.json", log)
	packed := consoletest.Zipped(t, consoletest.Log("in.json", consoletest.Many(2, 1)))
	s.Load(t, "b.zip", packed)
	for id, want := range map[string][]byte{"2": log, "3": packed} {
		a := s.Get(t, "/imports/"+id+"/original")
		if a.Status != 200 || a.Body != string(want) || a.Header.Get("Content-Type") != "application/octet-stream" {
			t.Errorf("import %s: %d, %d bytes, want %d", id, a.Status, len(a.Body), len(want))
		}
	}
	if a := s.Post(t, "/imports/2/delete", url.Values{"author": {"anna"}}); a.Status != 303 {
		t.Errorf("delete: %d", a.Status)
	}
	s.Stop()
	byCommand := write(t, "c.json", consoletest.Many(5, 2))
	c.ok("import", byCommand)
	out := filepath.Join(t.TempDir(), "o.zip")
	if got := c.ok("originals", out); got != "3 originals in "+out+"\n" {
		t.Errorf("%q", got)
	}
	dir := unzipped(t, out)
	text, err := os.ReadFile(filepath.Join(dir, "manifest.json"))
	var m struct {
		Files []struct {
			Name, SHA256 string
			Imported     []struct{ File string }
		}
	}
	if err != nil || json.Unmarshal(text, &m) != nil || len(m.Files) != 3 {
		t.Fatal(string(text), err)
	}
	names := map[string]bool{}
	for _, f := range m.Files {
		for _, i := range f.Imported {
			names[filepath.Base(i.File)] = true
		}
	}
	if !names["b.zip"] || !names["c.json"] {
		t.Errorf("the manifest knows %v", names)
	}
	if sha, err := exec.LookPath("sha256sum"); err == nil {
		cmd := exec.Command(sha, "-c", "SHA256SUMS")
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%v\n%s", err, out)
		}
	}
	kept := c.db + "-originals/" + m.Files[0].SHA256 + ".zst"
	data, err := os.ReadFile(kept)
	if err != nil {
		t.Fatal(err)
	}
	bad := bytes.Clone(data)
	bad[len(bad)/2] ^= 1
	if err := os.WriteFile(kept, bad, 0o600); err != nil {
		t.Fatal(err)
	}
	if r := c.run(nil, "originals", out+"2"); r.code != 1 {
		t.Errorf("a damaged original is exported: %d %s", r.code, r.stdout)
	}
	if _, err := os.Stat(out + "2"); err == nil {
		t.Error("half an archive was left")
	}
}
