//go:build linux

package main_test

import (
	"bytes"
	"io"
	"strings"
	"syscall"
	"testing"

	"escutcheon/demo/logwriter"
)

// peak is the most memory a call held, in MiB. Linux counts in KiB.
func (r result) peak() int64 { return r.state.SysUsage().(*syscall.Rusage).Maxrss >> 10 }

// TestLongLines: a line of 200 MB without an event, however it begins, ends as
// failed and in bounded memory.
func TestLongLines(t *testing.T) {
	const size, most = 200 << 20, 200
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
			cl := newCLI(t)
			var in io.Reader = &repeat{head: c.head, part: c.part, n: size}
			if c.part == "" {
				in = bytes.NewReader(gzipped(bytes.Repeat([]byte("a"), size)))
			}
			r := cl.run(in, "import", "--json", "-")
			if c.name == "classic" { // one event whose message is too long to be one
				if r.code == 0 {
					t.Errorf("taken as whole: %s", r.stdout)
				}
			} else if r.code != 1 || !strings.Contains(r.stdout, `"status":"failed"`) {
				t.Errorf("exit status %d, %.500s%.500s", r.code, r.stdout, r.stderr)
			}
			t.Logf("%d MiB at most; %.300s", r.peak(), r.stdout)
			if r.peak() > most {
				t.Errorf("held %d MiB, want at most %d", r.peak(), most)
			}
			cl.noSpool()
		})
	}
}

// TestMemoryIsFlat: eight times the log takes about the same memory.
func TestMemoryIsFlat(t *testing.T) {
	if testing.Short() {
		t.Skip("imports 40 MB; not in -short")
	}
	small := bulk(5000)
	var peaks []int64
	for _, n := range []int{5000, 40000} {
		cl := newCLI(t)
		data := small
		if n > 5000 {
			data = nil
			for r := range logwriter.Bulk(n, 7) {
				data = append(logwriter.AppendNXLog(data, r, nil), '\n')
			}
		}
		r := cl.run(bytes.NewReader(data), "import", "--json", "-")
		if r.code != 0 {
			t.Fatalf("exit status %d: %s%s", r.code, r.stdout, r.stderr)
		}
		t.Logf("%d MiB at most for %d events, %d bytes", r.peak(), n, len(data))
		peaks = append(peaks, r.peak())
	}
	if peaks[1] > peaks[0]*2 {
		t.Errorf("held %d MiB for 5,000 events and %d MiB for 40,000", peaks[0], peaks[1])
	}
}
