package main_test

import (
	"bytes"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"escutcheon/internal/consoletest"
)

// What an installation with a key signs is verified there, and elsewhere with its public
// key; what was changed, is not signed or is signed by another is not.
func TestVerifyFile(t *testing.T) {
	t.Parallel()
	c, other, dir := newCLI(t), newCLI(t), t.TempDir()
	s := consoletest.Start(t, c.db, 64<<20)
	s.Load(t, "a.json", consoletest.Many(2, 1))
	a := s.Post(t, "/cases", url.Values{"title": {"x"}, "author": {"anna"}, "finding": {s.FindingIDs(t)[0]}})
	if a.Status != 303 {
		t.Fatal(a.Status, a.Body)
	}
	s.Stop()
	if r := c.run(nil, "key", "show"); r.code != 1 || !strings.Contains(r.stderr, "has no key") {
		t.Errorf("a key that nobody made: %d %q", r.code, r.stderr)
	}
	unsigned := filepath.Join(dir, "unsigned.zip")
	c.ok("case", "export", "1", unsigned)
	public := strings.Fields(c.ok("key", "new"))
	key := public[len(public)-1]
	if c.run(nil, "key", "new").code != 1 || !strings.Contains(c.ok("key", "show"), key) {
		t.Error("the key is another one now")
	}
	elsewhere := write(t, "minisign.pub", []byte("untrusted comment: x\n"+key+"\n"))
	files := map[string]string{"case.zip": ""}
	c.ok("case", "export", "1", filepath.Join(dir, "case.zip"))
	for _, format := range []string{"html", "md", "json"} {
		files["report."+format] = c.ok("report", "--case", "1", "--format", format)
	}
	for name, text := range files {
		file := filepath.Join(dir, name)
		if text != "" {
			if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if out := c.ok("verify", file); !strings.Contains(out, "that of this installation") {
			t.Errorf("%s: %q", name, out)
		}
		if out := other.ok("verify", "--key", elsewhere, file); !strings.Contains(out, "The signature fits") {
			t.Errorf("%s elsewhere: %q", name, out)
		}
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		bad := bytes.Clone(data)
		bad[len(bad)/3] ^= 4
		if r := c.run(nil, "verify", write(t, name, bad)); r.code != 1 {
			t.Errorf("%s with another byte: %d %s", name, r.code, r.stdout)
		}
		if at := bytes.LastIndex(data, []byte("signature by")); at > 0 { // which minisign does not sign
			bad = bytes.Clone(data)
			bad[at] ^= 1
			if r := c.run(nil, "verify", write(t, name, bad)); r.code != 1 {
				t.Errorf("%s with another comment: %d %s", name, r.code, r.stdout)
			}
		}
	}
	wrong := strings.Fields(other.ok("key", "new"))
	for _, name := range []string{"case.zip", "report.html"} {
		r := c.run(nil, "verify", "--key", wrong[len(wrong)-1], filepath.Join(dir, name))
		if r.code != 1 || !strings.Contains(r.stderr, "signed with key") {
			t.Errorf("%s as another's: %d %q", name, r.code, r.stderr)
		}
	}
	if out := other.ok("verify", unsigned); !strings.Contains(out, "It is not signed") {
		t.Errorf("an unsigned case file: %q", out)
	}
	for want, args := range map[string][]string{"It is not signed": {"--key", key, unsigned},
		"is not signed": {write(t, "x.html", []byte("<html></html>"))}, "cannot be read": {filepath.Join(dir, "none")}} {
		if r := c.run(nil, "verify", args...); r.code != 1 || !strings.Contains(r.stderr, want) {
			t.Errorf("%q: %d %q", args, r.code, r.stderr)
		}
	}
}
