package consoletest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"escutcheon/db"
	"escutcheon/event"
	"escutcheon/handlers"
	"escutcheon/importer"
	"escutcheon/intake"
	"escutcheon/originals"
	"escutcheon/rulebook"
	"escutcheon/search"
	"escutcheon/web"
	"escutcheon/wire"
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
)

// Server is a running console.
type Server struct {
	Book  *rulebook.Book
	URL   string
	Store *db.DB
	Pages *handlers.Handlers
	Spool string // the folder
	Stop  func()
	Log   *bytes.Buffer // read after the server has stopped
	Token string        // of who asks, where accounts are on
}

// Start serves a database until the test ends or stop is called.
func Start(t testing.TB, path string, maxUpload int64) *Server {
	t.Helper()
	return StartAt(t, path, maxUpload, time.Now)
}

// StartAt is Start with a clock.
func StartAt(t testing.TB, path string, maxUpload int64, now func() time.Time) *Server {
	t.Helper()
	return StartWith(t, path, maxUpload, now, func(*handlers.Handlers, *db.DB) {})
}

// StartWith is StartAt of a console that is changed before it listens.
func StartWith(t testing.TB, path string, maxUpload int64, now func() time.Time,
	change func(*handlers.Handlers, *db.DB)) *Server {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	store, err := db.Open(ctx, path, now)
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{Store: store, Spool: path + "-spool", Log: &bytes.Buffer{}}
	log := slog.New(slog.NewTextHandler(s.Log, &slog.HandlerOptions{Level: slog.LevelWarn}))
	book, err := rulebook.Open(ctx, store, importer.Decoder{}, log, now)
	if err != nil {
		t.Fatal(err)
	}
	var running sync.WaitGroup
	running.Go(func() { book.Run(ctx) })
	spool := importer.NewSpool(store.Path())
	im := importer.New(store, book.Rules, spool)
	shelf := originals.New(store.Path(), store.KeepsOriginals)
	im.Originals = shelf
	im.Retry = book.Retry
	queue := importer.NewQueue(im, log)
	s.Book = book
	h := &handlers.Handlers{Ask: handlers.AskAll(store), Book: book, Queue: queue, Questions: importer.NewQuestions(queue),
		Spool: spool, MaxUpload: maxUpload, Log: log, Now: now, Originals: shelf}
	h.Searches = search.NewJobs(search.New(store, book, importer.Viewer{},
		func(names ...string) func(*event.Event, intake.Reading, string) error {
			return importer.NewFields(names...).DecodeInto
		}, now))
	h.Searches.First = 10 * time.Second // so that pages say the same however busy the machine is
	s.Pages = h
	change(h, store)
	rules, err := own()
	if err != nil {
		t.Fatal(err)
	}
	ready, ended := make(chan net.Addr, 1), make(chan error, 1)
	go func() {
		ended <- web.Serve(ctx, web.Listen{Address: "127.0.0.1:0"}, web.New(h, log, rules), log,
			func(a net.Addr) { ready <- a })
	}()
	select {
	case a := <-ready:
		s.URL = "http://" + a.String()
	case err := <-ended:
		t.Fatal(err)
	}
	stopped := false
	s.Stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		running.Wait()
		h.Searches.Close()
		if err := errors.Join(<-ended, queue.Close(), store.Close()); err != nil {
			t.Errorf("stop: %v", err)
		}
		if s.Log.Len() > 0 {
			t.Errorf("the server's log:\n%s", s.Log)
		}
	}
	t.Cleanup(s.Stop)
	return s
}

// own are the rules of a server on loopback.
func own() (r wire.Rules, err error) {
	r.Hosts, err = wire.NewHosts("127.0.0.1:0", nil, true)
	return r, err
}

func New(t testing.TB) *Server {
	t.Helper()
	return Start(t, filepath.Join(t.TempDir(), "test.db"), 64<<20)
}

// Client follows no redirects: they are part of what is tested.
var Client = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}

// Answer is a response with its body read.
type Answer struct {
	Status int
	Header http.Header
	Body   string
}

// Do sends a request; headers are pairs of a name and a value.
func (s *Server) Do(t testing.TB, method, path string, body io.Reader, headers ...string) Answer {
	t.Helper()
	req, err := http.NewRequest(method, s.URL+path, body)
	if err != nil {
		t.Fatal(err)
	}
	if s.Token != "" {
		req.Header.Set("Authorization", "Bearer "+s.Token)
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
		if headers[i] == "Host" {
			req.Host = headers[i+1]
		}
	}
	resp, err := Client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	return Answer{resp.StatusCode, resp.Header, string(data)}
}

// Get is a page that must be there.
func (s *Server) Get(t testing.TB, path string, headers ...string) Answer {
	t.Helper()
	a := s.Do(t, http.MethodGet, path, nil, headers...)
	if a.Status != http.StatusOK {
		t.Fatalf("GET %s: status %d\n%s", path, a.Status, a.Body)
	}
	return a
}

// Post sends a form.
func (s *Server) Post(t testing.TB, path string, form url.Values, headers ...string) Answer {
	t.Helper()
	return s.Do(t, http.MethodPost, path, strings.NewReader(form.Encode()),
		append([]string{"Content-Type", "application/x-www-form-urlencoded"}, headers...)...)
}

const JSON = "application/json"

// File is a part of an upload.
type File struct {
	Name string
	Data []byte
}

// Log is a file by its name and bytes.
func Log(name string, data []byte) File { return File{name, data} }

// Multi is a form with fields, as pairs, and files after them.
func Multi(t testing.TB, fields []string, files ...File) (body *bytes.Buffer, kind string) {
	t.Helper()
	body = &bytes.Buffer{}
	w := multipart.NewWriter(body)
	for i := 0; i < len(fields); i += 2 {
		if err := w.WriteField(fields[i], fields[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	for _, f := range files {
		part, err := w.CreateFormFile("file", f.Name)
		if err == nil {
			_, err = part.Write(f.Data)
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

// Upload sends files as a program does and returns the ids of their imports.
func (s *Server) Upload(t testing.TB, fields []string, files ...File) (ids []string) {
	t.Helper()
	body, kind := Multi(t, fields, files...)
	a := s.Do(t, http.MethodPost, "/imports", body, "Content-Type", kind, "Accept", JSON)
	var got struct {
		Imports []struct {
			ID   json.Number
			Name string
			URL  string
		}
	}
	if err := json.Unmarshal([]byte(a.Body), &got); err != nil || a.Status != http.StatusAccepted ||
		len(got.Imports) != len(files) {
		t.Fatalf("upload: status %d, %v\n%s", a.Status, err, a.Body)
	}
	for i, g := range got.Imports {
		if g.Name != files[i].Name || g.URL != "/imports/"+g.ID.String() {
			t.Errorf("import %+v of %q", g, files[i].Name)
		}
		ids = append(ids, g.ID.String())
	}
	return ids
}

// Imported is an import as a program sees it.
type Imported struct {
	Name, SHA256, Format, Status   string
	Size                           int64
	Read, New, Duplicate, Rejected int64
	Failure                        string
}

func (s *Server) Status(t testing.TB, id string) (i Imported) {
	t.Helper()
	a := s.Get(t, "/imports/"+id, "Accept", JSON)
	if err := json.Unmarshal([]byte(a.Body), &i); err != nil {
		t.Fatalf("%v in %s", err, a.Body)
	}
	return i
}

// Until polls an import Until what it is asked for has come.
func (s *Server) Until(t testing.TB, id string, come func(Imported) bool) Imported {
	t.Helper()
	var i Imported
	Poll(t, func() bool { i = s.Status(t, id); return come(i) })
	return i
}

// Poll waits for a condition.
func Poll(t testing.TB, come func() bool) {
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

func Ended(i Imported) bool { return i.Status != "queued" && i.Status != "running" }

// Load uploads a log and waits for its end, which must be a good one.
func (s *Server) Load(t testing.TB, name string, data []byte) Imported {
	t.Helper()
	i := s.Until(t, s.Upload(t, nil, File{name, data})[0], Ended)
	if i.Status != "done" {
		t.Fatalf("import of %s: %+v", name, i)
	}
	return i
}

// Spooled is what lies in the spool.
func (s *Server) Spooled(t testing.TB) []string {
	t.Helper()
	names, err := os.ReadDir(s.Spool)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	var out []string
	for _, n := range names {
		out = append(out, n.Name())
	}
	return out
}
