package handlers_test

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"escutcheon/detection"
	"escutcheon/internal/consoletest"
)

// The size of the database of BenchmarkPageAtScale: half of the findings are of
// few hosts. ESCUTCHEON_SCALE_DB names a file that is kept for the next run.
var (
	scaleHosts    = scaleOf("ESCUTCHEON_SCALE_HOSTS", 10_000)
	scaleFindings = scaleOf("ESCUTCHEON_SCALE_FINDINGS", 100_000)
)

func scaleOf(name string, usual int) int {
	if n, err := strconv.Atoi(os.Getenv(name)); err == nil {
		return n
	}
	return usual
}

// scaled is a console over a database of that size. Its clock goes on by a second
// with each request: what a page remembers of this very second helps none.
type scaled struct {
	*consoletest.Server
	ahead atomic.Int64
}

func startScale(b *testing.B) *scaled {
	path := cmp.Or(os.Getenv("ESCUTCHEON_SCALE_DB"), filepath.Join(b.TempDir(), "bench.db"))
	_, err := os.Stat(path)
	s := &scaled{}
	s.Server = consoletest.StartAt(b, path, 256<<20, func() time.Time {
		return time.Now().Add(time.Duration(s.ahead.Load()) * time.Second)
	})
	if err != nil {
		loadScale(b, s.Server)
		fillScale(b, path, time.Now())
	}
	s.ahead.Store(max(0, scaledUpTo(b, path)-time.Now().Unix()))
	began := time.Now()
	s.refresh(b)
	b.Logf("aggregated in %v", time.Since(began))
	return s
}

func (s *scaled) refresh(b *testing.B) {
	if err := s.Store.RefreshRisk(context.Background()); err != nil {
		b.Fatal(err)
	}
}

// several are n addresses, one after another.
func several(n int, format string) func(int) string {
	return func(i int) string { return fmt.Sprintf(format, i%n) }
}

func always(path string) func(int) string { return func(int) string { return path } }

// at puts another moment each time where an address has AS-OF.
func at(path string) func(int) string {
	return func(i int) string {
		at := time.Now().Add(-9*24*time.Hour - time.Duration(i%300)*1013*time.Second).UTC()
		return path + at.Format("2006-01-02T15:04:05Z")
	}
}

func oneOf(paths []string) func(int) string { return func(i int) string { return paths[i%len(paths)] } }

type scalePage struct {
	name string
	at   func(n int) string // the address of the nth request
}

// pages are all pages, as they open and filtered.
func (s *scaled) pages(b *testing.B) []scalePage {
	links := func(path string, kind interface{ FindAllStringSubmatch(string, int) [][]string }) (out []string) {
		for _, m := range kind.FindAllStringSubmatch(s.Get(b, path).Body, -1) {
			out = append(out, m[1])
		}
		if len(out) == 0 {
			b.Fatalf("no links on %s", path)
		}
		return out
	}
	const seed, appcmd = detection.SeedID, consoletest.AppcmdID
	return []scalePage{
		{"start", always("/")},
		{"severity", oneOf([]string{"/?severity=high", "/?severity=medium", "/?severity=none"})},
		{"rule", always("/?rule=" + appcmd)},
		{"text", oneOf([]string{"/?q=web05", "/?q=corp", "/?q=nosuchhost"})},
		{"asof", at("/?as-of=")},
		{"asofboth", at("/?severity=high&as-of=")},
		{"last", always("/?sort=-last")},
		{"byname", always("/?sort=dest")},
		{"byfindings", always("/?sort=-findings")},
		{"combined", oneOf([]string{"/?severity=medium&q=web0&rule=" + seed, "/?severity=high&q=web1&sort=-last"})},
		{"hottest", oneOf(links("/", hostLink))},
		{"host", several(9000, "/hosts/web0%04d.corp.example")},
		{"hostasof", at("/hosts/web00000.corp.example?as-of=")},
		{"notes", always("/hosts/srv000.corp.example")},
		{"search", several(9000, "/search?q=web0%04d")},
		{"findings", always("/findings")},
		{"findingsof", several(50, "/findings?dest=web000%02d.corp.example")},
		{"findingsrule", always("/findings?rule=" + appcmd)},
		{"findingstext", several(999, "/findings?q=planted%d")},
		{"findingsall", oneOf([]string{"/findings?q=webserver", "/findings?q=pool", "/findings?q=nosuchtext"})},
		{"findingsboth", several(50, "/findings?q=pool&dest=web000%02d.corp.example&from=2020-01-01")},
		{"findingsfrom", at("/findings?from=")},
		{"findingscount", always("/findings?sort=-count")},
		{"findingsrow", always("/findings?sort=row")},
		{"finding", oneOf(append(links("/findings", findingLink), links("/findings?rule="+appcmd, findingLink)...))},
		{"users", always("/users")},
		{"userstext", always("/users?q=user1")},
		{"usersasof", at("/users?as-of=")},
		{"user", oneOf(links("/users", regexp.MustCompile(`href="(/users/[^"?]+)"`)))},
		{"threat", oneOf([]string{"/threats?type=process_name&value=appcmd.exe",
			"/threats?type=process_name&value=100007.exe"})},
		{"rules", always("/rules")},
		{"ruleof", oneOf([]string{"/rules/" + seed, "/rules/" + appcmd})},
		{"replay", several(50, "/rules/"+seed+"/replay?dest=web000%02d.corp.example")},
		{"imports", always("/imports")},
		{"import", oneOf([]string{"/imports/1", "/imports/2"})},
		{"rejected", always("/imports/2/rejected")},
		{"members", oneOf([]string{"/imports/3", "/imports/3?status=done"})},
		{"events", always("/events?rule=" + seed)},
		{"event", several(19000, "/events/%d")},
		{"settings", always("/settings")},
		{"riskcsv", always("/risk.csv")},
		{"hostriskcsv", several(50, "/hosts/web000%02d.corp.example/risk.csv")},
		{"hostcsv", several(50, "/hosts/web000%02d.corp.example/findings.csv")},
	}
}

// BenchmarkPageAtScale opens each kind of page over 10,000 hosts with 100,000
// findings and 300,000 risk events. Of a request and its answer on loopback it
// reports the 99th percentile, what the processors worked for it, the client's
// share with it, as the mean and at the worst, the bytes allocated, and how long
// the longest page is before compression.
func BenchmarkPageAtScale(b *testing.B) {
	if testing.Short() {
		b.Skip("it fills a database")
	}
	s := startScale(b)
	for _, page := range s.pages(b) {
		b.Run(page.name, func(b *testing.B) {
			var took, worked []time.Duration
			var made, size uint64
			for b.Loop() {
				if len(took)%5 == 0 { // as serve does every few seconds
					s.refresh(b)
				}
				n := int(s.ahead.Add(1))
				began, cpu, heap := time.Now(), cpuTime(), allocated()
				a := s.Do(b, "GET", page.at(n), nil)
				took, worked = append(took, time.Since(began)), append(worked, cpuTime()-cpu)
				made, size = made+allocated()-heap, max(size, uint64(len(a.Body)))
				if a.Status >= 400 {
					b.Fatalf("%s: %d", page.at(n), a.Status)
				}
			}
			b.ReportMetric(percentile(took, .5), "p50-ms")
			b.ReportMetric(percentile(took, .99), "p99-ms")
			b.ReportMetric(percentile(worked, .5), "cpu50-ms")
			b.ReportMetric(percentile(worked, .99), "cpu99-ms")
			b.ReportMetric(float64(made)/float64(len(took))/1000, "made-kB")
			b.ReportMetric(math.Round(float64(size))/1000, "kB")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// allocated is how many bytes were allocated so far.
func allocated() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.TotalAlloc
}
