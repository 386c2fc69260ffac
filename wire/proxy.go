package wire

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// Proxies are the networks of the proxies that are believed.
type Proxies []netip.Prefix

// Add adds a network, as in 10.0.0.0/8, or one address.
func (p *Proxies) Add(cidr string) error {
	one, err := netip.ParsePrefix(cidr)
	if err != nil {
		addr, aerr := netip.ParseAddr(cidr)
		if aerr != nil {
			return fmt.Errorf("%q is no network: write it as in 10.0.0.0/8, or one address", cidr)
		}
		one = netip.PrefixFrom(addr.Unmap(), addr.Unmap().BitLen())
	}
	*p = append(*p, one.Masked())
	return nil
}

func (p Proxies) has(a netip.Addr) bool {
	for _, one := range p {
		if one.Contains(a.Unmap().WithZone("")) {
			return true
		}
	}
	return false
}

// told are the headers by which proxies tell of who asks them.
const (
	forwardedFor   = "X-Forwarded-For"
	forwardedProto = "X-Forwarded-Proto"
	forwardedHost  = "X-Forwarded-Host"
	requestID      = "X-Request-Id"
)

// Forwarded makes each request one of the client that asked a proxy, where a
// proxy that is believed says so, and of nobody else's word: the address, the
// host's name and whether it came by TLS (URL.Scheme).
func (p Proxies) Forwarded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := r.Header
		r.URL.Scheme, r.URL.Host = "", "" // who writes a whole address says nothing of how they came
		if peer := Client(r); peer.IsValid() && p.has(peer) {
			r.RemoteAddr = net.JoinHostPort(p.client(peer, h.Values(forwardedFor)).String(), "0")
			if strings.EqualFold(last(h.Values(forwardedProto)), "https") {
				r.URL.Scheme = "https"
			}
			if host := last(h.Values(forwardedHost)); host != "" {
				r.Host = host
			}
		} else {
			h.Del(requestID)
		}
		for _, name := range []string{forwardedFor, forwardedProto, forwardedHost, "Forwarded", "X-Real-Ip"} {
			h.Del(name)
		}
		next.ServeHTTP(w, r)
	})
}

// client is the last address that no proxy of ours has: what stands before it,
// anybody may have written.
func (p Proxies) client(peer netip.Addr, lines []string) netip.Addr {
	all := strings.Split(strings.Join(lines, ","), ",")
	for i := len(all) - 1; i >= 0 && p.has(peer); i-- {
		before, ok := address(strings.TrimSpace(all[i]))
		if !ok {
			break
		}
		peer = before
	}
	return peer
}

// address reads an address that may have a port.
func address(s string) (netip.Addr, bool) {
	if at, err := netip.ParseAddrPort(s); err == nil {
		return at.Addr().Unmap().WithZone(""), true
	}
	a, err := netip.ParseAddr(strings.Trim(s, "[]"))
	return a.Unmap().WithZone(""), err == nil
}

// last is the value that the nearest proxy wrote.
func last(lines []string) string {
	all := strings.Split(strings.Join(lines, ","), ",")
	return strings.TrimSpace(all[len(all)-1])
}
