package wire_test

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"escutcheon/wire"
)

func TestHosts(t *testing.T) {
	for _, c := range []struct {
		listen string
		alone  bool
		host   string
		want   bool
	}{
		{"127.0.0.1:8080", true, "127.0.0.1:8080", true},
		{"127.0.0.1:8080", true, "LocalHost", true},
		{"127.0.0.1:8080", true, "[::1]:8080", true},
		{"127.0.0.2:8080", true, "127.0.0.2:8080", true},
		{"127.0.0.1:8080", true, "console.example:8080", true},
		{"127.0.0.1:8080", true, "evil.example", false},
		{"127.0.0.1:8080", true, "192.0.2.7", false},
		{"127.0.0.1:8080", false, "192.0.2.7", true}, // behind a proxy
		{"0.0.0.0:8080", false, "192.0.2.7:8080", true},
		{"0.0.0.0:8080", false, "[2001:db8::7]:8080", true},
		{"0.0.0.0:8080", false, "CONSOLE.example", true},
		{"0.0.0.0:8080", false, "evil.example", false},
		{"0.0.0.0:8080", false, "192.0.2.7.evil.example", false},
		{"0.0.0.0:8080", false, "1.2.3", false},
		{"0.0.0.0:8080", false, "", false},
	} {
		h, err := wire.NewHosts(c.listen, []string{"Console.example"}, c.alone)
		if err != nil {
			t.Fatal(err)
		}
		if got := h.Has(c.host); got != c.want {
			t.Errorf("a server on %s (alone: %v), asked as %q: %v", c.listen, c.alone, c.host, got)
		}
	}
	for _, name := range []string{"", "http://a.example", "a.example:80", "*.example"} {
		if _, err := wire.NewHosts("127.0.0.1:1", []string{name}, true); err == nil {
			t.Errorf("%q is taken for a name", name)
		}
	}
}

// TestForwarded: a proxy is believed about the client before it, and nobody else is.
func TestForwarded(t *testing.T) {
	var p wire.Proxies
	for _, one := range []string{"10.0.0.0/8", "192.0.2.1", "2001:db8::/32"} {
		if err := p.Add(one); err != nil {
			t.Fatal(err)
		}
	}
	if p.Add("10.0.0.0/40") == nil || p.Add("proxy.example") == nil {
		t.Error("what is no network is taken for one")
	}
	for _, c := range []struct {
		peer, forwarded, proto, host string
		want                         string
	}{
		{"203.0.113.9:1", "198.51.100.1", "https", "evil.example", "203.0.113.9  own"},
		{"10.0.0.1:1", "", "", "", "10.0.0.1  own"},
		{"10.0.0.1:1", "198.51.100.1", "https", "a.example", "198.51.100.1 https a.example"},
		{"10.0.0.1:1", "198.51.100.1", "http", "", "198.51.100.1  own"},
		// What the client wrote itself stands before.
		{"10.0.0.1:1", "127.0.0.1, 198.51.100.1", "https, http", "evil.example, a.example", "198.51.100.1  a.example"},
		{"10.0.0.1:1", "127.0.0.1, 198.51.100.1, 192.0.2.1", "HTTPS", "", "198.51.100.1 https own"},
		{"10.0.0.1:1", "nonsense, 10.2.3.4", "", "", "10.2.3.4  own"},
		{"10.0.0.1:1", "198.51.100.1:55, 10.2.3.4:66", "", "", "198.51.100.1  own"},
		{"[2001:db8::1]:1", "[2001:db9::1]:5", "", "", "2001:db9::1  own"},
		{"[::ffff:10.0.0.1]:1", "::ffff:198.51.100.1", "", "", "198.51.100.1  own"},
	} {
		r := httptest.NewRequest("GET", "https://evil.example/x", nil)
		r.RemoteAddr, r.Host = c.peer, "own"
		for name, v := range map[string]string{"X-Forwarded-For": c.forwarded, "X-Forwarded-Proto": c.proto,
			"X-Forwarded-Host": c.host, "Forwarded": "for=1.2.3.4"} {
			if v != "" {
				r.Header.Set(name, v)
			}
		}
		got := ""
		p.Forwarded(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			got = fmt.Sprintf("%s %s %s", wire.Client(r), r.URL.Scheme, r.Host)
			if len(r.Header) > 0 {
				t.Errorf("left for whoever reads it: %v", r.Header)
			}
		})).ServeHTTP(httptest.NewRecorder(), r)
		if got != c.want {
			t.Errorf("%+v: came from %q", c, got)
		}
	}
}

// selfSigned is the file of a certificate for names, and its fingerprint.
func selfSigned(t *testing.T, path string, now time.Time, names ...string) string {
	t.Helper()
	if err := wire.SelfSigned(path, names, now); err != nil {
		t.Fatal(err)
	}
	c, err := wire.LoadCertificate(path, path, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if c.Issued() {
		t.Error("somebody else is said to vouch for it")
	}
	return c.Fingerprint()
}

// TestSelfSigned: a certificate stays as long as it has the names and some days left,
// and only its owner reads the key.
func TestSelfSigned(t *testing.T) {
	path, now := filepath.Join(t.TempDir(), "x.pem"), time.Now()
	first := selfSigned(t, path, now, "localhost", "192.0.2.1")
	if fi, err := os.Stat(path); err != nil || fi.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", fi.Mode(), err)
	}
	if again := selfSigned(t, path, now.AddDate(1, 0, 0), "localhost"); again != first {
		t.Error("another start made another certificate")
	}
	more := selfSigned(t, path, now, "localhost", "console.example")
	if more == first {
		t.Error("it stays without the name that was added")
	}
	if late := selfSigned(t, path, now.AddDate(2, 3, 0), "localhost"); late == more {
		t.Error("it stays until it has ended")
	}
}

// TestCertificateIsReadAgain: a renewed certificate is served without a restart, over
// HTTP/2; one that cannot be read leaves the one before.
func TestCertificateIsReadAgain(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.pem")
	first := selfSigned(t, path, time.Now(), "localhost", "127.0.0.1")
	c, err := wire.LoadCertificate(path, path, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &http.Server{TLSConfig: c.Config(), Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, r.Proto)
	})}
	var serving sync.WaitGroup
	serving.Go(func() { _ = s.ServeTLS(ln, "", "") }) // ends with the test
	defer serving.Wait()
	defer s.Close()
	ask := func() {
		t.Helper()
		pool := x509.NewCertPool()
		now, err := os.ReadFile(path)
		if err != nil || len(now) < 100 {
			now, err = os.ReadFile(path + ".before")
		}
		if err != nil || !pool.AppendCertsFromPEM(now) {
			t.Fatal(err)
		}
		client := &http.Client{Transport: &http.Transport{ForceAttemptHTTP2: true,
			TLSClientConfig: &tls.Config{RootCAs: pool}}}
		resp, err := client.Get("https://" + ln.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		if proto, err := io.ReadAll(resp.Body); err != nil || string(proto) != "HTTP/2.0" {
			t.Errorf("%q %v", proto, err)
		}
	}
	ask()
	if selfSigned(t, path, time.Now(), "127.0.0.1", "a.example") == first {
		t.Fatal("the same certificate")
	}
	ask()
	if err := os.Rename(path, path+".before"); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	ask()
}
