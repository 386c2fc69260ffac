package main_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
)

// interruptedEvents is how many events take long enough to be interrupted in.
const interruptedEvents = 60000

// TestServeInterrupted: an import that a stop or a crash of the server cuts in
// two goes on when it starts again, and counts nothing twice.
func TestServeInterrupted(t *testing.T) {
	t.Parallel()
	data := bulk(interruptedEvents)
	want := undisturbed(t, interruptedEvents)
	for name, end := range map[string]func(t *testing.T, s *served){
		"crash": func(_ *testing.T, s *served) { s.kill() },
		"stop": func(t *testing.T, s *served) {
			if runtime.GOOS == "windows" {
				t.Skip("Windows has no SIGTERM")
			}
			if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
				t.Fatal(err)
			}
			if err := s.cmd.Wait(); err != nil {
				t.Errorf("a graceful stop ended with %v\n%s", err, s.log)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := newCLI(t)
			s := serve(t, c.db)
			id := s.upload(t, "bulk.json", bytes.NewReader(data))[0]
			seen := s.until(t, id, func(i imported) bool { return i.Read > 0 })
			end(t, s)
			if seen.Status != "running" {
				t.Fatalf("it was over before it could be interrupted: %+v", seen)
			}
			again := serve(t, c.db)
			i := again.wait(t, id)
			if i.Status != "done" || i.Read != interruptedEvents || i.New != interruptedEvents || i.Duplicate != 0 ||
				i.Rejected != 0 {
				t.Errorf("after the interruption at %d: %+v, want %d new", seen.Read, i, interruptedEvents)
			}
			if got := again.get(t, "/findings.csv") + again.get(t, "/risk.csv"); got != want {
				t.Errorf("the tables differ from those of an undisturbed import:\n%s", difference(got, want))
			}
			c.noSpool()
		})
	}
}

// TestImportKilled: the command line's import, killed and called again.
func TestImportKilled(t *testing.T) {
	t.Parallel()
	log := write(t, "bulk.json", bulk(interruptedEvents))
	want := undisturbed(t, interruptedEvents)
	c := newCLI(t)
	cmd := exec.Command(binary, "import", "--db", c.db, log)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	// The write-ahead log grows with the first batch that is stored.
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for grown := false; !grown; <-tick.C {
		fi, err := os.Stat(c.db + "-wal")
		grown = err == nil && fi.Size() > 1<<20
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err == nil {
		t.Fatal("it was over before it could be killed")
	}
	code, got := c.importJSON(nil, log)
	if code != 0 || len(got) != 1 || got[0].Status != "done" || got[0].Read != interruptedEvents ||
		got[0].New != interruptedEvents {
		t.Errorf("exit status %d, %+v; want %d read and new over both calls", code, got, interruptedEvents)
	}
	if c.tables() != want {
		t.Error("the tables differ from those of an undisturbed import")
	}
	if left, err := filepath.Glob(filepath.Join(filepath.Dir(c.db), "*-spool", "*")); err != nil || len(left) > 0 {
		t.Errorf("left in the spool: %v %v", left, err)
	}
}

// difference is the first line that differs.
func difference(got, want string) string {
	g, w := strings.SplitAfter(got, "\n"), strings.SplitAfter(want, "\n")
	for i := range min(len(g), len(w)) {
		if g[i] != w[i] {
			return "got  " + g[i] + "want " + w[i]
		}
	}
	return "one is the start of the other"
}
