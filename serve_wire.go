package main

import (
	"flag"
	"fmt"
	"log/slog"
	"net"
	"strconv"
	"time"

	"escutcheon/fault"
	"escutcheon/wire"
)

// wireFlags say how the server is reached.
type wireFlags struct {
	listen, cert, key    *string
	requests             *int
	rate                 *float64
	selfSigned, insecure *bool
	names                []string
	proxies              wire.Proxies
}

func newWireFlags(fs *flag.FlagSet) *wireFlags {
	f := newDoorFlags(fs)
	f.listen = fs.String("listen", "127.0.0.1:8080", "the `address` to listen on")
	f.rate = fs.Float64("client-rate", 50, "how many requests a second one client may make, but on loopback; 0 for any "+
		"number")
	return f
}

// newDoorFlags are those of any listener.
func newDoorFlags(fs *flag.FlagSet) *wireFlags {
	f := &wireFlags{
		cert: fs.String("tls-cert", "", "serve TLS with the certificate in a PEM `file`; read again when it changes"),
		key:  fs.String("tls-key", "", "the PEM `file` of its key"),
		selfSigned: fs.Bool("tls-self-signed", false, "serve TLS with a certificate that is made, and kept beside the "+
			"database"),
		insecure: fs.Bool("insecure", false, "beyond this machine too, serve without TLS, and with --auth off without "+
			"accounts"),
	}
	nowhere, any := "127.0.0.1:0", 0.0
	f.listen, f.rate = &nowhere, &any
	f.requests = fs.Int("client-requests", 64, "how many requests one client may have under way, but on loopback; 0 for "+
		"any number")
	fs.Func("allow-host", "a `name` under which the server may be asked (may be given more than once)",
		func(v string) error {
			f.names = append(f.names, v)
			return nil
		})
	fs.Func("proxy", "a network (`CIDR`) of proxies whose X-Forwarded headers are believed (may be given more than once)",
		f.proxies.Add)
	return f
}

// alone says that only who sits at this machine reaches the server: behind a proxy
// all requests come from nearby, whoever asks.
func (f *wireFlags) alone() bool { return wire.IsLoopback(*f.listen) && len(f.proxies) == 0 }

// beyond says that other machines reach it; of an address that is none, listening
// says what is wrong.
func (f *wireFlags) beyond() bool {
	_, err := net.ResolveTCPAddr("tcp", *f.listen)
	return err == nil && !wire.IsLoopback(*f.listen)
}

func (f *wireFlags) tls() bool { return *f.selfSigned || *f.cert != "" }

// rules are what holds for each request.
func (f *wireFlags) rules() (r wire.Rules, err error) {
	switch {
	case (*f.cert == "") != (*f.key == ""):
		return r, usageError{"--tls-cert and --tls-key go together"}
	case *f.selfSigned && *f.cert != "":
		return r, usageError{"either --tls-cert with --tls-key or --tls-self-signed"}
	case f.beyond() && !f.tls() && !*f.insecure:
		return r, usageError{"without TLS whoever is on the way reads passwords and evidence: give --tls-cert and " +
			"--tls-key or --tls-self-signed, or say --insecure"}
	}
	if *f.requests < 0 || *f.rate < 0 {
		return r, usageError{"--client-requests and --client-rate are 0 or more"}
	}
	r.Proxies = f.proxies
	r.Limits = &wire.Limits{Requests: *f.requests, Rate: *f.rate, Loopback: len(f.proxies) > 0, Now: time.Now}
	if r.Hosts, err = wire.NewHosts(*f.listen, f.names, f.alone()); err != nil {
		return r, usageError{err.Error()}
	}
	return r, nil
}

// certificate is what TLS is served with; nil without TLS.
func (f *wireFlags) certificate(database string, log *slog.Logger) (*wire.Certificate, error) {
	cert, key := *f.cert, *f.key
	if *f.selfSigned {
		cert = database + "-tls.pem"
		key = cert
		if err := wire.SelfSigned(cert, wire.OwnNames(*f.listen, f.names), time.Now()); err != nil {
			return nil, fault.New(fault.Invalid, "The certificate cannot be kept beside the database: %s",
				fault.Sentence(err))
		}
	}
	if cert == "" {
		return nil, nil
	}
	c, err := wire.LoadCertificate(cert, key, log)
	if err != nil {
		return nil, fault.New(fault.Invalid, "The certificate cannot be read: %v.", err)
	}
	return c, nil
}

// base is the address under which people find the server that listens there.
func (f *wireFlags) base(addr net.Addr) string {
	scheme, host := "http", addr.String()
	if f.tls() {
		scheme = "https"
	}
	if ip, ok := addr.(*net.TCPAddr); ok && ip.IP.IsUnspecified() { // it leads nowhere
		host = net.JoinHostPort("localhost", strconv.Itoa(ip.Port))
	}
	if len(f.names) > 0 {
		_, port, _ := net.SplitHostPort(host) // of a listener
		host = net.JoinHostPort(f.names[0], port)
		if len(f.proxies) > 0 { // which has ports of its own
			scheme, host = "https", f.names[0]
		}
	}
	return fmt.Sprintf("%s://%s", scheme, host)
}
