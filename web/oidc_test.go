package web_test

import (
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"escutcheon/access"
	"escutcheon/db"
	"escutcheon/handlers"
	"escutcheon/internal/consoletest"
	"escutcheon/signin"
)

// openProvider starts an OpenID provider that is not ours, in a process of its own, and
// returns its issuer. It sends people back to an address.
func openProvider(t *testing.T, back string) string {
	t.Helper()
	bin := filepath.Join(t.TempDir(), "provider")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", bin,
		"github.com/zitadel/oidc/v3/example/server").CombinedOutput(); err != nil {
		t.Fatalf("build the provider: %v\n%s", err, out)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := strconv.Itoa(ln.Addr().(*net.TCPAddr).Port)
	if err := ln.Close(); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(bin)
	cmd.Env = append(os.Environ(), "PORT="+port, "REDIRECT_URI="+back)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // it was killed
	})
	issuer := "http://localhost:" + port + "/"
	consoletest.Poll(t, func() bool {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, issuer+".well-known/openid-configuration", nil)
		if err != nil {
			t.Fatal(err)
		}
		a, err := http.DefaultClient.Do(r)
		if err != nil {
			return false
		}
		a.Body.Close()
		return a.StatusCode == http.StatusOK
	})
	return issuer
}

// follow asks for a page as a browser does, and reads it.
func (c *client) follow(method, address string, form url.Values) (*http.Response, string) {
	c.t.Helper()
	r, err := http.NewRequestWithContext(c.t.Context(), method, address, strings.NewReader(form.Encode()))
	if err != nil {
		c.t.Fatal(err)
	}
	r.Header.Set("Accept", "text/html")
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	a, err := (&http.Client{Jar: c.http.Jar}).Do(r)
	if err != nil {
		c.t.Fatal(method, address, err)
	}
	defer a.Body.Close()
	b, err := io.ReadAll(a.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	return a, string(b)
}

// atProvider goes from a form of the console to the provider, signs in there, and
// returns the page where that ends.
func (c *client) atProvider(path string, form url.Values, user string) (*http.Response, string) {
	c.t.Helper()
	a, body := c.follow("POST", c.s.URL+path, form)
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	id := doc.Find(`input[name="id"]`).AttrOr("value", "")
	if id == "" {
		c.t.Fatalf("%s is not the provider's form: %s", a.Request.URL, body)
	}
	return c.follow("POST", a.Request.URL.ResolveReference(&url.URL{Path: "/login/username"}).String(),
		url.Values{"id": {id}, "username": {user}, "password": {"verysecure"}})
}

// TestOIDC: who signs in at the provider through the set-up link is the admin, others
// become viewers; what was not begun here, and what was used already, lets nobody in.
func TestOIDC(t *testing.T) {
	if testing.Short() {
		t.Skip("builds and runs an OpenID provider; not in -short")
	}
	var gate *signin.Gate
	set := func(h *handlers.Handlers, d *db.DB) {
		gate = signin.New(d, d.Sessions(), time.Now)
		gate.Provider = &signin.Provider{Client: "web", Secret: "secret"}
		h.Gate = gate
	}
	s := consoletest.StartWith(t, filepath.Join(t.TempDir(), "x.db"), 1<<20, time.Now, set)
	gate.Provider.Issuer = openProvider(t, s.URL+signin.CallbackPath)
	secret, err := gate.SetupSecret(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	admin := newClient(t, s)
	a, body := admin.atProvider("/setup", url.Values{"token": {secret}}, "test-user@localhost")
	if a.Request.URL.Path != "/" || a.StatusCode != 200 {
		t.Fatalf("the first account: %s %d %s", a.Request.URL, a.StatusCode, body)
	}
	if admin.status("/accounts") != 200 {
		t.Error("who used the set-up link is no admin")
	}
	viewer := newClient(t, s)
	a, _ = viewer.atProvider("/login", url.Values{"next": {"/findings?x=1"}}, "test-user2")
	if a.Request.URL.RequestURI() != "/findings?x=1" {
		t.Errorf("the second ends at %s", a.Request.URL)
	}
	viewer.post("/cases", url.Values{"title": {"x"}}, 403)
	list, err := s.Store.Accounts(t.Context())
	if err != nil || len(list) != 2 || list[0].Role+list[1].Role != access.Admin+access.Viewer {
		t.Errorf("%+v %v", list, err)
	}
	for _, a := range list {
		if a.Password != "" || !strings.Contains(a.Subject, gate.Provider.Issuer) || !strings.Contains(a.Name, "test-user") {
			t.Errorf("%+v", a)
		}
	}
	viewer.post("/logout", nil, 303)
	viewer.atProvider("/login", nil, "test-user2") // the same account again
	if list, err := s.Store.Accounts(t.Context()); err != nil || len(list) != 2 {
		t.Errorf("signing in again: %d accounts, %v", len(list), err)
	}
	eve := newClient(t, s)
	for _, q := range []string{"?code=x&state=y", "?error=access_denied", ""} {
		if a := eve.ask("GET", signin.CallbackPath+q, nil); a.StatusCode != http.StatusUnauthorized {
			t.Errorf("callback%s: %d", q, a.StatusCode)
		}
	}
	// A sign-in that was begun here, with a code that the provider did not give.
	a = eve.ask("POST", "/login", nil)
	to, err := url.Parse(a.Header.Get("Location"))
	if err != nil || to.Query().Get("code_challenge_method") != "S256" || to.Query().Get("nonce") == "" {
		t.Errorf("sent to %q, %v", a.Header.Get("Location"), err)
	}
	if a := eve.ask("GET", signin.CallbackPath+"?code=guess&state="+to.Query().Get("state"), nil); a.StatusCode != 401 {
		t.Errorf("an invented code: %d", a.StatusCode)
	}
	if eve.status("/") != 303 {
		t.Error("somebody came in")
	}
	if a := eve.signIn("test-user2", "verysecure"); a.StatusCode == 303 &&
		!strings.HasPrefix(a.Header.Get("Location"), gate.Provider.Issuer) {
		t.Errorf("a password: %d %s", a.StatusCode, a.Header.Get("Location"))
	}
}
