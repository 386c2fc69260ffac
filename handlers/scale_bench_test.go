package handlers_test

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"escutcheon/csvsafe"
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

// startScale serves a database of that size.
func startScale(b *testing.B) *consoletest.Server {
	path := cmp.Or(os.Getenv("ESCUTCHEON_SCALE_DB"), filepath.Join(b.TempDir(), "bench.db"))
	_, err := os.Stat(path)
	s := consoletest.Start(b, path, 256<<20)
	if err != nil {
		s.Load(b, "bench.json", benchLog())
		fillScale(b, path, time.Now())
	}
	began := time.Now()
	if err := s.Store.RefreshRisk(context.Background()); err != nil {
		b.Fatal(err)
	}
	b.Logf("aggregated in %v", time.Since(began))
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { s.Store.KeepRiskFresh(ctx, slog.New(slog.DiscardHandler)) })
	b.Cleanup(func() { stop(); running.Wait() })
	return s
}

// fillScale puts hosts and findings with their risk into a database that serves:
// two weeks up to three days ago, so that most hosts have risk that counts now.
func fillScale(b *testing.B, path string, now time.Time) {
	plain, err := sql.Open("sqlite", "file:"+path+"?_pragma=synchronous(OFF)&_pragma=busy_timeout(10000)")
	if err != nil {
		b.Fatal(err)
	}
	defer plain.Close()
	tx, err := plain.BeginTx(context.Background(), nil)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = tx.Rollback() }() // nothing, after the commit
	stmt := func(q string) func(args ...any) {
		st, err := tx.PrepareContext(context.Background(), q)
		if err != nil {
			b.Fatal(err)
		}
		return func(args ...any) {
			if _, err := st.ExecContext(context.Background(), args...); err != nil {
				b.Fatal(err)
			}
		}
	}
	host := stmt(`INSERT INTO host (id, dest, spelling, first, last, events) VALUES (?1, ?2, ?2, ?3, ?4, 1000)`)
	finding := stmt(`INSERT INTO finding (id, key, rule_id, dest, by_key, state, row, sort, verdict, count, first, last,
		change) VALUES (?, ?, ?, ?, '[]', ?, ?, ?, ?, ?, ?, ?, ?)`)
	risk := stmt(`INSERT INTO risk_event (finding_id, start, object_type, object, rule_id, score, message, count, second)
		VALUES (?, ?, ?, ?, ?, 50, ?, 1, ?)`)
	r := rand.New(rand.NewPCG(1, 2))
	end := now.Unix() - 3*24*3600
	dest := func(n int) string { return fmt.Sprintf("web%05d.corp.example", n) }
	for n := range scaleHosts {
		host(100_000+n, dest(n), end-14*24*3600, end-r.Int64N(7*24*3600))
	}
	rules := []string{detection.SeedID, detection.SeedID, detection.SeedID, consoletest.AppcmdID}
	state := `{"n":7,"a":1764000000000000000,"z":1764000000000000000}`
	for n := range scaleFindings {
		of := r.IntN(scaleHosts)
		if n%2 == 0 {
			of = min(scaleHosts-1, int(1/(0.0002+r.Float64()))-1)
		}
		id, rule, kind := 100_000+n, rules[r.IntN(len(rules))], detection.OtherChange
		what := fmt.Sprintf("applicationPools/add[@name=\"Pool%d\"]/recycling/periodicRestart/@time", n)
		if n%10 == 0 {
			kind, what = detection.ModuleAdded, fmt.Sprintf("globalModules/add[@name=\"planted%d\"]", n%1000)
		}
		at := end - r.Int64N(14*24*3600)
		row := []string{"Info", "29", dest(of), "Changes to '/system.webServer/" + what +
			"' at 'MACHINE/WEBROOT/APPHOST' have successfully been committed.", "7", "2025-12-01T00:00:00",
			"2025-12-02T00:00:00"}
		cells, _ := json.Marshal(row)
		var key []byte
		for _, c := range row {
			key = append(append(key, csvsafe.Cell(c)...), 0, 1)
		}
		verdict := 0
		if n%50 == 0 {
			verdict = 1
		}
		finding(id, fmt.Sprintf("%032x", n), rule, dest(of), state, string(cells), key, verdict, 7, at, at+7200, kind)
		for w := range int64(3) {
			second := at + w*3600
			risk(id, detection.WindowOf(second).Start, "system", dest(of), rule,
				"A new IIS module or configuration on "+dest(of), second)
			if rule == consoletest.AppcmdID {
				risk(id, detection.WindowOf(second).Start, "user", fmt.Sprintf("user%d", of%2000), rule,
					"A module was installed by appcmd", second)
			}
		}
	}
	if err := tx.Commit(); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkPageAtScale opens each kind of page over 10,000 hosts with 100,000
// findings and 300,000 risk events. It reports the 99th percentile of a request
// and its answer on loopback, and how long the page is before compression.
func BenchmarkPageAtScale(b *testing.B) {
	if testing.Short() {
		b.Skip("it fills a database")
	}
	s := startScale(b)
	link := func(path, kind string) string {
		m := map[string]func(string) []string{"host": hostLink.FindStringSubmatch,
			"finding": findingLink.FindStringSubmatch}[kind](s.Get(b, path).Body)
		if m == nil {
			b.Fatalf("no %s on %s", kind, path)
		}
		return m[1]
	}
	const asOf = "AS-OF" // another one each time
	nth := 0
	address := func(path string) string {
		nth = (nth + 1) % 300
		at := time.Now().Add(-9*24*time.Hour - time.Duration(nth)*1013*time.Second).UTC()
		return strings.ReplaceAll(path, asOf, at.Format("2006-01-02T15:04:05Z"))
	}
	for _, page := range []struct{ name, path string }{
		{"start", "/"},
		{"severity", "/?severity=high"},
		{"rule", "/?rule=" + consoletest.AppcmdID},
		{"text", "/?q=web05"},
		{"asof", "/?as-of=" + asOf},
		{"asofboth", "/?severity=high&as-of=" + asOf},
		{"last", "/?sort=-last"},
		{"byfindings", "/?sort=-findings"},
		{"combined", "/?severity=medium&q=web0&rule=" + detection.SeedID},
		{"hottest", link("/", "host")},
		{"host", "/hosts/web05000.corp.example"},
		{"hostasof", "/hosts/web00000.corp.example?as-of=" + asOf},
		{"findings", "/findings"},
		{"findingsof", "/findings?dest=web00000.corp.example"},
		{"findingsrule", "/findings?rule=" + consoletest.AppcmdID},
		{"findingstext", "/findings?q=planted377"},
		{"findingsall", "/findings?q=webserver"},
		{"findingsboth", "/findings?q=applicationpools&dest=web00000.corp.example&from=2020-01-01"},
		{"findingsfrom", "/findings?from=" + asOf},
		{"findingsnone", "/findings?q=nosuchtext"},
		{"findingsrow", "/findings?sort=row"},
		{"finding", link("/findings", "finding")},
		{"users", "/users"},
		{"usersasof", "/users?as-of=" + asOf},
		{"user", "/users/user0"},
		{"rules", "/rules"},
		{"ruleof", "/rules/" + detection.SeedID},
		{"replay", "/rules/" + detection.SeedID + "/replay?dest=web00000.corp.example"},
		{"imports", "/imports"},
		{"import", "/imports/1"},
		{"event", "/events/1"},
		{"riskcsv", "/risk.csv"},
	} {
		b.Run(page.name, func(b *testing.B) {
			var took []time.Duration
			size, worked := 0, cpuTime()
			for b.Loop() {
				began := time.Now()
				size = len(s.Get(b, address(page.path)).Body)
				took = append(took, time.Since(began))
			}
			ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
			slices.Sort(took)
			b.ReportMetric(ms(took[len(took)/2]), "p50-ms")
			b.ReportMetric(ms(took[len(took)*99/100]), "p99-ms")
			b.ReportMetric(float64(size)/1000, "kB")
			b.ReportMetric(ms((cpuTime()-worked)/time.Duration(len(took))), "cpu-ms") // the client's share with it
			b.ReportMetric(0, "ns/op")
		})
	}
}
