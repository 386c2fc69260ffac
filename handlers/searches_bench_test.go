package handlers_test

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"escutcheon/internal/consoletest"
)

// tenSearches are asked for at once, again and again, until stop is closed: each looks
// at every event.
func tenSearches(b *testing.B, at string, stop <-chan struct{}) (ran int) {
	var all sync.WaitGroup
	var mu sync.Mutex
	for n := range 10 {
		q := []string{"* | stats count by NewProcessName", `Message="*globalModules*" | stats count by dest`,
			"nosuchword*", "* | timechart count by EventCode", "* | stats dc(user) by dest"}[n%5]
		all.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				req, err := http.NewRequest("GET", at+"/search?limit=10000&q="+url.QueryEscape(q), nil)
				if err != nil {
					b.Error(err)
					return
				}
				req.Header.Set("Accept", consoletest.JSON)
				resp, err := http.DefaultClient.Do(req)
				if err != nil {
					b.Error(err)
					return
				}
				text, err := io.ReadAll(resp.Body)
				resp.Body.Close()
				if err != nil || resp.StatusCode != 200 || !strings.Contains(string(text), `"complete":true`) {
					b.Errorf("%s: %d %v %.200s", q, resp.StatusCode, err, text)
					return
				}
				mu.Lock()
				ran++
				mu.Unlock()
			}
		})
	}
	all.Wait()
	return ran
}

// BenchmarkSearches has ten searches run at once, and says how long pages take beside
// them (p99-ms; alone-p99-ms without them), and how much longer an import takes
// (import-times). ESCUTCHEON_EVENTS, ESCUTCHEON_HOSTS and ESCUTCHEON_IMPORT (events)
// set its size: 300000, 5000 and 180000 is what is promised.
func BenchmarkSearches(b *testing.B) {
	events, hosts, more := sized(b, "EVENTS", 50_000), sized(b, "HOSTS", 500), sized(b, "IMPORT", 20_000)
	s := consoletest.Start(b, filepath.Join(b.TempDir(), "bench.db"), 4<<30)
	s.Load(b, "base.json", fleetLog(events, hosts, 7))
	seed := uint64(8)
	for b.Loop() {
		var pages [2]float64
		var imports [2]time.Duration
		for beside := range 2 {
			stop, ended := make(chan struct{}), make(chan int, 1)
			go func() {
				if beside == 0 {
					ended <- 0
					return
				}
				ended <- tenSearches(b, s.URL, stop)
			}()
			c := &crowd{url: s.URL, paths: []string{"/", "/findings", "/imports", "/rules", "/users"}}
			c.client.CheckRedirect = consoletest.Client.CheckRedirect
			for n := range 20 {
				c.paths = append(c.paths, fmt.Sprintf("/hosts/srv%05d.corp.example", n*hosts/20))
			}
			c.paths = append(c.paths, hrefs(s.Get(b, "/findings").Body)...)
			pagesEnd := make(chan struct{})
			time.AfterFunc(20*time.Second, func() { close(pagesEnd) })
			c.run(10, hosts, pagesEnd)
			if pages[beside] = percentile(c.pages, .99); len(c.errors) > 0 {
				b.Errorf("%d errors, such as %s", len(c.errors), c.errors[0])
			}
			log := fleetLog(more, hosts, seed)
			seed++
			began := time.Now()
			s.Load(b, fmt.Sprintf("more%d.json", seed), log)
			imports[beside] = time.Since(began)
			close(stop)
			if n := <-ended; beside == 1 {
				b.ReportMetric(float64(n), "searches")
			}
		}
		b.ReportMetric(pages[0], "alone-p99-ms")
		b.ReportMetric(pages[1], "p99-ms")
		b.ReportMetric(imports[1].Seconds()/imports[0].Seconds(), "import-times")
	}
}
