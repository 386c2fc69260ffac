package main_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"escutcheon/demo/logwriter"
	"escutcheon/eventstore/clickhouse/clickhousetest"
)

// ingester starts one that puts what comes into ClickHouse.
func ingester(t testing.TB, events, at string, args ...string) *served {
	t.Helper()
	tokens := write(t, "tokens", []byte(feedSecret+" name=farm\n"))
	return begin(t, append([]string{"ingest", "--events", events, "--feed-listen", at, "--feed-token-file", tokens},
		args...)...)
}

// emptied waits until a console has taken all that the inbox holds now.
func emptied(t *testing.T, s *served) {
	t.Helper()
	began, said := time.Now(), ""
	for range 1200 {
		var feeds struct {
			Inbox struct {
				Deliveries int64
				AsOf       time.Time `json:"as_of"`
			}
		}
		said = s.json(t, "/feeds")
		if err := json.Unmarshal([]byte(said), &feeds); err != nil {
			t.Fatal(err)
		}
		if feeds.Inbox.Deliveries == 0 && feeds.Inbox.AsOf.After(began) {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatalf("the inbox is not taken: %s", said)
}

// TestIngest: two ingesters take what three forwarders send, and are killed again and
// again, as are the console and ClickHouse: in the end all that was sent is stored once,
// and findings are those of a file with the same events.
func TestIngest(t *testing.T) {
	const n, some = 3000, 40
	var records []logwriter.Record
	for r := range logwriter.Bulk(n, 5) {
		records = append(records, *r)
	}
	file := newCLI(t)
	var whole []byte
	for i := range records {
		whole = append(logwriter.AppendNXLog(whole, &records[i], nil), '\n')
	}
	if status, _ := file.importJSON(nil, write(t, "all.json", whole)); status != 0 {
		t.Fatal("the file is not imported")
	}
	engine := clickhousetest.Start(t, "")
	events := engine.Address()
	c := newCLI(t)
	ats := []string{freeAddress(t), freeAddress(t)}
	var wg sync.WaitGroup
	for k, form := range feedForms {
		mine := records[k*n/3 : (k+1)*n/3]
		wg.Go(func() {
			for i := 0; i < len(mine); i += some {
				send(ats[k%2], form, mine[i:min(i+some, len(mine))])
			}
		})
	}
	done := make(chan struct{})
	go func() { wg.Wait(); close(done) }()
	rng := rand.New(rand.NewPCG(1, 2))
	folder := t.TempDir() // of the first; what comes there is in the file, too
	if err := os.WriteFile(filepath.Join(folder, "part.json"), whole[:bytes.IndexByte(whole[1<<20:], '\n')+1<<20],
		0o600); err != nil {
		t.Fatal(err)
	}
	all := []*served{ingester(t, events, ats[0], "--watch", folder), ingester(t, events, ats[1]),
		serve(t, c.db, "--events", events)}
	again := []func() *served{
		func() *served { return ingester(t, events, ats[0], "--watch", folder) },
		func() *served { return ingester(t, events, ats[1]) },
		func() *served { return serve(t, c.db) },
	}
	for round := range 8 {
		time.Sleep(time.Duration(rng.IntN(250)+50) * time.Millisecond)
		if round == 4 {
			engine.Kill()
			engine.Restart(t)
			continue
		}
		k := round % len(all)
		all[k].kill()
		all[k] = again[k]()
	}
	select {
	case <-done:
	case <-time.After(2 * time.Minute):
		t.Fatal("not all was acknowledged within two minutes")
	}
	for n := 0; !strings.Contains(all[2].json(t, "/imports"), "part.json"); n++ {
		if n == 600 {
			t.Fatal("the file in the folder is not taken")
		}
		time.Sleep(100 * time.Millisecond)
	}
	emptied(t, all[2])
	for _, s := range all {
		s.kill()
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

// TestIngestFlags: what an ingester cannot do without is said before anything is asked
// for; who has no token of its file sends nothing.
func TestIngestFlags(t *testing.T) {
	tokens := write(t, "tokens", []byte(feedSecret+"\n"))
	for _, c := range []struct {
		args []string
		says string
	}{
		{nil, "clickhouse://"},
		{[]string{"--events", "sqlite", "--feed-listen", "127.0.0.1:0", "--feed-token-file", tokens}, "clickhouse://"},
		{[]string{"--events", "clickhouse://127.0.0.1:1/x"}, "nothing would come"},
		{[]string{"--events", "clickhouse://127.0.0.1:1/x", "--feed-listen", "127.0.0.1:0"}, "--feed-token-file"},
		{[]string{"--events", "nowhere", "--feed-listen", "127.0.0.1:0", "--feed-token-file", tokens}, "names no ClickHouse"},
		{[]string{"--events", "clickhouse://127.0.0.1:1/x", "--feed-listen", "0.0.0.0:0", "--feed-token-file", tokens},
			"--tls-cert"},
	} {
		if r := call(t, nil, append([]string{"ingest"}, c.args...)...); r.code == 0 || !strings.Contains(r.stderr, c.says) {
			t.Errorf("%v: %d %s", c.args, r.code, r.stderr)
		}
	}
	at := freeAddress(t)
	s := ingester(t, "clickhouse://127.0.0.1:1/x", at) // which is away
	if status, said := post("http://"+at+"/services/collector/raw", "text/plain", []byte("x")); status != 400 {
		t.Errorf("what cannot be read: %d %s", status, said)
	}
	path, kind, body := feedForms[0]([]logwriter.Record{*change("a.example", 1, time.Unix(1_800_000_000, 0), "/x")})
	if status, said := post("http://"+at+path, kind, body); status != 503 {
		t.Errorf("while ClickHouse is away: %d %s", status, said)
	}
	r, err := http.Post("http://"+at+path, kind, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if r.Body.Close(); r.StatusCode != 401 {
		t.Errorf("without a token: %d", r.StatusCode)
	}
	s.kill()
}
