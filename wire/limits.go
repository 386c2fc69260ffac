package wire

import (
	"encoding/json"
	"math"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Limits bound what one client may ask for at once, so that none takes the
// server from the others. Its methods may be called at once.
type Limits struct {
	Requests int     // that one client may have under way; 0 for any number
	Rate     float64 // requests of one client a second, and for once burst seconds of it; 0 for any number
	Loopback bool    // loopback is bounded too: behind a proxy it is as far as anybody
	Now      func() time.Time

	mu          sync.Mutex
	clients     map[netip.Prefix]*taking
	connections map[netip.Prefix]int
}

// taking is what a client takes.
type taking struct {
	under int
	rate  *rate.Limiter
}

const (
	burst       = 4      // seconds
	mostClients = 10_000 // whose rates are remembered
	perRequest  = 4      // connections that may be open for each request that may be under way
)

// clientOf is who an address belongs to: of IPv6 a network is given to one.
func clientOf(a netip.Addr) netip.Prefix {
	bits := a.BitLen()
	if a.Is6() {
		bits = 64
	}
	p, _ := a.Prefix(bits) // fits
	return p
}

// Limit refuses what is too much with 429, and tells refused of it.
func (l *Limits) Limit(next http.Handler, refused func(*http.Request)) http.Handler {
	if l == nil {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a := Client(r)
		if !a.IsValid() || a.IsLoopback() && !l.Loopback {
			next.ServeHTTP(w, r)
			return
		}
		end, wait := l.begin(clientOf(a))
		if end == nil {
			refused(r)
			refuse(w, r, wait)
			return
		}
		defer end()
		next.ServeHTTP(w, r)
	})
}

// begin takes a client's request in; without an end it is to wait.
func (l *Limits) begin(client netip.Prefix) (end func(), wait time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.Now()
	t := l.clients[client]
	if t == nil {
		l.forget(now)
		t = &taking{rate: rate.NewLimiter(l.rate(), max(1, int(burst*l.Rate)))}
		l.clients[client] = t
	}
	if l.Requests > 0 && t.under >= l.Requests {
		return nil, time.Second
	}
	if turn := t.rate.ReserveN(now, 1); turn.DelayFrom(now) > 0 {
		wait = turn.DelayFrom(now)
		turn.CancelAt(now)
		return nil, wait
	}
	t.under++
	return func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		t.under--
	}, 0
}

func (l *Limits) rate() rate.Limit {
	if l.Rate <= 0 {
		return rate.Inf
	}
	return rate.Limit(l.Rate)
}

// forget makes room for another client: those go that take nothing and have been
// still for long enough, of too many others all that take nothing.
func (l *Limits) forget(now time.Time) {
	if l.clients == nil {
		l.clients = map[netip.Prefix]*taking{}
	}
	for _, all := range []bool{false, true} {
		if len(l.clients) < mostClients {
			return
		}
		for c, t := range l.clients {
			if t.under == 0 && (all || t.rate.TokensAt(now) >= float64(t.rate.Burst())) {
				delete(l.clients, c)
			}
		}
	}
}

func refuse(w http.ResponseWriter, r *http.Request, wait time.Duration) {
	const sentence = "Too much was asked for at once from this address. Wait a moment, then go on."
	h := w.Header()
	h.Set("Retry-After", strconv.Itoa(max(1, int(math.Ceil(wait.Seconds())))))
	h.Set("Cache-Control", "no-store")
	if strings.Contains(r.Header.Get("Accept"), "application/json") {
		h.Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusTooManyRequests)
		_ = json.NewEncoder(w).Encode(map[string]string{"error": sentence}) // or nobody is left
		return
	}
	http.Error(w, sentence, http.StatusTooManyRequests)
}

// Connections closes what one client opens too many of, for http.Server's
// ConnState. The proxies bring many clients.
func (l *Limits) Connections(proxies Proxies) func(net.Conn, http.ConnState) {
	return func(c net.Conn, state http.ConnState) {
		at, err := netip.ParseAddrPort(c.RemoteAddr().String())
		a := at.Addr().Unmap().WithZone("")
		if err != nil || l.Requests == 0 || proxies.has(a) || a.IsLoopback() && !l.Loopback {
			return
		}
		switch state {
		case http.StateNew:
			if l.connected(clientOf(a), 1) > perRequest*l.Requests {
				_ = c.Close() // StateClosed follows
			}
		case http.StateClosed, http.StateHijacked:
			l.connected(clientOf(a), -1)
		}
	}
}

func (l *Limits) connected(client netip.Prefix, d int) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.connections == nil {
		l.connections = map[netip.Prefix]int{}
	}
	n := l.connections[client] + d
	if l.connections[client] = n; n <= 0 {
		delete(l.connections, client)
	}
	return n
}
