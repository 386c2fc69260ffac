package web_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"

	"escutcheon/internal/consoletest"
	"escutcheon/web"
	"escutcheon/wire"
)

// smallBuffers serves with what the system keeps of an answer small, so that a
// client that does not read is soon noticed.
func smallBuffers(t *testing.T, h http.Handler) (addr string) {
	t.Helper()
	s := httptest.NewUnstartedServer(h)
	s.Config.ConnContext = func(ctx context.Context, c net.Conn) context.Context {
		if err := c.(*net.TCPConn).SetWriteBuffer(4 << 10); err != nil {
			t.Error(err)
		}
		return ctx
	}
	s.Start()
	t.Cleanup(func() { s.CloseClientConnections(); s.Close() })
	return s.Listener.Addr().String()
}

// ask sends a request, and reads the first bytes of the answer and no more.
func ask(t *testing.T, addr, path string) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	if err := c.(*net.TCPConn).SetReadBuffer(4 << 10); err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(c, "GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n", path)
	line := make([]byte, len("HTTP/1.1 200"))
	if _, err := io.ReadFull(c, line); err != nil || string(line) != "HTTP/1.1 200" {
		t.Fatalf("%s: %q %v", path, line, err)
	}
	return c
}

// TestClientsThatDoNotReadHurtNobody: each took a connection to the database,
// and with as many as there are of those no page came any more.
func TestClientsThatDoNotReadHurtNobody(t *testing.T) {
	s := consoletest.New(t)
	var log []byte
	for i := range 700 {
		log = append(log, consoletest.Change("web01", int64(i), consoletest.Noon,
			fmt.Sprintf("/%d/%s", i, strings.Repeat("p", 2000)))...)
	}
	s.Load(t, "long.json", log)
	addr := smallBuffers(t, web.New(s.Pages, slog.New(slog.DiscardHandler), wire.Rules{}))
	for range 3 * max(4, 2*runtime.NumCPU()) {
		ask(t, addr, "/findings.csv")
	}
	for _, path := range []string{"/", "/hosts/web01", "/findings", "/healthz"} {
		s.Get(t, path)
	}
	if a := s.Get(t, "/findings.csv"); strings.Count(a.Body, "\n") != 701 {
		t.Errorf("another one's table has %d lines", strings.Count(a.Body, "\n"))
	}
}

func TestAClientThatDoesNotReadIsCut(t *testing.T) {
	cut := make(chan error)
	addr := smallBuffers(t, web.CutSlow(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for {
			if _, err := w.Write(make([]byte, 1<<20)); err != nil {
				cut <- err
				return
			}
		}
	}), 50*time.Millisecond))
	ask(t, addr, "/")
	if err := <-cut; err == nil { // a test that hangs here has failed
		t.Error("no error")
	}
}

func TestAnAnswerInPiecesIsWhole(t *testing.T) {
	for _, size := range []int{0, 1, 64 << 10, 64<<10 + 1, 1 << 20} {
		want := bytes.Repeat([]byte("abcdefg"), size/7+1)[:size]
		s := httptest.NewServer(web.CutSlow(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			if n, err := w.Write(want); n != size || err != nil {
				t.Errorf("%d bytes: wrote %d, %v", size, n, err)
			}
		}), time.Hour))
		resp, err := http.Get(s.URL)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		s.Close()
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%d bytes: came as %d, %v", size, len(got), err)
		}
	}
}
