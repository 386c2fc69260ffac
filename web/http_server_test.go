// Tests of the console as browsers and programs meet it: a real server on a
// loopback port over a fresh database, with the real import queue.
package web_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"mime/multipart"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"escutcheon/db"
	"escutcheon/demo/logwriter"
	"escutcheon/handlers"
	"escutcheon/importer"
	"escutcheon/rulebook"
	"escutcheon/web"
)

// server is a running console.
type server struct {
	book  *rulebook.Book
	url   string
	store *db.DB
	spool string // the folder
	stop  func()
	log   *bytes.Buffer // read after the server has stopped
}

// start serves a database until the test ends or stop is called.
func start(t testing.TB, path string, maxUpload int64) *server {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	store, err := db.Open(ctx, path)
	if err != nil {
		t.Fatal(err)
	}
	s := &server{store: store, spool: path + "-spool", log: &bytes.Buffer{}}
	log := slog.New(slog.NewTextHandler(s.log, &slog.HandlerOptions{Level: slog.LevelWarn}))
	book, err := rulebook.Open(ctx, store, importer.Decoder{}, log, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	var running sync.WaitGroup
	running.Go(func() { book.Run(ctx) })
	spool := importer.NewSpool(store.Path())
	im := importer.New(store, book.Rules, spool)
	im.Retry = book.Retry
	queue := importer.NewQueue(im, log)
	s.book = book
	h := &handlers.Handlers{Ask: handlers.AskAll(store), Book: book, Queue: queue, Questions: importer.NewQuestions(queue), Spool: spool, MaxUpload: maxUpload, Log: log, Now: time.Now}
	ready, ended := make(chan net.Addr, 1), make(chan error, 1)
	go func() {
		ended <- web.Serve(ctx, "127.0.0.1:0", web.New(h, log, []string{"localhost", "127.0.0.1", "::1"}), log,
			func(a net.Addr) { ready <- a })
	}()
	select {
	case a := <-ready:
		s.url = "http://" + a.String()
	case err := <-ended:
		t.Fatal(err)
	}
	stopped := false
	s.stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		running.Wait()
		if err := errors.Join(<-ended, queue.Close(), store.Close()); err != nil {
			t.Errorf("stop: %v", err)
		}
		if s.log.Len() > 0 {
			t.Errorf("the server's log:\n%s", s.log)
		}
	}
	t.Cleanup(s.stop)
	return s
}

func newServer(t testing.TB) *server {
	t.Helper()
	return start(t, filepath.Join(t.TempDir(), "test.db"), 64<<20)
}

// client follows no redirects: they are part of what is tested.
var client = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}

// answer is a response with its body read.
type answer struct {
	status int
	header http.Header
	body   string
}

// do sends a request; headers are pairs of a name and a value.
func (s *server) do(t testing.TB, method, path string, body io.Reader, headers ...string) answer {
	t.Helper()
	req, err := http.NewRequest(method, s.url+path, body)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
		if headers[i] == "Host" {
			req.Host = headers[i+1]
		}
	}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	return answer{resp.StatusCode, resp.Header, string(data)}
}

// get is a page that must be there.
func (s *server) get(t testing.TB, path string, headers ...string) answer {
	t.Helper()
	a := s.do(t, http.MethodGet, path, nil, headers...)
	if a.status != http.StatusOK {
		t.Fatalf("GET %s: status %d\n%s", path, a.status, a.body)
	}
	return a
}

// post sends a form.
func (s *server) post(t testing.TB, path string, form url.Values, headers ...string) answer {
	t.Helper()
	return s.do(t, http.MethodPost, path, strings.NewReader(form.Encode()),
		append([]string{"Content-Type", "application/x-www-form-urlencoded"}, headers...)...)
}

const asJSON = "application/json"

// file is a part of an upload.
type file struct {
	name string
	data []byte
}

// multi is a form with fields, as pairs, and files after them.
func multi(t testing.TB, fields []string, files ...file) (body *bytes.Buffer, kind string) {
	t.Helper()
	body = &bytes.Buffer{}
	w := multipart.NewWriter(body)
	for i := 0; i < len(fields); i += 2 {
		if err := w.WriteField(fields[i], fields[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	for _, f := range files {
		part, err := w.CreateFormFile("file", f.name)
		if err == nil {
			_, err = part.Write(f.data)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return body, w.FormDataContentType()
}

// upload sends files as a program does and returns the ids of their imports.
func (s *server) upload(t testing.TB, fields []string, files ...file) (ids []string) {
	t.Helper()
	body, kind := multi(t, fields, files...)
	a := s.do(t, http.MethodPost, "/imports", body, "Content-Type", kind, "Accept", asJSON)
	var got struct {
		Imports []struct {
			ID   json.Number
			Name string
			URL  string
		}
	}
	if err := json.Unmarshal([]byte(a.body), &got); err != nil || a.status != http.StatusAccepted || len(got.Imports) != len(files) {
		t.Fatalf("upload: status %d, %v\n%s", a.status, err, a.body)
	}
	for i, g := range got.Imports {
		if g.Name != files[i].name || g.URL != "/imports/"+g.ID.String() {
			t.Errorf("import %+v of %q", g, files[i].name)
		}
		ids = append(ids, g.ID.String())
	}
	return ids
}

// imported is an import as a program sees it.
type imported struct {
	Name, SHA256, Format, Status   string
	Size                           int64
	Read, New, Duplicate, Rejected int64
	Failure                        string
}

func (s *server) status(t testing.TB, id string) (i imported) {
	t.Helper()
	a := s.get(t, "/imports/"+id, "Accept", asJSON)
	if err := json.Unmarshal([]byte(a.body), &i); err != nil {
		t.Fatalf("%v in %s", err, a.body)
	}
	return i
}

// until polls an import until what it is asked for has come.
func (s *server) until(t testing.TB, id string, come func(imported) bool) imported {
	t.Helper()
	var i imported
	poll(t, func() bool { i = s.status(t, id); return come(i) })
	return i
}

// poll waits for a condition.
func poll(t testing.TB, come func() bool) {
	t.Helper()
	deadline := time.After(2 * time.Minute)
	tick := time.NewTicker(3 * time.Millisecond)
	defer tick.Stop()
	for !come() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatal("it never came")
		}
	}
}

func ended(i imported) bool { return i.Status != "queued" && i.Status != "running" }

// load uploads a log and waits for its end, which must be a good one.
func (s *server) load(t testing.TB, name string, data []byte) imported {
	t.Helper()
	i := s.until(t, s.upload(t, nil, file{name, data})[0], ended)
	if i.Status != "done" {
		t.Fatalf("import of %s: %+v", name, i)
	}
	return i
}

// spooled is what lies in the spool.
func (s *server) spooled(t testing.TB) []string {
	t.Helper()
	names, err := os.ReadDir(s.spool)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	var out []string
	for _, n := range names {
		out = append(out, n.Name())
	}
	return out
}

// noon is when the records of small logs begin.
var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// change is an event 29 as a line of NXLog.
func change(host string, number int64, at time.Time, path string) []byte {
	r := logwriter.IISChange(logwriter.Change{Path: path, Edit: logwriter.EditAdd, After: "x"})
	r.Computer, r.RecordNumber, r.Time, r.Sid = host, number, at, "S-1-5-18"
	return append(logwriter.AppendNXLog(nil, &r, nil), '\n')
}

// bulk is n varied records as NXLog writes them.
func bulk(n int) (out []byte) {
	for r := range logwriter.Bulk(n, 7) {
		out = append(logwriter.AppendNXLog(out, r, nil), '\n')
	}
	return out
}
