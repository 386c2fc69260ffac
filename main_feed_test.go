package main_test

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"escutcheon/demo/logwriter"
)

// feedSecret is a token of a file.
const feedSecret = "0123456789abcdef0123"

// feeding serves a database, and feeds on an address that stays.
func feeding(t testing.TB, db, at string, args ...string) *served {
	t.Helper()
	tokens := write(t, "tokens", []byte(feedSecret+" name=farm\n"))
	s := serve(t, db, append([]string{"--feed-listen", at, "--feed-token-file", tokens}, args...)...)
	return s
}

// post sends a request to a feed, and says what was answered; 0 for nothing.
func post(url, form string, body []byte) (status int, text string) {
	r, err := http.NewRequest(http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return 0, err.Error()
	}
	r.Header.Set("Authorization", "Bearer "+feedSecret)
	r.Header.Set("Content-Type", form)
	a, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, err.Error()
	}
	defer a.Body.Close()
	b, err := io.ReadAll(a.Body)
	if err != nil {
		return 0, err.Error()
	}
	return a.StatusCode, string(b)
}

// feedForms are requests as three forwarders make them.
var feedForms = []func(list []logwriter.Record) (path, kind string, body []byte){
	func(list []logwriter.Record) (string, string, []byte) {
		var b []byte
		for i := range list {
			b = logwriter.AppendHEC(b, &list[i], string(logwriter.AppendXML(nil, &list[i], true)))
		}
		return "/services/collector/event", "application/json", b
	},
	func(list []logwriter.Record) (string, string, []byte) {
		var b []byte
		for i := range list {
			b = append(b, `{"create":{"_index":"w"}}`+"\n"...)
			b = append(logwriter.AppendNXLog(b, &list[i], nil), '\n')
		}
		return "/_bulk", "application/x-ndjson", b
	},
	func(list []logwriter.Record) (string, string, []byte) {
		return "/v1/logs", "application/json", logwriter.AppendOTLP(nil, list)
	},
}

// send sends records until they are acknowledged, as a forwarder does.
func send(at string, form func([]logwriter.Record) (string, string, []byte), list []logwriter.Record) {
	path, kind, body := form(list)
	for {
		if status, _ := post("http://"+at+path, kind, body); status == 200 {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// TestFeedKilled: a server that takes feeds is killed again and again while three
// forwarders send what was not acknowledged once more: in the end all that was sent is
// stored once, and findings are those of a file with the same events.
func TestFeedKilled(t *testing.T) {
	const n, some = 6000, 40
	var records []logwriter.Record
	for r := range logwriter.Bulk(n, 5) {
		records = append(records, *r)
	}
	at := freeAddress(t)
	file := newCLI(t)
	var whole []byte
	for i := range records {
		whole = append(logwriter.AppendNXLog(whole, &records[i], nil), '\n')
	}
	if status, _ := file.importJSON(nil, write(t, "all.json", whole)); status != 0 {
		t.Fatal("the file is not imported")
	}
	c := newCLI(t)
	var sent atomic.Int64
	var wg sync.WaitGroup
	for k, form := range feedForms {
		mine := records[k*n/3 : (k+1)*n/3]
		wg.Go(func() {
			for i := 0; i < len(mine); i += some {
				send(at, form, mine[i:min(i+some, len(mine))])
				sent.Add(some)
			}
		})
	}
	done := make(chan struct{})
	go func() { wg.Wait(); close(done) }()
	rng := rand.New(rand.NewPCG(1, 2))
	for kills := 0; ; kills++ {
		s := feeding(t, c.db, at)
		wait := time.Duration(rng.IntN(400)+100) * time.Millisecond
		if kills >= 8 {
			wait = time.Minute
		}
		over := false
		select {
		case <-done:
			over = true
		case <-time.After(wait):
		}
		s.kill()
		if over {
			t.Logf("%d kills", kills)
			break
		}
		if kills > 8 {
			t.Fatalf("only %d of %d were acknowledged within a minute", sent.Load(), n)
		}
	}
	if got, want := c.ok("findings", "--format", "csv"), file.ok("findings", "--format", "csv"); got != want {
		t.Errorf("findings differ from those of a file: %s", difference(got, want))
	}
	if out := c.ok("check"); !strings.Contains(out, "whole") {
		t.Error(out)
	}
	out := c.ok("search", "--format", "csv",
		"* | stats count dc(RecordNumber) as records by ComputerName LogName | stats sum(count) sum(records)")
	if want := fmt.Sprintf("%d", n); strings.Count(out, want) != 2 {
		t.Errorf("%d events were sent: %s", n, out)
	}
}

// freeAddress is an address on which nothing listens.
func freeAddress(t testing.TB) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	return ln.Addr().String()
}

// TestFeedFlags: what does not go together is said before anything is opened.
func TestFeedFlags(t *testing.T) {
	short := write(t, "short", []byte("x\n"))
	for _, c := range []struct {
		args []string
		says string
	}{
		{[]string{"--feed-token-file", short}, "--feed-listen"},
		{[]string{"--feed-listen", "127.0.0.1:0", "--feed-token-file", short}, "line 1"},
		{[]string{"--feed-listen", "127.0.0.1:0", "--feed-token-file", short + "-none"}, "cannot be read"},
		{[]string{"--feed-listen", "0.0.0.0:0"}, "--tls-cert"},
		{[]string{"--syslog-listen", "0.0.0.0:0"}, "--tls-cert"},
		{[]string{"--syslog-allow", "10.0.0.0/8"}, "--syslog-listen"},
		{[]string{"--syslog-listen", "127.0.0.1:0", "--syslog-client-ca", short}, "TLS"},
		{[]string{"--syslog-listen", "127.0.0.1:0", "--syslog-allow", "x"}, "10.1.0.0/16"},
		{[]string{"--watch", short + "-none"}, "no folder"},
		{[]string{"--safe", "--feed-listen", "127.0.0.1:0"}, "nothing is stored"},
	} {
		r := newCLI(t).run(nil, "serve", append([]string{"--listen", "127.0.0.1:0"}, c.args...)...)
		if r.code == 0 || !strings.Contains(r.stderr, c.says) {
			t.Errorf("%v: %d %s", c.args, r.code, r.stderr)
		}
	}
}
