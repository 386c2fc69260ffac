//go:build linux

package main_test

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// runPeak runs a command and returns the most memory it held, in MiB. The
// system's own figure at a process's end counts what its parent held, so the
// mark of its address space is read for as long as it runs.
func (c *cli) runPeak(stdin io.Reader, command string, args ...string) (r result, peak int64) {
	c.t.Helper()
	cmd := exec.Command(binary, append([]string{command, "--db", c.db}, args...)...)
	var stdout, stderr bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = stdin, &stdout, &stderr
	if err := cmd.Start(); err != nil {
		c.t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		_ = cmd.Wait() // the exit status is the result's
		close(ended)
	}()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-ended:
			return result{code: cmd.ProcessState.ExitCode(), stdout: stdout.String(), stderr: stderr.String()}, peak
		case <-tick.C:
			peak = max(peak, highWater(cmd.Process.Pid))
		}
	}
}

// highWater is VmHWM of a process in MiB; 0 when it is gone.
func highWater(pid int) (mib int64) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	if _, after, ok := strings.Cut(string(status), "VmHWM:"); ok {
		_, _ = fmt.Sscan(after, &mib) // a process that ends has none
	}
	return mib >> 10
}

// TestLongLines: a line of 128 MiB without an event, however it begins, ends as
// failed and in bounded memory.
func TestLongLines(t *testing.T) {
	const size, most = 128 << 20, 128
	for _, c := range []struct {
		name       string
		head, part string
	}{
		{"text", "", "a"},
		{"NULs", "", "\x00"},
		{"XML", "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System>", "a"},
		{"tags", "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System>", "<a>"},
		{"NXLog", `{"EventTime":"2026-01-05 00:00:00","Hostname":"a","SourceModuleType":"im_msvistalog","Message":"`, "a"},
		{"braces", `{"EventTime":"2026-01-05 00:00:00","Hostname":"a","SourceModuleType":"im_msvistalog","x":`, "{"},
		{"classic", "01/05/2026 12:00:00 AM\nLogName=Security\nEventCode=29\nMessage=", "a"},
		{"gzip", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			cl := newCLI(t)
			var in io.Reader = &repeat{head: c.head, part: c.part, n: size}
			if c.part == "" {
				in = bytes.NewReader(gzipped(bytes.Repeat([]byte("a"), size)))
			}
			r, peak := cl.runPeak(in, "import", "--json", "-")
			if c.name == "classic" { // one event whose message is too long to be one
				if r.code == 0 {
					t.Errorf("taken as whole: %s", r.stdout)
				}
			} else if r.code != 1 || !strings.Contains(r.stdout, `"status":"failed"`) {
				t.Errorf("exit status %d, %.500s%.500s", r.code, r.stdout, r.stderr)
			}
			t.Logf("%d MiB at most; %.300s", peak, r.stdout)
			if peak > most {
				t.Errorf("held %d MiB, want at most %d", peak, most)
			}
			cl.noSpool()
		})
	}
}

// TestMemoryIsFlat: four times the log takes about the same memory.
func TestMemoryIsFlat(t *testing.T) {
	if testing.Short() {
		t.Skip("imports 95 MB; not in -short")
	}
	var peaks []int64
	for _, n := range []int{20000, 80000} {
		cl := newCLI(t)
		data := bulk(n)
		r, peak := cl.runPeak(bytes.NewReader(data), "import", "--json", "-")
		if r.code != 0 {
			t.Fatalf("exit status %d: %s%s", r.code, r.stdout, r.stderr)
		}
		t.Logf("%d MiB at most for %d events, %d bytes", peak, n, len(data))
		peaks = append(peaks, peak)
	}
	if peaks[1] > peaks[0]*3/2 {
		t.Errorf("held %d MiB for 20,000 events and %d MiB for 80,000", peaks[0], peaks[1])
	}
}
