package web_test

import (
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"escutcheon/access"
	"escutcheon/db"
	"escutcheon/handlers"
	"escutcheon/internal/consoletest"
	"escutcheon/signin"
	"escutcheon/store"
	"escutcheon/web"
)

const password = "correct horse battery"

// withAccounts is a console where one of each role may enter, by the role's name.
func withAccounts(t *testing.T, now func() time.Time) *consoletest.Server {
	t.Helper()
	s := consoletest.StartWith(t, filepath.Join(t.TempDir(), "x.db"), 1<<20, now, func(h *handlers.Handlers, d *db.DB) {
		h.Gate = signin.New(d, d.Sessions(), now)
	})
	for _, r := range access.Roles() {
		if _, err := signin.NewAccount(t.Context(), s.Store, r.String(), r, password); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// client is a browser, or a program with a token.
type client struct {
	t     *testing.T
	s     *consoletest.Server
	http  *http.Client
	token string
}

func newClient(t *testing.T, s *consoletest.Server) *client {
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &client{t: t, s: s, http: &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse
	}}}
}

// ask sends a request; headers are pairs.
func (c *client) ask(method, path string, form url.Values, headers ...string) *http.Response {
	c.t.Helper()
	r, err := http.NewRequestWithContext(c.t.Context(), method, c.s.URL+path, strings.NewReader(form.Encode()))
	if err != nil {
		c.t.Fatal(err)
	}
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if c.token != "" {
		r.Header.Set("Authorization", "Bearer "+c.token)
	}
	r.Header.Set("Accept", "text/html")
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	a, err := c.http.Do(r)
	if err != nil {
		c.t.Fatal(method, path, err)
	}
	a.Body.Close()
	return a
}

func (c *client) signIn(name, password string) *http.Response {
	c.t.Helper()
	return c.ask("POST", "/login", url.Values{"name": {name}, "password": {password}})
}

func (c *client) mustSignIn(name string) {
	c.t.Helper()
	if a := c.signIn(name, password); a.StatusCode != http.StatusSeeOther {
		c.t.Fatalf("%s does not come in: %d", name, a.StatusCode)
	}
}

// verdict is what a request came to: let in, refused, or sent to sign in.
func verdict(a *http.Response) string {
	switch {
	case a.StatusCode == http.StatusUnauthorized:
		return "401"
	case a.StatusCode == http.StatusForbidden:
		return "403"
	case a.StatusCode == http.StatusSeeOther && strings.HasPrefix(a.Header.Get("Location"), handlers.LoginPath+"?next="),
		a.StatusCode == http.StatusSeeOther && a.Header.Get("Location") == handlers.LoginPath:
		return "login"
	}
	return "yes"
}

// TestAccess asks each route of the router as everybody, and compares what came of it
// with a table that was read by people: testdata/access.txt. A route that is new stands
// in no line of it.
func TestAccess(t *testing.T) {
	if testing.Short() {
		t.Skip("asks for each route as each role; not in -short")
	}
	s := withAccounts(t, time.Now)
	who := map[string]*client{"nobody": newClient(t, s)}
	for _, r := range access.Roles() {
		who[r.String()] = newClient(t, s)
		who[r.String()].mustSignIn(r.String())
		a, err := s.Store.AccountByName(t.Context(), r.String())
		if err != nil {
			t.Fatal(err)
		}
		secret, _, err := signin.NewToken(t.Context(), s.Store, store.Token{Account: a.ID, Name: "x", Role: r,
			Expires: time.Now().Add(time.Hour)})
		if err != nil {
			t.Fatal(err)
		}
		who[r.String()+" token"] = newClient(t, s)
		who[r.String()+" token"].token = secret
	}
	who["no token"] = newClient(t, s)
	who["no token"].token = "esc_none"
	order := []string{"nobody", "no token", "viewer", "viewer token", "analyst", "analyst token", "admin", "admin token"}
	var lines []string
	for _, r := range web.Routes() {
		path := r.Path
		for _, p := range [][2]string{{":dest", "nohost"}, {":name", "nobody"}, {":id", "987654"}, {":part", "1"},
			{":n", "1"}, {"*", "x"}} {
			path = strings.ReplaceAll(path, p[0], p[1])
		}
		line := fmt.Sprintf("%-4s %-45s", r.Method, r.Path)
		for _, name := range order {
			c := who[name]
			if strings.HasPrefix(path, "/logout") { // it ends the session
				if c.token == "" && name != "nobody" {
					c = newClient(t, s)
					c.mustSignIn(name)
				}
			}
			line += " " + verdictOf(c, r.Method, path)
			if path == "/logout/everywhere" && c.token != "" || path == "/logout/everywhere" && name != "nobody" {
				if role, ok := access.ParseRole(strings.TrimSuffix(name, " token")); ok {
					who[role.String()].mustSignIn(role.String())
				}
			}
		}
		if r.Method == http.MethodPost {
			other := who["admin"].ask(r.Method, path, nil, "Origin", "http://evil.example", "Sec-Fetch-Site", "cross-site")
			line += " other origin " + verdict(other)
		}
		lines = append(lines, line)
	}
	slices.Sort(lines)
	got := "# method, route; as " + strings.Join(order, ", ") + "\n" + strings.Join(slices.Compact(lines), "\n") + "\n"
	file := filepath.Join("testdata", "access.txt")
	want, err := os.ReadFile(file)
	if err != nil || got != string(want) {
		new := filepath.Join(t.TempDir(), "access.txt")
		if os.Getenv("ESCUTCHEON_ACCESS") != "" {
			new = os.Getenv("ESCUTCHEON_ACCESS")
		}
		_ = os.WriteFile(new, []byte(got), 0o600)
		for _, l := range strings.Split(got, "\n") {
			if !strings.Contains(string(want), l+"\n") {
				t.Errorf("not in %s: %s", file, l)
			}
		}
		for _, l := range strings.Split(string(want), "\n") {
			if !strings.Contains(got, l+"\n") {
				t.Errorf("only in %s: %s", file, l)
			}
		}
	}
}

func verdictOf(c *client, method, path string) string {
	c.t.Helper()
	a := c.ask(method, path, nil)
	switch {
	case path == handlers.LoginPath: // 401 says that the password is wrong
		return "yes"
	case strings.HasPrefix(path, "/logout") && strings.HasPrefix(a.Header.Get("Set-Cookie"), "escutcheon-session=;"):
		return "out"
	}
	return verdict(a)
}
