package handlers_test

import (
	"fmt"
	"path/filepath"
	"regexp"
	"testing"

	"escutcheon/demo/logwriter"
	"escutcheon/internal/consoletest"
)

// Size of the log that BenchmarkPage opens pages over.
const (
	benchEvents = 20_000
	benchHosts  = 500
)

// benchLog is a varied log of many hosts as NXLog writes it.
func benchLog() (out []byte) {
	i := 0
	for r := range logwriter.Bulk(benchEvents, 7) {
		r.Computer, r.RecordNumber = fmt.Sprintf("srv%03d.corp.example", i%benchHosts), int64(i+1)
		out = append(logwriter.AppendNXLog(out, r, nil), '\n')
		i++
	}
	return out
}

var (
	hostLink    = regexp.MustCompile(`href="(/hosts/[^"?#]+)"`)
	findingLink = regexp.MustCompile(`href="(/findings/[0-9a-f]+)"`)
)

// BenchmarkPage opens each kind of page over 20,000 events of 500 hosts. Its
// numbers are of a request and its answer on loopback, the client's share with
// them.
//
// To compare with a commit whose tests of pages stand in web, put a copy there:
//
//	sed 's/handlers_test/web_test/; /consoletest"/d; s/consoletest.Start/start/
//	    s/s.Get(/s.get(/; s/s.Load(/s.load(/; s/\.Body/.body/' handlers/bench_test.go
func BenchmarkPage(b *testing.B) {
	s := consoletest.Start(b, filepath.Join(b.TempDir(), "bench.db"), 256<<20)
	s.Load(b, "bench.json", benchLog())
	link := func(path string, r *regexp.Regexp) string {
		m := r.FindStringSubmatch(s.Get(b, path).Body)
		if m == nil {
			b.Fatalf("no %v on %s", r, path)
		}
		return m[1]
	}
	for _, page := range []struct{ name, path string }{
		{"start", "/"},
		{"severity", "/?severity=high"},
		{"host", link("/", hostLink)},
		{"finding", link("/findings", findingLink)},
		{"findings", "/findings"},
		{"text", "/findings?q=Handler1Module"},
		{"imports", "/imports"},
		{"rules", "/rules"},
		{"riskcsv", "/risk.csv"},
	} {
		b.Run(page.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				s.Get(b, page.path)
			}
		})
	}
}
