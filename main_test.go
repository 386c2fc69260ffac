// Tests of the command as its users run it: the binary is built once and
// called with arguments, files and pipes.
package main_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"escutcheon/demo/logwriter"
	"escutcheon/eventstore/clickhouse/clickhousetest"
)

const (
	seedID   = "55f22929-cfd3-4388-ba5c-4d01fac7ee7e"
	seedName = "Windows IIS Components New Module Added"
)

// binary is the command under test.
var binary string

func TestMain(m *testing.M) { os.Exit(buildAndRun(m)) }

func buildAndRun(m *testing.M) int {
	dir, err := os.MkdirTemp("", "escutcheon-test-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	binary = filepath.Join(dir, "escutcheon")
	if runtime.GOOS == "windows" {
		binary += ".exe"
	}
	if out, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "build: %v\n%s", err, out)
		return 1
	}
	defer clickhousetest.Stop()
	return m.Run()
}

// result is what a call came to.
type result struct {
	code           int
	stdout, stderr string
}

// call runs the command in a folder of its own.
func call(t testing.TB, stdin io.Reader, args ...string) result {
	t.Helper()
	cmd := exec.Command(binary, args...)
	cmd.Dir = t.TempDir()
	cmd.Stdin = stdin
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	if strings.Contains(stderr.String(), "goroutine ") {
		t.Fatalf("%q panicked:\n%s", args, stderr.String())
	}
	return result{cmd.ProcessState.ExitCode(), stdout.String(), stderr.String()}
}

// cli calls the command on one database.
type cli struct {
	t  testing.TB
	db string
}

func newCLI(t testing.TB) *cli { return &cli{t, filepath.Join(t.TempDir(), "test.db")} }

func (c *cli) run(stdin io.Reader, command string, args ...string) result {
	c.t.Helper()
	return call(c.t, stdin, append([]string{command, "--db", c.db}, args...)...)
}

// ok runs a command that must succeed and returns its standard output.
func (c *cli) ok(command string, args ...string) string {
	c.t.Helper()
	r := c.run(nil, command, args...)
	if r.code != 0 {
		c.t.Fatalf("%s %q: exit status %d\n%s%s", command, args, r.code, r.stdout, r.stderr)
	}
	return r.stdout
}

// imported is a line of import --json.
type imported struct {
	File, SHA256, Format, Status   string
	Read, New, Duplicate, Rejected int64
	Missing                        int64
	Reason                         string
}

// importJSON imports with --json and returns a line for each file.
func (c *cli) importJSON(stdin io.Reader, args ...string) (int, []imported) {
	c.t.Helper()
	r := c.run(stdin, "import", append([]string{"--json"}, args...)...)
	var out []imported
	for line := range strings.Lines(r.stdout) {
		var i imported
		if err := json.Unmarshal([]byte(line), &i); err != nil {
			c.t.Fatalf("%q is no line of JSON: %v", line, err)
		}
		out = append(out, i)
	}
	return r.code, out
}

// rows reads CSV.
func rows(t testing.TB, text string) [][]string {
	t.Helper()
	out, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	return out
}

// write writes a file into a folder of the test's own and returns its path.
func write(t testing.TB, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// change is an event 29 of a host.
func change(host string, number int64, at time.Time, path string) *logwriter.Record {
	r := logwriter.IISChange(logwriter.Change{Path: path, Edit: logwriter.EditAdd})
	r.Computer, r.RecordNumber, r.Time, r.Sid = host, number, at, "S-1-5-18"
	return &r
}

// nxlog is records as NXLog writes them, one a line.
func nxlog(records ...*logwriter.Record) []byte {
	var out []byte
	for _, r := range records {
		out = append(logwriter.AppendNXLog(out, r, nil), '\n')
	}
	return out
}

// noon is when the records of small tests begin.
var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// written is what bulk has written so far.
var written struct {
	sync.Mutex
	next func() (*logwriter.Record, bool)
	data []byte
	ends []int // of the records
}

// bulk is n varied records as NXLog writes them: the first of those that all
// tests share.
func bulk(n int) []byte {
	w := &written
	w.Lock()
	defer w.Unlock()
	if w.next == nil {
		w.next, _ = iter.Pull(logwriter.Bulk(1<<30, 7))
	}
	for len(w.ends) < n {
		r, _ := w.next()
		w.data = append(logwriter.AppendNXLog(w.data, r, nil), '\n')
		w.ends = append(w.ends, len(w.data))
	}
	end := w.ends[n-1]
	return w.data[:end:end]
}

// tablesOf are the tables of n records of bulk whose import nothing disturbed.
var tablesOf = struct {
	sync.Mutex
	of map[int]string
}{of: map[int]string{}}

// undisturbed is what an import of n records of bulk that nothing disturbs
// comes to.
func undisturbed(t testing.TB, n int) string {
	t.Helper()
	tablesOf.Lock()
	defer tablesOf.Unlock()
	if tablesOf.of[n] == "" {
		c := newCLI(t)
		c.ok("import", write(t, "bulk.json", bulk(n)))
		tablesOf.of[n] = c.tables()
	}
	return tablesOf.of[n]
}

func (c *cli) tables() string {
	c.t.Helper()
	return c.ok("findings", "--format", "csv") + c.ok("risk", "--format", "csv")
}
