package clickhousetest

import (
	"io"
	"math"
	"net"
	"strings"
	"sync"
	"testing"
)

// Cutter passes connections on to the server that all tests share, and cuts them.
type Cutter struct {
	net.Listener
	to string

	mu       sync.Mutex
	up, down int64
	open     []net.Conn
}

// NewCutter begins one that cuts nothing.
func NewCutter(t testing.TB) *Cutter {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := &Cutter{Listener: l, to: shared.Host, up: math.MaxInt64, down: math.MaxInt64}
	t.Cleanup(func() {
		_ = l.Close()
		c.Cut(0, 0)
	})
	go c.serve()
	return c
}

// Address is an address by way of the cutter.
func (c *Cutter) Address(of string) string { return strings.Replace(of, c.to, c.Addr().String(), 1) }

// Cut ends all connections, and those to come after so many bytes to the server and from
// it.
func (c *Cutter) Cut(up, down int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.up, c.down = up, down
	for _, conn := range c.open {
		_ = conn.Close()
	}
	c.open = nil
}

func (c *Cutter) serve() {
	for {
		in, err := c.Accept()
		if err != nil {
			return
		}
		out, err := net.Dial("tcp", c.to)
		if err != nil {
			_ = in.Close()
			continue
		}
		c.mu.Lock()
		c.open = append(c.open, in, out)
		up, down := c.up, c.down
		c.mu.Unlock()
		pass := func(to, from net.Conn, most int64) {
			_, _ = io.CopyN(to, from, most)
			_, _ = in.Close(), out.Close()
		}
		go pass(out, in, up)
		go pass(in, out, down)
	}
}
