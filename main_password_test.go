package main_test

import (
	"os"
	"strings"
	"testing"

	"escutcheon/internal/consoletest"
)

// lockedLog is an encrypted archive with one log of two events.
func lockedLog(t *testing.T) string {
	t.Helper()
	return write(t, "locked.zip", consoletest.Locked(t, "infected", consoletest.Log("a.json",
		nxlog(change("web01", 1, noon, "/a"), change("web01", 2, noon, "/b")))))
}

// TestPasswordFile: the password of archives comes from a file's first line or from
// standard input, where no list of processes shows it.
func TestPasswordFile(t *testing.T) {
	zip, file := lockedLog(t), write(t, "password", []byte("infected\r\nmore\n"))
	for _, c := range []struct {
		stdin string
		args  []string
		code  int
		says  string
	}{
		{"", []string{"--password-file", file, zip}, 0, "new 2"},
		{"infected\n", []string{"--password-file", "-", zip}, 0, "new 2"},
		{"", []string{"--password", "infected", zip}, 0, "new 2"},
		{"wrong\n", []string{"--password-file", "-", zip}, 1, "--password-file"},
		{"infected\n", []string{zip}, 1, "--password-file"}, // nobody types
		{"", []string{"--password-file", file + ".none", zip}, 1, "cannot be read"},
		{"", []string{"--password-file", file, "--password", "infected", zip}, 2, "one password"},
		{"x", []string{"--password-file", "-", "-"}, 2, "one password"},
	} {
		r := newCLI(t).run(strings.NewReader(c.stdin), "import", c.args...)
		if r.code != c.code || !strings.Contains(r.stdout+r.stderr, c.says) {
			t.Errorf("import %q: %d\n%s%s", c.args, r.code, r.stdout, r.stderr)
		}
	}
	if _, err := os.Stat(zip); err != nil {
		t.Error(err)
	}
}
