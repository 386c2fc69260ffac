package web_test

import (
	"bufio"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"escutcheon/internal/consoletest"
	"escutcheon/web"
	"escutcheon/wire"
)

// under is the console of a server under other rules.
func under(t *testing.T, s *consoletest.Server, rules wire.Rules) *httptest.Server {
	t.Helper()
	out := httptest.NewServer(web.New(s.Pages, slog.New(slog.DiscardHandler), rules))
	t.Cleanup(func() { out.CloseClientConnections(); out.Close() })
	return out
}

// TestDrip: an upload that drips is ended, and so is one that nobody reads; nothing of
// either stays.
func TestDrip(t *testing.T) {
	closed := withAccounts(t, time.Now)
	open := consoletest.New(t)
	for _, c := range []struct {
		s      *consoletest.Server
		path   string
		status string
	}{{open, "/imports", "408"}, {open, "/notes/import", "408"}, {open, "/zone", "408"}, {closed, "/imports", "401"}} {
		srv := under(t, c.s, wire.Rules{Pace: &wire.Pace{Silence: 200 * time.Millisecond, Window: 20 * time.Millisecond,
			Least: 1 << 40, Now: time.Now}})
		conn, err := net.Dial("tcp", srv.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=b\r\n"+
			"Accept: application/json\r\nContent-Length: 100000\r\n\r\n--b\r\nContent-Disposition: form-data; name=\"file\"; "+
			"filename=\"a.json\"\r\n\r\n", c.path)
		go func() {
			for {
				if _, err := conn.Write([]byte("x")); err != nil {
					return
				}
				time.Sleep(time.Millisecond)
			}
		}()
		all := bufio.NewReader(conn)
		line, err := all.ReadString('\n')
		if err != nil || !strings.Contains(line, " "+c.status+" ") {
			t.Errorf("%s: %q %v", c.path, line, err)
		}
		_, _ = io.Copy(io.Discard, all) // a test that hangs here has failed: the connection is held
		conn.Close()
		if left := c.s.Spooled(t); len(left) > 0 {
			t.Errorf("%s left %q", c.path, left)
		}
	}
	if a := open.Get(t, "/imports", "Accept", "text/html"); strings.Contains(a.Body, "a.json") {
		t.Error("half an upload is listed")
	}
}

// TestMalformedForms: a form that is none is said to be the client's, wherever one is
// taken.
func TestMalformedForms(t *testing.T) {
	s := consoletest.New(t)
	s.Load(t, "x.json", consoletest.Change("web01", 1, consoletest.Noon, "/a"))
	if a := s.Post(t, "/cases", map[string][]string{"title": {"x"}, "author": {"Ann"}}); a.Status != 200 &&
		a.Status != 201 && a.Status != 303 {
		t.Fatal(a.Status, a.Body)
	}
	const part = "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n"
	for _, path := range []string{"/imports", "/notes/import", "/cases/import", "/cases/1/files", "/settings/logo"} {
		for _, body := range []string{"", "nonsense", "--b", "--b\r\n", "--c\r\n", "--b\r\nno header\r\n\r\nx\r\n--b--",
			part, part + "\r\n", part + "\r\nhalf a file", part + "\r\nwhole\r\n--bogus\r\n",
			part + strings.Repeat("X: "+strings.Repeat("y", 1000)+"\r\n", 12000) + "\r\nx\r\n--b--\r\n"} {
			for _, kind := range []string{"multipart/form-data; boundary=b", "multipart/form-data", "text/plain"} {
				a := s.Do(t, http.MethodPost, path, strings.NewReader(body), "Content-Type", kind, "Accept", consoletest.JSON)
				if a.Status != http.StatusBadRequest && a.Status != http.StatusRequestEntityTooLarge {
					t.Errorf("%s as %s of %.80q: %d %s", path, kind, body, a.Status, a.Body)
				}
			}
		}
		chunked := "POST " + path + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=b\r\n" +
			"Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n--b\r\n\r\nzz\r\n"
		conn, err := net.Dial("tcp", strings.TrimPrefix(s.URL, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.WriteString(conn, chunked)
		answer, _ := io.ReadAll(conn)
		conn.Close()
		if !strings.HasPrefix(string(answer), "HTTP/1.1 400 ") {
			t.Errorf("%s in chunks that are none: %.200s", path, answer)
		}
	}
	if left := s.Spooled(t); len(left) > 0 {
		t.Errorf("left in the spool: %q", left)
	}
}

// TestLimitsOfTheConsole: behind a proxy each client has its own, by the address that
// the proxy tells.
func TestLimitsOfTheConsole(t *testing.T) {
	s := consoletest.New(t)
	rules := wire.Rules{Limits: &wire.Limits{Rate: 0.5, Loopback: true, Now: func() time.Time { return consoletest.Noon }}}
	if err := rules.Proxies.Add("127.0.0.1"); err != nil {
		t.Fatal(err)
	}
	srv := under(t, s, rules)
	got := ""
	for _, from := range []string{"192.0.2.1", "192.0.2.1", "192.0.2.1", "192.0.2.2", ""} {
		r, err := http.NewRequest("GET", srv.URL+"/healthz", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("X-Forwarded-For", from)
		a, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		a.Body.Close()
		got += fmt.Sprint(a.StatusCode, a.Header.Get("Retry-After"), " ")
	}
	if want := "200 200 4292 200 200 "; got != want {
		t.Errorf("answered %q, want %q", got, want)
	}
}

// TestHSTS: browsers are told to insist on TLS where the rules say so, and nowhere else.
func TestHSTS(t *testing.T) {
	s := consoletest.New(t)
	for hsts, want := range map[bool]string{true: "max-age=15552000", false: ""} {
		_, h, _ := replyTo(t, http.MethodGet, under(t, s, wire.Rules{HSTS: hsts}).URL+"/healthz")
		if got := h.Get("Strict-Transport-Security"); got != want {
			t.Errorf("HSTS %v: %q", hsts, got)
		}
	}
}
