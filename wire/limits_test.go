package wire_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"
	"time"

	"escutcheon/fault"
	"escutcheon/wire"
)

// clock goes when it is told to.
type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

// TestLimits: a client that asks too much waits, others and loopback do not.
func TestLimits(t *testing.T) {
	c := &clock{time.Unix(1e9, 0)}
	l := &wire.Limits{Requests: 3, Rate: 2, Now: c.now}
	inside := func() {}
	refused := 0
	h := l.Limit(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { inside() }),
		func(*http.Request) { refused++ })
	ask := func(from string) *httptest.ResponseRecorder {
		r, w := httptest.NewRequest("GET", "/", nil), httptest.NewRecorder()
		r.RemoteAddr = from
		h.ServeHTTP(w, r)
		return w
	}
	count := func(from string, n int) (let int) {
		for range n {
			if ask(from).Code == 200 {
				let++
			}
		}
		return let
	}
	for from, want := range map[string]int{"192.0.2.1:1": 8, "192.0.2.2:1": 8, "127.0.0.1:1": 20, "[::1]:1": 20,
		"[2001:db8::1]:1": 8, "command line": 20} {
		if got := count(from, 20); got != want {
			t.Errorf("of 20 requests at once from %s %d are let in, want %d", from, got, want)
		}
	}
	if refused != 36 {
		t.Errorf("%d refusals are told, want 36", refused)
	}
	if got := count("[2001:db8::2]:1", 20); got != 0 {
		t.Errorf("another address of the same network: %d are let in", got)
	}
	if w := ask("192.0.2.1:1"); w.Code != 429 || w.Header().Get("Retry-After") != "1" {
		t.Errorf("%d, Retry-After %q", w.Code, w.Header().Get("Retry-After"))
	}
	c.at = c.at.Add(time.Second)
	if got := count("192.0.2.1:1", 20); got != 2 {
		t.Errorf("after a second %d are let in", got)
	}
	c.at = c.at.Add(time.Hour)
	deep := 0
	inside = func() { // each while the one before is under way
		deep++
		ask("192.0.2.1:1")
	}
	ask("192.0.2.1:1")
	if deep != 3 {
		t.Errorf("%d are under way at a time", deep)
	}
	inside = func() {}
	if count("192.0.2.1:1", 1) != 1 {
		t.Error("those that have ended still count")
	}
	l.Loopback = true
	if got := count("127.0.0.1:1", 20); got != 8 {
		t.Errorf("behind a proxy %d are let in", got)
	}
	for i := range 30_000 { // all remembered clients make room
		if count(fmt.Sprintf("10.%d.%d.1:1", i/250, i%250), 1) != 1 {
			t.Fatal("a new client is refused")
		}
	}
}

// far is a connection from elsewhere.
type far struct {
	net.Conn
	from   string
	closed bool
}

func (f *far) RemoteAddr() net.Addr { a, _ := net.ResolveTCPAddr("tcp", f.from); return a }
func (f *far) Close() error         { f.closed = true; return nil }

func TestConnections(t *testing.T) {
	l := &wire.Limits{Requests: 2, Now: time.Now}
	var p wire.Proxies
	if err := p.Add("192.0.2.9"); err != nil {
		t.Fatal(err)
	}
	note := l.Connections(p)
	for from, want := range map[string]int{"192.0.2.1:1": 8, "192.0.2.9:1": 20, "127.0.0.1:1": 20} {
		var open []*far
		for range 20 {
			c := &far{from: from}
			if note(c, http.StateNew); c.closed {
				note(c, http.StateClosed)
			} else {
				open = append(open, c)
			}
		}
		if len(open) != want {
			t.Errorf("of 20 connections from %s %d stay", from, len(open))
		}
		for _, c := range open {
			note(c, http.StateClosed)
		}
		if c := (&far{from: from}); func() bool { note(c, http.StateNew); return c.closed }() {
			t.Error("those that ended still count")
		}
	}
}

// drip sends so many bytes each so often, of so many.
type drip struct {
	clock *clock
	every time.Duration
	bytes int
	left  int
	err   error // at the end
	by    time.Time
}

func (d *drip) SetReadDeadline(by time.Time) error { d.by = by; return nil }
func (d *drip) Close() error                       { return nil }

func (d *drip) Read(b []byte) (int, error) {
	if d.left == 0 {
		return 0, d.err
	}
	d.clock.at = d.clock.at.Add(d.every)
	if d.clock.at.After(d.by) {
		return 0, os.ErrDeadlineExceeded
	}
	n := min(d.bytes, d.left, len(b))
	d.left -= n
	return n, nil
}

func TestPace(t *testing.T) {
	reset := errors.New("connection reset by peer")
	for _, c := range []struct {
		name  string
		every time.Duration
		bytes int
		all   int
		end   error
		code  fault.Code // "" for whole
	}{
		{"a byte every ten seconds", 10 * time.Second, 1, 1 << 20, io.EOF, fault.Slow},
		{"a KiB every two seconds", 2 * time.Second, 1 << 10, 1 << 20, io.EOF, fault.Slow},
		{"silence", 61 * time.Second, 1 << 20, 1 << 20, io.EOF, fault.Slow},
		{"a little form that is slow", 10 * time.Second, 20, 100, io.EOF, ""},
		{"two KiB a second", time.Second, 2 << 10, 1 << 20, io.EOF, ""},
		{"a pause in a fast one", 50 * time.Second, 32 << 10, 1 << 18, io.EOF, fault.Slow},
		{"pauses in a faster one", 50 * time.Second, 64 << 10, 1 << 18, io.EOF, ""},
		{"broken", time.Second, 2 << 10, 1 << 12, reset, fault.Invalid},
	} {
		at := &clock{time.Unix(1e9, 0)}
		pace := wire.UsualPace
		pace.Now = at.now
		d := &drip{clock: at, every: c.every, bytes: c.bytes, left: c.all, err: c.end}
		n, err := io.CopyBuffer(struct{ io.Writer }{io.Discard}, pace.Body(d, d), make([]byte, 64<<10))
		switch {
		case c.code == "" && (err != nil || n != int64(c.all) || !d.by.IsZero()):
			t.Errorf("%s: %d bytes, %v; the answer has until %v", c.name, n, err, d.by)
		case c.code != "" && (fault.Find(err) == nil || fault.CodeOf(err) != c.code):
			t.Errorf("%s: %d bytes, %v", c.name, n, err)
		}
	}
	at := &clock{time.Unix(1e9, 0)}
	pace := wire.UsualPace
	pace.Now = at.now
	d := &drip{clock: at, err: io.ErrUnexpectedEOF}
	if _, err := io.Copy(io.Discard, pace.Body(d, d)); err != io.ErrUnexpectedEOF {
		t.Errorf("an end too soon is %v", err)
	}
}
