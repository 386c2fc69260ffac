package feed_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"escutcheon/demo/logwriter"
	"escutcheon/feed"
	"escutcheon/intake"
)

// syslog takes syslog on an address of its own.
func (s *site) syslog(secure *tls.Config, allowed ...string) (address string, messages *feed.Syslog) {
	s.t.Helper()
	messages = &feed.Syslog{Take: s.Feeder, Rates: s.Rates, Log: s.Server.Log}
	for _, a := range allowed {
		messages.Allowed = append(messages.Allowed, netip.MustParsePrefix(a))
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		s.t.Fatal(err)
	}
	address = ln.Addr().String()
	if secure != nil {
		ln = tls.NewListener(ln, secure)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- messages.Serve(ctx, ln) }()
	s.t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			s.t.Error(err)
		}
	})
	return address, messages
}

// until waits for something that another goroutine does.
func (s *site) until(what string, is func() bool) {
	s.t.Helper()
	for range 1000 {
		if is() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	s.t.Fatalf("it does not come to: %s (%+v)", what, s.feeds())
}

// TestSyslog: messages in both framings, of several hosts and forms, come in; what is no
// event is kept as rejected.
func TestSyslog(t *testing.T) {
	s := start(t)
	address, _ := s.syslog(nil, "127.0.0.0/8")
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	const header = `<13>1 2026-05-04T03:02:01Z relay.example nxlog 1 - [x@1 a="]\"" b="c"][y@2]`
	list := planted()
	for i := range list {
		m := header + " \uFEFF" + string(logwriter.AppendNXLog(nil, &list[i], nil))
		if i%2 == 0 {
			m = fmt.Sprintf("%d %s", len(m), m)
		} else {
			m += "\n"
		}
		for _, part := range []string{m[:7], m[7 : len(m)/2], m[len(m)/2:]} { // as a network may cut it
			if _, err := io.WriteString(conn, part); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Millisecond)
		}
	}
	text := string(logwriter.AppendText(nil, &bulk(1)[0], time.UTC)) // of several lines
	old := "<13>May  4 03:02:01 web09 nxlog: " + strings.ReplaceAll(string(logwriter.AppendXML(nil, &bulk(2)[1], false)),
		"\n", " ")
	logmonitor := header + " " + string(logwriter.AppendLogMonitor(nil, &bulk(3)[2])) // which names no computer
	for _, m := range []string{header + " " + text, old, logmonitor, header + " hello", header, "<13>1 - - - - -", "<x>"} {
		if _, err := fmt.Fprintf(conn, "%d %s\r\n", len(m), m); err != nil {
			t.Fatal(err)
		}
	}
	want := int64(len(list) + 3) // and four are no events, two of which stand beside each other
	s.until("all are stored", func() bool {
		return s.events() == want && len(s.imports()) == 1 && s.imports()[0].Rejected == 3
	})
	i := s.imports()[0]
	if i.Nameless != 0 || i.Source != intake.Live || !strings.HasPrefix(i.Name, "127.0.0.0/8 (syslog)") {
		t.Errorf("%+v", i)
	}
	if s.findings() == 0 {
		t.Error("the planted module is in no finding")
	}
	hosts, err := s.Store.HostsOfImport(t.Context(), i.ID, 100)
	if err != nil || !strings.Contains(fmt.Sprint(hosts), "relay.example") {
		t.Errorf("an event without a computer is of the header's host: %v %v", hosts, err)
	}
}

// TestSyslogStrangers: who is not allowed, or sends what is no syslog, is not listened
// to, and that is told.
func TestSyslogStrangers(t *testing.T) {
	s := start(t)
	address, _ := s.syslog(nil, "192.0.2.0/24")
	ours, _ := s.syslog(nil, "127.0.0.1/32")
	for name, c := range map[string]struct{ address, send, says string }{
		"a stranger":  {address, "<13>1 - - - - - - {}\n", "--syslog-allow"},
		"no syslog":   {ours, "GET / HTTP/1.1\r\n\r\n", "begins neither"},
		"a length":    {ours, "99999999999 <13>", "longer than 2 MiB"},
		"no length":   {ours, "12x <13>", "begins neither"},
		"a long line": {ours, "<" + strings.Repeat("a", 3<<20), "longer than 2 MiB"},
	} {
		conn, err := net.Dial("tcp", c.address)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.WriteString(conn, c.send) // it may be hung up on
		if _, err := io.ReadAll(conn); err == nil || err != nil {
			conn.Close()
		}
		s.until(name, func() bool {
			for _, f := range s.feeds() {
				if f.Kind == intake.FeedSyslog && strings.Contains(f.Refusal, c.says) {
					return true
				}
			}
			return false
		})
	}
	if s.events() != 0 {
		t.Error("something was stored")
	}
}

// TestSyslogTLS: a client certificate lets in from anywhere.
func TestSyslogTLS(t *testing.T) {
	s := start(t)
	cert := func(name string, parent *x509.Certificate, by *ecdsa.PrivateKey) (tls.Certificate, *x509.Certificate) {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		c := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name},
			NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: parent == nil,
			BasicConstraintsValid: true, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
			ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageServerAuth},
			KeyUsage:    x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature}
		if parent == nil {
			parent, by = c, key
		}
		der, err := x509.CreateCertificate(rand.Reader, c, parent, &key.PublicKey, by)
		if err != nil {
			t.Fatal(err)
		}
		parsed, err := x509.ParseCertificate(der)
		if err != nil {
			t.Fatal(err)
		}
		return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, parsed
	}
	root, rootCert := cert("root", nil, nil)
	server, _ := cert("server", rootCert, root.PrivateKey.(*ecdsa.PrivateKey))
	client, _ := cert("relay-7", rootCert, root.PrivateKey.(*ecdsa.PrivateKey))
	pool := x509.NewCertPool()
	pool.AddCert(rootCert)
	address, _ := s.syslog(&tls.Config{Certificates: []tls.Certificate{server}, ClientCAs: pool,
		ClientAuth: tls.VerifyClientCertIfGiven})
	for name, certs := range map[string][]tls.Certificate{"none": nil, "relay-7": {client}} {
		conn, err := tls.Dial("tcp", address, &tls.Config{RootCAs: pool, Certificates: certs})
		if err != nil {
			t.Fatal(err)
		}
		for i := range planted() {
			_, _ = fmt.Fprintf(conn, "<13>1 - - - - - - %s\n", logwriter.AppendWinlogbeat(nil, &planted()[i]))
		}
		if err := conn.CloseWrite(); err != nil {
			t.Log(name, err)
		}
		_, _ = io.ReadAll(conn)
		conn.Close()
	}
	s.until("the certificate's are stored", func() bool { return s.events() == int64(len(planted())) })
	if list := s.imports(); len(list) != 1 || !strings.Contains(list[0].Name, "certificate of relay-7") {
		t.Errorf("%+v", list)
	}
}
