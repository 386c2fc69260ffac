package feed_test

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"escutcheon/db"
	"escutcheon/demo/logwriter"
	"escutcheon/feed"
	"escutcheon/importer"
	"escutcheon/intake"
	"escutcheon/rulebook"
)

// secret is the token of the feed "farm".
const secret = "0123456789abcdef-farm"

// site is a server for feeds over a database of its own.
type site struct {
	*feed.Server
	t      testing.TB
	Store  *db.DB
	Feeder *importer.Feeder
	Queue  *importer.Queue
	Spool  *importer.Spool
	URL    string
	Log    *bytes.Buffer
}

func start(t testing.TB) *site {
	t.Helper()
	s := &site{t: t, Log: &bytes.Buffer{}}
	d, err := db.Open(t.Context(), filepath.Join(t.TempDir(), "x.db"), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	s.Store = d
	log := slog.New(slog.NewTextHandler(s.Log, &slog.HandlerOptions{Level: slog.LevelWarn}))
	book, err := rulebook.Open(t.Context(), d, importer.Decoder{}, log, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	s.Spool = importer.NewSpool(d.Path())
	im := importer.New(d, book.Rules, s.Spool)
	im.Retry = book.Retry
	s.Feeder = importer.NewFeeder(im, d, log)
	s.Queue = importer.NewQueue(im, log)
	s.Server = &feed.Server{Take: s.Feeder, Rates: s.Feeder.Rates, Tokens: d, Log: log,
		File: []feed.FileToken{{Secret: secret, Name: "farm"}}}
	h := httptest.NewServer(s.Handler())
	s.URL = h.URL
	t.Cleanup(func() {
		h.Close()
		s.Feeder.Close()
		if err := s.Queue.Close(); err != nil {
			t.Error(err)
		}
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// send sends a request as the feed "farm"; headers are pairs of a name and a value.
func (s *site) send(method, path, body string, headers ...string) (int, string) {
	s.t.Helper()
	return s.ask(method, path, strings.NewReader(body),
		append([]string{"Authorization", "Splunk " + secret}, headers...)...)
}

func (s *site) ask(method, path string, body io.Reader, headers ...string) (int, string) {
	s.t.Helper()
	r, err := http.NewRequest(method, s.URL+path, body)
	if err != nil {
		s.t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	a, err := http.DefaultClient.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer a.Body.Close()
	b, err := io.ReadAll(a.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return a.StatusCode, strings.TrimRight(string(b), "\n")
}

// hec is a request with the first records of a log, as a forwarder of Splunk's sends
// them.
func hec(records []logwriter.Record) string {
	var b []byte
	for i := range records {
		b = logwriter.AppendHEC(b, &records[i], string(logwriter.AppendXML(nil, &records[i], false)))
	}
	return string(b)
}

// planted are the records of a module that was added, of one host.
func planted() []logwriter.Record {
	list := logwriter.IISCommit(logwriter.IISModuleAdded("Planted", `C:\Windows\Temp\planted.dll`)...)
	at := time.Date(2026, 5, 4, 3, 2, 1, 0, time.UTC)
	for i := range list {
		list[i].Computer, list[i].RecordNumber = "web01.corp.example", int64(i+1)
		list[i].Time = at.Add(time.Duration(i) * time.Second)
	}
	return list
}

// bulk are n records of many hosts.
func bulk(n int) (out []logwriter.Record) {
	for r := range logwriter.Bulk(n, 7) {
		out = append(out, *r)
	}
	return out
}

func (s *site) imports() []intake.Import {
	s.t.Helper()
	list, err := s.Store.Imports(s.t.Context(), 0, 100)
	if err != nil {
		s.t.Fatal(err)
	}
	return list
}

func (s *site) events() int64 {
	s.t.Helper()
	n, err := s.Store.Totals(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	return n.Events
}

func (s *site) feeds() map[intake.Feed]intake.FeedState {
	s.t.Helper()
	list, err := s.Store.Feeds(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	out := map[intake.Feed]intake.FeedState{}
	for _, f := range s.Rates.Fill(list) {
		out[f.Feed] = f
	}
	return out
}

// findings counts the findings.
func (s *site) findings() int64 {
	s.t.Helper()
	n, err := s.Store.Totals(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	return n.Findings
}
