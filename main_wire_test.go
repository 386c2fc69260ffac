package main_test

import (
	"bufio"
	"crypto/sha256"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

// begun is a server that was started with arguments, and what it said first.
func begun(t *testing.T, lines int, args ...string) (said []string) {
	t.Helper()
	cmd := exec.Command(binary, append([]string{"serve"}, args...)...)
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // killed: that is its error
	})
	for r := bufio.NewReader(out); len(said) < lines; {
		line, err := r.ReadString('\n')
		if err != nil {
			t.Fatalf("%v after %q", err, said)
		}
		said = append(said, strings.TrimSpace(line))
	}
	return said
}

// TestWireRefused: what leaves others a way in is said, not done.
func TestWireRefused(t *testing.T) {
	for _, c := range []struct{ args, says string }{
		{"--listen 0.0.0.0:0", "--insecure"},
		{"--listen 0.0.0.0:0 --tls-self-signed --auth off", "--insecure"},
		{"--listen 127.0.0.1:0 --proxy 127.0.0.1 --auth off", "--insecure"},
		{"--tls-cert x", "go together"},
		{"--tls-self-signed --tls-cert x --tls-key y", "either"},
		{"--allow-host https://a.example", "no name of a host"},
		{"--proxy a.example", "no network"},
	} {
		r := newCLI(t).run(nil, "serve", strings.Fields(c.args)...)
		if r.code != 2 || !strings.Contains(r.stderr, c.says) {
			t.Errorf("serve %s: %d %s", c.args, r.code, r.stderr)
		}
	}
	if r := newCLI(t).run(nil, "serve", "--tls-cert", "none.pem", "--tls-key", "none.pem"); r.code != 1 ||
		!strings.Contains(r.stderr, "certificate cannot be read") {
		t.Errorf("%d %s", r.code, r.stderr)
	}
}

// TestSelfSignedServes: beyond loopback with a certificate of its own, the fingerprint is
// that of what is served, the same after a restart, and the session's cookie goes by TLS
// alone.
func TestSelfSignedServes(t *testing.T) {
	db, prints := t.TempDir()+"/x.db", map[string]bool{}
	for _, again := range []bool{false, true} {
		said := begun(t, 3, "--db", db, "--listen", "0.0.0.0:0", "--tls-self-signed", "--allow-host", "console.example")
		port := regexp.MustCompile(`https://.*:(\d+)$`).FindStringSubmatch(said[0])
		setup := regexp.MustCompile(`https://console\.example:\d+/setup\?token=(\S+)$`).FindStringSubmatch(said[2])
		if port == nil || setup == nil {
			t.Fatalf("%q", said)
		}
		var state tls.ConnectionState
		client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
			Transport: &http.Transport{ForceAttemptHTTP2: true, TLSClientConfig: &tls.Config{InsecureSkipVerify: true,
				VerifyConnection: func(s tls.ConnectionState) error { state = s; return nil }}}}
		for host, want := range map[string]int{"127.0.0.1": 200, "192.0.2.7": 200, "localhost": 200, "console.example": 200,
			"evil.example": 421} {
			req, err := http.NewRequest("GET", "https://127.0.0.1:"+port[1]+"/healthz", nil)
			if err != nil {
				t.Fatal(err)
			}
			req.Host = host
			resp, err := client.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			if resp.StatusCode != want || resp.ProtoMajor != 2 || resp.Header.Get("Strict-Transport-Security") != "" {
				t.Errorf("asked as %s: %d by %s, %v", host, resp.StatusCode, resp.Proto, resp.Header)
			}
		}
		leaf := state.PeerCertificates[0]
		if leaf.VerifyHostname("console.example") != nil || leaf.VerifyHostname("127.0.0.1") != nil {
			t.Errorf("it is for %v %v", leaf.DNSNames, leaf.IPAddresses)
		}
		sum := strings.ReplaceAll(fmt.Sprintf("% X", sha256.Sum256(leaf.Raw)), " ", ":")
		if prints[sum] = true; !strings.HasSuffix(said[1], sum) {
			t.Errorf("%q names another fingerprint than %s", said[1], sum)
		}
		if len(prints) == 2 {
			t.Error("a restart made another certificate")
		}
		if len(prints) == 1 && !again {
			continue
		}
		resp, err := client.PostForm("https://127.0.0.1:"+port[1]+"/setup", url.Values{"token": {setup[1]},
			"name": {"Ann"}, "password": {"correct horse"}})
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if c := resp.Cookies(); len(c) == 0 || !c[0].Secure || !strings.HasPrefix(c[0].Name, "__Host-") {
			t.Errorf("%d %v", resp.StatusCode, c)
		}
	}
}

// TestBehindAProxy: accounts are on though the server listens on loopback, the audit
// trail has the client's address, and cookies go by TLS where the client came by it.
func TestBehindAProxy(t *testing.T) {
	c := newCLI(t)
	said := begun(t, 2, "--db", c.db, "--listen", "127.0.0.1:0", "--proxy", "127.0.0.1/32", "--allow-host", "console.example")
	_, at, _ := strings.Cut(said[0], " on ")
	_, token, ok := strings.Cut(said[1], "https://console.example/setup?token=")
	if !ok {
		t.Fatalf("%q", said)
	}
	req, err := http.NewRequest("POST", at+"/setup", strings.NewReader(url.Values{"token": {token}, "name": {"Ann"},
		"password": {"correct horse"}}.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	for name, v := range map[string]string{"Content-Type": "application/x-www-form-urlencoded",
		"X-Forwarded-For": "127.0.0.1, 198.51.100.7", "X-Forwarded-Proto": "https", "X-Forwarded-Host": "console.example",
		"Origin": "https://console.example"} {
		req.Header.Set(name, v)
	}
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(resp.Body)
	resp.Body.Close()
	cookies := resp.Cookies()
	if resp.StatusCode != 303 || len(cookies) == 0 || !cookies[0].Secure {
		t.Fatalf("%d %v %s", resp.StatusCode, cookies, body)
	}
	req, err = http.NewRequest("GET", at+"/audit.csv", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Host = "console.example"
	req.Header.Set("X-Forwarded-Proto", "https")
	req.AddCookie(cookies[0])
	if resp, err = http.DefaultTransport.RoundTrip(req); err != nil {
		t.Fatal(err)
	}
	trail, _ := io.ReadAll(resp.Body)
	resp.Body.Close()
	if !strings.Contains(string(trail), `"198.51.100.7"`) {
		t.Errorf("%d %s", resp.StatusCode, trail)
	}
	if resp, err = http.Get(at + "/"); err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusUnauthorized {
		t.Errorf("without a session: %d", resp.StatusCode)
	}
}
