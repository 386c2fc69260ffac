package handlers_test

import (
	"database/sql"
	"errors"
	"escutcheon/internal/consoletest"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
)

// TestBrokenCSV: a table that cannot be read to its end breaks the connection
// after the rows before, and one that cannot be read at all is an error page.
func TestBrokenCSV(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "test.db")
	s := consoletest.Start(t, path, 64<<20)
	s.Load(t, "many.json", consoletest.Many(400, 3))
	store, err := sql.Open("sqlite", "file:"+path+"?_pragma=busy_timeout(10000)")
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	if _, err := store.Exec(
		`UPDATE finding SET row = 'damaged', sum = NULL WHERE sort = (SELECT max(sort) FROM finding)`); err != nil {
		t.Fatal(err)
	}
	resp, err := consoletest.Client.Get(s.URL + "/findings.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("a table that broke off ended neatly: %v, status %d, %d bytes", err, resp.StatusCode, len(body))
	}
	if n := strings.Count(string(body), "\r\n"); n < 100 {
		t.Errorf("only %d rows before the damage", n)
	}
	if _, err := store.Exec(`UPDATE finding SET row = 'damaged', sum = NULL`); err != nil {
		t.Fatal(err)
	}
	a := s.Do(t, "GET", "/findings.csv", nil)
	if a.Status != http.StatusInternalServerError || strings.Contains(a.Header.Get("Content-Type"), "csv") {
		t.Errorf("a table that broke at its first row: status %d, %s", a.Status, a.Header.Get("Content-Type"))
	}
	if !strings.Contains(s.Log.String(), "broke off") {
		t.Error("the server's log does not say that a table broke off")
	}
	s.Log.Reset() // the errors were asked for
}

// TestBrokenRejected damages the bytes of a rejected record that is kept: the
// download breaks off instead of ending neatly.
func TestBrokenRejected(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "test.db")
	s := consoletest.Start(t, path, 64<<20)
	var log []byte
	for n := range 300 {
		log = append(append(log, consoletest.Change("web01", int64(n+1), consoletest.Noon, "/a")...),
			"{\"EventTime\":\"x\n"...)
	}
	id := s.Upload(t, nil, consoletest.Log("a.json", log))[0]
	if i := s.Until(t, id, consoletest.Ended); i.Rejected != 300 {
		t.Fatalf("%+v", i)
	}
	store, err := sql.Open("sqlite", "file:"+path+"?_pragma=busy_timeout(10000)")
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	if _, err := store.Exec(`UPDATE rejected_bytes SET data = 'damaged' WHERE n = 250`); err != nil {
		t.Fatal(err)
	}
	resp, err := consoletest.Client.Get(s.URL + "/imports/" + id + "/rejected")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if body, err := io.ReadAll(resp.Body); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("a zip that broke off ended neatly: %v, status %d, %d bytes", err, resp.StatusCode, len(body))
	}
	if !strings.Contains(s.Log.String(), "broke off") {
		t.Error("the server's log does not say that a download broke off")
	}
	s.Log.Reset() // the error was asked for
}
