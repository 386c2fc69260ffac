package handlers_test

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"escutcheon/demo/logwriter"
	"escutcheon/internal/consoletest"
)

// sized is a number that the environment may set.
func sized(b *testing.B, name string, usual int) int {
	v := os.Getenv("ESCUTCHEON_" + name)
	if v == "" {
		return usual
	}
	n, err := strconv.Atoi(v)
	if err != nil || n < 1 {
		b.Fatalf("%s=%q is no number", name, v)
	}
	return n
}

// fleetLog is a varied log of many hosts as NXLog writes it.
func fleetLog(events, hosts int, seed uint64) (out []byte) {
	i := 0
	for r := range logwriter.Bulk(events, seed) {
		r.Computer, r.RecordNumber = fmt.Sprintf("srv%05d.corp.example", i%hosts), int64(i+1)+int64(seed)<<32
		out = append(logwriter.AppendNXLog(out, r, nil), '\n')
		i++
	}
	return out
}

// crowd is clients that open pages, think, and write a note now and then.
type crowd struct {
	url    string
	paths  []string
	client http.Client
	mu     sync.Mutex
	pages  []time.Duration
	notes  []time.Duration
	errors []string
}

// ask opens a page, or writes a note.
func (c *crowd) ask(r *rand.Rand, hosts int) {
	began := time.Now()
	note := r.IntN(20) == 0
	var resp *http.Response
	var err error
	if note {
		resp, err = c.client.PostForm(c.url+fmt.Sprintf("/hosts/srv%05d.corp.example/notes", r.IntN(hosts)),
			url.Values{"author": {"crowd"}, "text": {"seen"}})
	} else {
		resp, err = c.client.Get(c.url + c.paths[r.IntN(len(c.paths))])
	}
	bad := ""
	if err != nil {
		bad = err.Error()
	} else {
		_, err := io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
		if err != nil || resp.StatusCode != http.StatusOK && resp.StatusCode != http.StatusSeeOther {
			bad = fmt.Sprintf("%s: %d %v", resp.Request.URL, resp.StatusCode, err)
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if bad != "" {
		c.errors = append(c.errors, bad)
	}
	if took := time.Since(began); note {
		c.notes = append(c.notes, took)
	} else {
		c.pages = append(c.pages, took)
	}
}

// run lets clients go on until stop is closed.
func (c *crowd) run(clients, hosts int, stop <-chan struct{}) {
	var all sync.WaitGroup
	for n := range clients {
		all.Go(func() {
			r := rand.New(rand.NewPCG(uint64(n), 1))
			think := time.Duration(r.Int64N(int64(time.Second))) // not all at once
			for {
				select {
				case <-stop:
					return
				case <-time.After(think):
				}
				c.ask(r, hosts)
				think = time.Second
			}
		})
	}
	all.Wait()
}

func percentile(d []time.Duration, p float64) float64 {
	if len(d) == 0 {
		return 0
	}
	slices.Sort(d)
	return float64(d[int(float64(len(d)-1)*p)].Microseconds()) / 1000
}

// BenchmarkClients has clients open pages and write notes while a log is
// imported, and says how long they wait, and how much longer the import takes
// than alone. ESCUTCHEON_EVENTS, ESCUTCHEON_HOSTS, ESCUTCHEON_IMPORT (events)
// and ESCUTCHEON_CLIENTS set its size: 300000, 5000, 180000 (about 200 MB) and
// 200 is what is promised.
func BenchmarkClients(b *testing.B) {
	events, hosts := sized(b, "EVENTS", 20_000), sized(b, "HOSTS", 500)
	more, clients := sized(b, "IMPORT", 20_000), sized(b, "CLIENTS", 200)
	base, log := fleetLog(events, hosts, 7), fleetLog(more, hosts, 8)
	for b.Loop() {
		var took [2]time.Duration
		for i := range took {
			s := consoletest.Start(b, filepath.Join(b.TempDir(), "bench.db"), 4<<30)
			s.Load(b, "base.json", base)
			c := &crowd{url: s.URL, paths: []string{"/", "/?severity=high", "/findings", "/imports", "/rules", "/users"}}
			c.client.Transport = &http.Transport{MaxIdleConnsPerHost: clients}
			c.client.CheckRedirect = consoletest.Client.CheckRedirect
			for n := range 20 {
				c.paths = append(c.paths, fmt.Sprintf("/hosts/srv%05d.corp.example", n*hosts/20))
			}
			c.paths = append(c.paths, hrefs(s.Get(b, "/findings").Body)...)
			stop, gone := make(chan struct{}), make(chan struct{})
			go func() {
				if i == 1 {
					c.run(clients, hosts, stop)
				}
				close(gone)
			}()
			began := time.Now()
			s.Load(b, "more.json", log)
			took[i] = time.Since(began)
			close(stop)
			<-gone
			if i == 1 {
				c.report(b)
			}
			s.Stop()
		}
		b.ReportMetric(took[1].Seconds()/took[0].Seconds(), "import-times")
	}
}

func hrefs(page string) (out []string) {
	for _, m := range findingLink.FindAllStringSubmatch(page, 20) {
		out = append(out, m[1])
	}
	return out
}

func (c *crowd) report(b *testing.B) {
	b.ReportMetric(percentile(c.pages, .5), "p50-ms")
	b.ReportMetric(percentile(c.pages, .99), "p99-ms")
	b.ReportMetric(percentile(c.notes, .99), "note-p99-ms")
	b.ReportMetric(float64(len(c.pages)+len(c.notes)), "requests")
	b.ReportMetric(float64(len(c.errors)), "errors")
	if len(c.errors) > 0 {
		b.Errorf("%d errors, such as %s", len(c.errors), strings.Join(c.errors[:min(3, len(c.errors))], "; "))
	}
}
