//go:build linux

package main_test

import (
	"bytes"
	"database/sql"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"escutcheon/internal/consoletest"
)

// TestFullDiskOriginals: where files are kept as they came, a disk that has room for an
// upload and not for its original stops the import, which says so and goes on with space;
// what is kept then is what was sent. The same by the command.
func TestFullDiskOriginals(t *testing.T) {
	const events, room = 4000, 64 << 10
	t.Parallel()
	data := bulk(events)
	dir, grow := smallDisk(t, "32m")
	c := &cli{t, filepath.Join(dir, "test.db")}
	c.ok("import", write(t, "a.json", nxlog(change("web01", 1, noon, "/a"))))
	s := serve(t, c.db)
	s.send(t, "/settings/originals", url.Values{"keep": {"1"}, "author": {"anna"}})
	s.settled(t, c.db)
	ballast := filepath.Join(dir, "ballast")
	fill(t, ballast)
	info, err := os.Stat(ballast)
	if err == nil {
		err = os.Truncate(ballast, info.Size()-int64(len(data))-room)
	}
	if err != nil {
		t.Fatal(err)
	}
	id := s.upload(t, "bulk.json", bytes.NewReader(data))[0]
	s.until(t, id, func(i imported) bool {
		return i.Status != "running" && i.Status != "queued" || strings.Contains(s.get(t, "/imports/"+id), "is full")
	})
	if i := s.status(t, id); i.Status != "running" {
		t.Fatalf("on a full disk: %+v\n%s", i, s.log)
	}
	other := write(t, "other.json", data[:len(data)/2])
	if got := c.run(nil, "import", other); got.code != 1 || !strings.Contains(got.stderr+got.stdout, "is full") ||
		inOwnWords.MatchString(got.stderr+got.stdout) {
		t.Errorf("by the command: %+v", got)
	}
	if kept, err := os.ReadDir(c.db + "-originals"); err == nil && len(kept) > 1 { // the one that is tried again
		t.Errorf("half an original is left: %v", kept)
	}
	grow()
	if i := s.wait(t, id); i.Status != "done" || i.New != events {
		t.Errorf("with space: %+v", i)
	}
	if got := s.get(t, "/imports/"+id+"/original"); got != string(data) {
		t.Errorf("the original has %d bytes of %d", len(got), len(data))
	}
	if got := c.run(nil, "import", other); got.code != 0 && got.code != 3 {
		t.Errorf("by the command, with space: %+v", got)
	}
	if kept, err := os.ReadDir(c.db + "-originals"); err != nil || len(kept) != 2 {
		t.Errorf("%v are kept: %v", kept, err)
	}
	s.kill()
}

// emptied stops a test's server as its user does, so that nothing is in the WAL.
func (s *served) emptied(t *testing.T) {
	t.Helper()
	if err := s.cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := s.cmd.Wait(); err != nil {
		t.Fatal(err)
	}
}

// holds is all that people made in a database, counted.
func holds(t *testing.T, path string) (out string) {
	t.Helper()
	d, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if err := d.QueryRow(`SELECT json_array((SELECT count(*) FROM account), (SELECT count(*) FROM token),
		(SELECT count(*) FROM session), (SELECT count(*) FROM cases), (SELECT count(*) FROM note),
		(SELECT count(*) FROM triage), (SELECT count(*) FROM import), (SELECT count(*) FROM pin),
		(SELECT count(*) FROM case_file), (SELECT count(*) FROM audit))`).Scan(&out); err != nil {
		t.Fatal(err)
	}
	return out
}

// lying is what lies in a folder.
func lying(t *testing.T, dir string) (out []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		if name := strings.TrimPrefix(path, dir); err == nil && !e.IsDir() && !strings.HasSuffix(name, "-shm") &&
			!strings.HasSuffix(name, "-wal") {
			out = append(out, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestFullDiskWithAccounts: whatever is written on a full disk, by people on a server with
// accounts or by a command, is refused with a sentence and leaves nothing; who has a
// session or a token still looks; with space all of it works.
func TestFullDiskWithAccounts(t *testing.T) {
	t.Parallel()
	dir, grow := smallDisk(t, "12m")
	c := &cli{t, filepath.Join(dir, "test.db")}
	word := write(t, "password", []byte(hers+"\n"))
	c.ok("import", write(t, "a.json", nxlog(change("web01", 1, noon, "/a"), change("web02", 1, noon, "/b"))))
	c.ok("user", "add", "Ann", "--password-file", word)
	token := func() string { return strings.TrimSpace(c.ok("token", "add", "--user", "Ann", "--role", "admin", "x")) }
	used, fresh := token(), token()
	foreign := foreignCase(t)
	elsewhere := filepath.Join(t.TempDir(), "elsewhere.db")
	s := serve(t, c.db, "--auth", "local")
	p := newPerson(t, s.url)
	if p.signIn("Ann", hers) != 303 || p.ask("GET", "/", nil, used) != 200 ||
		p.ask("POST", "/cases", url.Values{"title": {"first"}}, "") != 303 {
		t.Fatal("Ann cannot work")
	}
	c.ok("backup", elsewhere)
	s.settled(t, c.db)
	before := holds(t, c.db)
	s.settled(t, c.db)
	fill(t, filepath.Join(dir, "ballast"))
	was := append(lying(t, dir), "/new.db")
	attached, kind := consoletest.Multi(t, nil, consoletest.Log("a.txt", bytes.Repeat([]byte("x"), 1000)))
	brought, broughtKind := consoletest.Multi(t, nil, consoletest.Log("case.zip", read(t, foreign)))
	form := func(pairs ...string) []byte {
		v := url.Values{}
		for i := 0; i < len(pairs); i += 2 {
			v.Set(pairs[i], pairs[i+1])
		}
		return []byte(v.Encode())
	}
	const usual = "application/x-www-form-urlencoded"
	writes := []struct {
		path, kind string
		body       []byte
		done       int // with space
	}{
		{"/account/tokens", usual, form("name", "y", "role", "viewer", "days", "1"), 200},
		{"/accounts", usual, form("name", "Ben", "role", "analyst", "password", hers), 303},
		{"/cases", usual, form("title", "second"), 303},
		{"/cases/1/items", usual, form("event", "1", "why", "pinned"), 303},
		{"/cases/1/questions", usual, form("question", "who?"), 303},
		{"/cases/1/files", kind, attached.Bytes(), 303},
		{"/cases/import", broughtKind, brought.Bytes(), 303},
		{"/hosts/web01/notes", usual, form("text", "seen"), 303},
		{"/hosts/web01/triage", usual, form("status", "Pending"), 303},
		{"/settings/originals", usual, form("keep", "1"), 303},
		{"/rules/" + seedRule + "/disable", usual, form(), 303},
		{"/login", usual, form("name", "Ann", "password", hers), 303},
		{"/account/password", usual, form("old", hers, "password", hers+"!"), 303},
		{"/logout/everywhere", usual, form(), 303},
	}
	for _, w := range writes {
		if status, said := p.send("POST", w.path, w.kind, w.body, ""); status != 507 ||
			!strings.Contains(said, "is full") || inOwnWords.MatchString(said) {
			t.Errorf("POST %s on a full disk: %d %s", w.path, status, said)
		}
	}
	for _, path := range []string{"/", "/findings", "/hosts/web01", "/cases/1", "/account", "/accounts", "/audit"} {
		for _, as := range []string{"", used, fresh} {
			if got := p.ask("GET", path, nil, as); got != 200 {
				t.Errorf("%s on a full disk, token %q: %d", path, as, got)
			}
		}
	}
	if got := holds(t, c.db); got != before {
		t.Errorf("it held %s, and holds %s", before, got)
	}
	for _, args := range [][]string{
		{"user", "add", "--db", c.db, "--password-file", word, "Dee"},
		{"user", "passwd", "--db", c.db, "--password-file", word, "Ann"},
		{"token", "add", "--db", c.db, "--user", "Ann", "y"},
		{"key", "new", "--db", c.db},
		{"case", "import", "--db", c.db, foreign},
		{"case", "export", "--db", elsewhere, "1", filepath.Join(dir, "case.zip")},
		{"originals", "--db", elsewhere, filepath.Join(dir, "originals.zip")},
		{"backup", "--db", elsewhere, filepath.Join(dir, "backup.db")},
		{"restore", "--db", filepath.Join(dir, "restored.db"), elsewhere},
		{"notes", "--db", c.db, "--import", write(t, "notes.csv", []byte(
			"note_id,dest,finding,author,created,edited,revision,note\n9,web01,,zoe,2026-03-02T12:00:00,2026-03-02T12:00:00,1,x\n"))},
		{"rules", "disable", "--db", c.db, seedRule},
		{"import", "--db", filepath.Join(dir, "new.db"), word},
		{"serve", "--db", filepath.Join(dir, "new.db"), "--listen", "127.0.0.1:0"},
		{"serve", "--db", c.db, "--listen", "127.0.0.1:0", "--tls-self-signed"},
	} {
		if got := call(t, nil, args...); got.code != 1 || !strings.Contains(got.stderr, "full") ||
			inOwnWords.MatchString(got.stderr) {
			t.Errorf("%q on a full disk: %d %s", args, got.code, got.stderr)
		}
	}
	check := exec.Command(binary, "check", "--db", elsewhere)
	check.Env = append(os.Environ(), "TMPDIR="+dir)
	if said, err := check.CombinedOutput(); err == nil || !strings.Contains(string(said), "full") ||
		inOwnWords.Match(said) {
		t.Errorf("check with a full disk for temporary files: %v %s", err, said)
	}
	if got := lying(t, dir); len(got) != len(was) || slices.ContainsFunc(got, func(name string) bool {
		return !slices.Contains(was, name)
	}) {
		t.Errorf("there was %q, there is %q", was, got)
	}
	grow()
	if got := holds(t, c.db); got != before {
		t.Errorf("it held %s, and holds %s", before, got)
	}
	for _, w := range writes {
		if status, said := p.send("POST", w.path, w.kind, w.body, ""); status != w.done {
			t.Errorf("POST %s with space: %d %s", w.path, status, said)
		}
	}
	c.ok("key", "new")
	(&cli{t, filepath.Join(dir, "new.db")}).ok("import", write(t, "b.json", nxlog(change("web03", 1, noon, "/a"))))
	c.ok("case", "export", "1", filepath.Join(dir, "case.zip"))
	c.ok("backup", filepath.Join(dir, "backup.db"))
	if got := c.ok("check"); got != "The database is whole.\n" {
		t.Error(got)
	}
	s.emptied(t)
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}
