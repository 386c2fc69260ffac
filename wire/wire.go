// Package wire is what stands between the network and the console: under which
// names the server may be asked, its certificate, which proxies are believed,
// what one client may take. It is plain net/http and knows no page.
package wire

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// Rules are what holds for every request. The zero value lets any through, for
// what is asked without a server.
type Rules struct {
	Hosts   *Hosts  // nil: any name
	Proxies Proxies // whose word is taken
	Limits  *Limits // of one client; nil: none
	Pace    *Pace   // of what is sent; nil: the usual
	HSTS    bool    // browsers are to come by TLS only
}

// Hosts are the names under which a server may be asked, so that no page of
// another site can reach it under a name of its own (DNS rebinding).
type Hosts struct {
	names     []string
	addresses bool // any IP address will do: no other site has one for its name
}

// loopbackNames always lead to the machine on which the browser runs.
var loopbackNames = []string{"localhost", "127.0.0.1", "::1"}

// NewHosts are the names of a server that listens on an address, with those
// that its owner gave it. On loopback only the names of loopback are its own.
func NewHosts(listen string, allowed []string, loopback bool) (*Hosts, error) {
	h := &Hosts{names: slices.Clone(loopbackNames), addresses: !loopback}
	if host, _, err := net.SplitHostPort(listen); err == nil && host != "" {
		h.names = append(h.names, strings.ToLower(host))
	}
	if addr, err := net.ResolveTCPAddr("tcp", listen); err == nil && addr.IP != nil {
		h.names = append(h.names, addr.IP.String())
	}
	for _, name := range allowed {
		if strings.ContainsAny(name, ":/ *@[]") && !isAddress(name) || name == "" {
			return nil, fmt.Errorf("%q is no name of a host: write it as in console.example.org, without a port", name)
		}
		h.names = append(h.names, strings.ToLower(name))
	}
	return h, nil
}

// Has says whether the Host of a request is one of the names.
func (h *Hosts) Has(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.Trim(strings.ToLower(host), "[]")
	return slices.Contains(h.names, host) || h.addresses && isAddress(host)
}

func isAddress(s string) bool {
	_, err := netip.ParseAddr(s)
	return err == nil
}

// IsLoopback says whether a server that listens there is reached from its own
// machine alone.
func IsLoopback(listen string) bool {
	addr, err := net.ResolveTCPAddr("tcp", listen)
	return err == nil && addr.IP.IsLoopback()
}

// Client is the address that a request came from; not valid where it came from no
// network.
func Client(r *http.Request) netip.Addr {
	at, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	return at.Addr().Unmap().WithZone("")
}
