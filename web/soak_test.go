package web_test

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"escutcheon/internal/consoletest"
)

// soakRounds is how often a run that is scaled down uses the server, and soakWarm how
// often before anything is counted: caches fill.
const (
	soakRounds = 12
	soakWarm   = 6
)

// held is what a process holds when nothing goes on.
type held struct {
	heap       uint64
	goroutines int
	files      int // -1: the system does not say
}

func holds() held {
	for range 3 { // what finalizers let go is let go by the next one
		runtime.GC()
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	h := held{heap: m.HeapAlloc, goroutines: runtime.NumGoroutine(), files: -1}
	if list, err := os.ReadDir("/proc/self/fd"); err == nil {
		h.files = len(list)
	}
	return h
}

// TestSoak uses a server with accounts in all ways, again and again, for as long as
// ESCUTCHEON_SOAK says (20m), else a few times: what it holds does not grow.
func TestSoak(t *testing.T) {
	if testing.Short() {
		t.Skip("uses a server for long; not in -short")
	}
	long, err := time.ParseDuration(os.Getenv("ESCUTCHEON_SOAK"))
	if err != nil && os.Getenv("ESCUTCHEON_SOAK") != "" {
		t.Fatal(err)
	}
	s := withAccounts(t, time.Now)
	c := newClient(t, s)
	c.mustSignIn("admin")
	var first held
	began := time.Now()
	for n := 0; n < soakWarm+soakRounds || time.Since(began) < long; n++ {
		soakOnce(t, c, n)
		if n%50 == soakWarm-1 {
			c.http.CloseIdleConnections()
			is := holds()
			t.Logf("round %d: %d KiB of heap, %d goroutines, %d files", n+1, is.heap>>10, is.goroutines, is.files)
			if n == soakWarm-1 {
				first = is
			}
		}
	}
	c.http.CloseIdleConnections()
	var last held
	ok := false
	consoletest.Poll(t, func() bool { // what winds down is not counted
		last = holds()
		ok = last.heap < first.heap+first.heap/4+16<<20 && last.goroutines <= first.goroutines+8 &&
			last.files <= first.files+8
		return ok
	})
	t.Logf("at the end: %d KiB of heap, %d goroutines, %d files", last.heap>>10, last.goroutines, last.files)
	if !ok {
		t.Errorf("it held %+v, and holds %+v", first, last)
	}
}

// soakOnce imports a log, looks at it in all ways, writes, exports, and deletes it.
func soakOnce(t *testing.T, c *client, n int) {
	t.Helper()
	host := fmt.Sprintf("soak%d", n%5)
	log := consoletest.Appcmd(host, "eve", int64(1000+n), consoletest.Noon.Add(time.Duration(n)*time.Minute), "Planted")
	body, kind := consoletest.Multi(t, nil, consoletest.Log("soak.json", log))
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, c.s.URL+"/imports", body)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", kind)
	r.Header.Set("Accept", "text/html")
	a, err := c.http.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	a.Body.Close()
	if a.StatusCode != http.StatusSeeOther {
		t.Fatalf("round %d: an import: %d", n, a.StatusCode)
	}
	consoletest.Poll(t, func() bool {
		_, err := c.s.Store.ImportByID(t.Context(), int64(n+1))
		active, aerr := c.s.Store.ActiveImports(t.Context())
		return err == nil && aerr == nil && len(active) == 0
	})
	for _, path := range []string{"/", "/findings", "/hosts/" + host, "/hosts/" + host + "/report.html", "/cases", "/imports",
		"/rules", "/settings", "/audit", "/search?q=" + url.QueryEscape("index=main | stats count by host"),
		"/findings.csv?rule=all", "/notes.csv", "/stix.json", "/hosts/" + host + "/timeline.png"} {
		if a := c.ask("GET", path, nil); a.StatusCode != http.StatusOK {
			t.Errorf("round %d: %s: %d", n, path, a.StatusCode)
		}
	}
	c.post("/hosts/"+host+"/notes", url.Values{"text": {strings.Repeat("seen ", n%7+1)}}, 303)
	c.post("/hosts/"+host+"/triage", url.Values{"status": {[]string{"New", "Pending"}[n%2]}}, 303)
	if a := c.signIn("viewer", "wrong"); a.StatusCode != http.StatusUnauthorized &&
		a.StatusCode != http.StatusTooManyRequests {
		t.Errorf("round %d: a wrong password: %d", n, a.StatusCode)
	}
	c.post(fmt.Sprintf("/imports/%d/delete", n+1), nil, 303)
}
