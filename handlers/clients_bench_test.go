package handlers_test

import (
	"database/sql"
	"encoding/csv"
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

	"escutcheon/access"
	"escutcheon/db"
	"escutcheon/demo/logwriter"
	"escutcheon/handlers"
	"escutcheon/internal/consoletest"
	"escutcheon/signin"
	"escutcheon/store"
)

// sized is a number that the environment may set.
func sized(b testing.TB, name string, usual int) int {
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
	as     []http.Header // of each client that is signed in; none where accounts are off
	client http.Client
	mu     sync.Mutex
	pages  []time.Duration
	notes  []time.Duration
	errors []string
}

// ask opens a page, or writes a note, as one of the clients.
func (c *crowd) ask(client int, r *rand.Rand, hosts int) {
	began := time.Now()
	note := r.IntN(20) == 0
	method, path, form := http.MethodGet, c.paths[r.IntN(len(c.paths))], ""
	if note {
		method, path = http.MethodPost, fmt.Sprintf("/hosts/srv%05d.corp.example/notes", r.IntN(hosts))
		form = url.Values{"author": {"crowd"}, "text": {"seen"}}.Encode()
	}
	req, err := http.NewRequest(method, c.url+path, strings.NewReader(form))
	if err == nil && len(c.as) > 0 {
		req.Header = c.as[client].Clone()
	}
	var resp *http.Response
	if err == nil {
		if note {
			req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		}
		resp, err = c.client.Do(req)
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
				c.ask(n, r, hosts)
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

// fleet is what a crowd works on: a log that is stored, one that comes meanwhile, and the
// hosts of both.
type fleet struct {
	base, more []byte
	hosts      int
}

// serve stores a fleet's log in a console with accounts, or without, and makes a crowd
// for it.
func (f *fleet) serve(tb testing.TB, clients int, accounts bool) (*consoletest.Server, *crowd) {
	tb.Helper()
	set := func(*handlers.Handlers, *db.DB) {}
	if accounts {
		set = func(h *handlers.Handlers, d *db.DB) { h.Gate = signin.New(d, d.Sessions(), time.Now) }
	}
	s := consoletest.StartWith(tb, filepath.Join(tb.TempDir(), "bench.db"), 4<<30, time.Now, set)
	c := &crowd{url: s.URL, paths: []string{"/", "/?severity=high", "/findings", "/imports", "/rules", "/users"}}
	c.client.Transport = &http.Transport{MaxIdleConnsPerHost: clients}
	c.client.CheckRedirect = consoletest.Client.CheckRedirect
	if accounts {
		c.as = signedIn(tb, s, clients)
		s.Token = strings.TrimPrefix(c.as[0].Get("Authorization"), "Bearer ")
	}
	s.Load(tb, "base.json", f.base)
	for n := range 20 {
		c.paths = append(c.paths, fmt.Sprintf("/hosts/srv%05d.corp.example", n*f.hosts/20))
	}
	c.paths = append(c.paths, hrefs(s.Get(tb, "/findings").Body)...)
	return s, c
}

// signedIn are clients with accounts of their own: each fourth has a token, the others
// sign in.
func signedIn(tb testing.TB, s *consoletest.Server, clients int) (out []http.Header) {
	tb.Helper()
	const password = "a long word of theirs"
	kept := access.HashPassword(password)
	for n := range clients {
		name, as := fmt.Sprintf("crowd%d", n), http.Header{}
		a, err := s.Store.AddAccount(tb.Context(), store.Account{Name: name, Role: access.Analyst, Password: kept}, false)
		if err != nil {
			tb.Fatal(err)
		}
		if n%4 == 0 {
			secret, _, err := signin.NewToken(tb.Context(), s.Store, store.Token{Account: a.ID, Name: "t",
				Role: access.Analyst, Expires: time.Now().Add(24 * time.Hour)})
			if err != nil {
				tb.Fatal(err)
			}
			as.Set("Authorization", "Bearer "+secret)
		} else {
			in := s.Post(tb, "/login", url.Values{"name": {name}, "password": {password}})
			if in.Status != http.StatusSeeOther {
				tb.Fatalf("%s does not come in: %d", name, in.Status)
			}
			for _, c := range (&http.Response{Header: in.Header}).Cookies() {
				as.Add("Cookie", c.Name+"="+c.Value)
			}
		}
		out = append(out, as)
	}
	return out
}

// during has the crowd work until the log that comes meanwhile is stored, and says how
// long that took.
func (c *crowd) during(tb testing.TB, s *consoletest.Server, f *fleet, clients int) time.Duration {
	tb.Helper()
	stop, gone := make(chan struct{}), make(chan struct{})
	go func() {
		c.run(clients, f.hosts, stop)
		close(gone)
	}()
	began := time.Now()
	s.Load(tb, "more.json", f.more)
	took := time.Since(began)
	close(stop)
	<-gone
	return took
}

// BenchmarkClients has clients open pages and write notes while a log is
// imported, and says how long they wait, and how much longer the import takes
// than alone; then the same with accounts on, each client signed in or with a token, and
// how many times longer they wait then. ESCUTCHEON_EVENTS, ESCUTCHEON_HOSTS,
// ESCUTCHEON_IMPORT (events) and ESCUTCHEON_CLIENTS set its size: 300000, 5000, 180000
// (about 200 MB) and 200 is what is promised.
func BenchmarkClients(b *testing.B) {
	events, more, clients := sized(b, "EVENTS", 20_000), sized(b, "IMPORT", 20_000), sized(b, "CLIENTS", 200)
	f := &fleet{hosts: sized(b, "HOSTS", 500)}
	f.base, f.more = fleetLog(events, f.hosts, 7), fleetLog(more, f.hosts, 8)
	for b.Loop() {
		var took [3]time.Duration
		var crowds [3]*crowd
		for i, with := range []int{0, clients, clients} {
			s, c := f.serve(b, max(1, with), i == 2)
			took[i] = c.during(b, s, f, with)
			crowds[i] = c
			s.Stop()
		}
		open, in := crowds[1], crowds[2]
		open.report(b, "")
		in.report(b, "accounts-")
		b.ReportMetric(took[1].Seconds()/took[0].Seconds(), "import-times")
		b.ReportMetric(took[2].Seconds()/took[0].Seconds(), "accounts-import-times")
		b.ReportMetric(percentile(in.pages, .5)/percentile(open.pages, .5), "accounts-p50-times")
		b.ReportMetric(percentile(in.pages, .99)/percentile(open.pages, .99), "accounts-p99-times")
	}
}

// BenchmarkSignedIn opens a page without accounts, with a session and with a token.
func BenchmarkSignedIn(b *testing.B) {
	f := &fleet{hosts: 50}
	f.base = fleetLog(2000, f.hosts, 7)
	for _, as := range []string{"nobody", "token", "session"} {
		b.Run(as, func(b *testing.B) {
			s, c := f.serve(b, 2, as != "nobody")
			client := map[string]int{"session": 1}[as]
			c.paths = []string{"/rules"}
			for b.Loop() {
				c.ask(client, rand.New(rand.NewPCG(4, 1)), f.hosts)
			}
			b.ReportMetric(percentile(c.pages, .5), "p50-ms")
			if len(c.errors)+len(c.notes) > 0 {
				b.Error(c.errors, len(c.notes))
			}
			s.Stop()
		})
	}
}

// TestCrowdSignedIn is BenchmarkClients with accounts on, small: nobody is refused, all
// that was written is there under the name of who wrote it, and opening pages writes
// nothing, neither with a session nor with a token that was used today.
func TestCrowdSignedIn(t *testing.T) {
	t.Parallel()
	f := &fleet{hosts: 20}
	const clients = 8
	f.base, f.more = fleetLog(1000, f.hosts, 7), fleetLog(5000, f.hosts, 8)
	s, c := f.serve(t, clients, true)
	c.during(t, s, f, clients)
	r := rand.New(rand.NewPCG(9, 9))
	for n := range 4 * clients {
		c.ask(n%clients, r, f.hosts)
	}
	if len(c.errors) > 0 {
		t.Fatalf("%d errors, such as %s", len(c.errors), c.errors[0])
	}
	list, err := csv.NewReader(strings.NewReader(s.Get(t, "/notes.csv").Body)).ReadAll()
	if err != nil || len(list)-1 != len(c.notes) || len(c.notes) == 0 {
		t.Fatalf("%d notes of %d are there: %v", len(list)-1, len(c.notes), err)
	}
	for _, row := range list[1:] {
		if author := row[slices.Index(list[0], "author")]; !strings.HasPrefix(author, "crowd") || author == "crowd" {
			t.Errorf("a note is signed %q", author)
		}
	}
	writes := counting(t, s)
	for n := range clients {
		for _, path := range c.paths {
			req, err := http.NewRequest(http.MethodGet, c.url+path, nil)
			if err != nil {
				t.Fatal(err)
			}
			req.Header = c.as[n%clients].Clone()
			resp, err := c.client.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
		}
	}
	if n := writes(); n != 0 {
		t.Errorf("%d pages that were opened wrote %d times who opened them", clients*len(c.paths), n)
	}
	if s.Post(t, "/account/tokens", url.Values{"name": {"x"}, "role": {"viewer"}, "days": {"1"}}); writes() != 1 {
		t.Errorf("a new token is written %d times", writes())
	}
}

// counting has a console's database count the writes to what it keeps of who signs in.
func counting(t *testing.T, s *consoletest.Server) (writes func() (n int)) {
	t.Helper()
	d, err := sql.Open("sqlite", "file:"+s.Store.Path()+"?_pragma=busy_timeout(10000)")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	counts := `CREATE TABLE counted (n)`
	for _, table := range []string{"session", "token", "account"} {
		for _, write := range []string{"INSERT", "UPDATE", "DELETE"} {
			counts += fmt.Sprintf(`; CREATE TRIGGER counted_%[1]s_%[2]s AFTER %[2]s ON %[1]s
				BEGIN INSERT INTO counted VALUES (1); END`, table, write)
		}
	}
	if _, err := d.Exec(counts); err != nil {
		t.Fatal(err)
	}
	return func() (n int) {
		if err := d.QueryRow(`SELECT count(*) FROM counted`).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
}

func hrefs(page string) (out []string) {
	for _, m := range findingLink.FindAllStringSubmatch(page, 20) {
		out = append(out, m[1])
	}
	return out
}

func (c *crowd) report(b *testing.B, of string) {
	b.ReportMetric(percentile(c.pages, .5), of+"p50-ms")
	b.ReportMetric(percentile(c.pages, .99), of+"p99-ms")
	b.ReportMetric(percentile(c.notes, .99), of+"note-p99-ms")
	b.ReportMetric(float64(len(c.pages)+len(c.notes)), of+"requests")
	b.ReportMetric(float64(len(c.errors)), of+"errors")
	if len(c.errors) > 0 {
		b.Errorf("%d errors, such as %s", len(c.errors), strings.Join(c.errors[:min(3, len(c.errors))], "; "))
	}
}
