package web_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"escutcheon/access"
	"escutcheon/db"
	"escutcheon/handlers"
	"escutcheon/internal/consoletest"
	"escutcheon/signin"
	"escutcheon/store"
)

// clock is a time that a test moves.
type clock struct{ ns atomic.Int64 }

func newClock() *clock {
	c := &clock{}
	c.ns.Store(time.Now().UnixNano())
	return c
}

func (c *clock) now() time.Time              { return time.Unix(0, c.ns.Load()) }
func (c *clock) forward(by time.Duration)    { c.ns.Add(int64(by)) }
func (c *client) status(path string) int     { return c.ask("GET", path, nil).StatusCode }
func (c *client) expect(path string, to int) { c.t.Helper(); c.post(path, nil, to) }

func (c *client) post(path string, form url.Values, want int) *http.Response {
	c.t.Helper()
	a := c.ask("POST", path, form)
	if a.StatusCode != want {
		c.t.Errorf("POST %s: %d, want %d", path, a.StatusCode, want)
	}
	return a
}

// TestSetup: the link that a first start prints makes one account, once, who may do all.
func TestSetup(t *testing.T) {
	t.Parallel()
	var gate *signin.Gate
	set := func(h *handlers.Handlers, d *db.DB) {
		gate = signin.New(d, d.Sessions(), time.Now)
		h.Gate = gate
	}
	s := consoletest.StartWith(t, filepath.Join(t.TempDir(), "x.db"), 1<<20, time.Now, set)
	secret, err := gate.SetupSecret(t.Context())
	if err != nil || len(secret) < 40 {
		t.Fatal(secret, err)
	}
	c := newClient(t, s)
	c.post("/setup", url.Values{"token": {"x"}, "name": {"eve"}, "password": {password}}, 400)
	c.post("/setup", url.Values{"token": {secret}, "name": {"anna"}, "password": {"short"}}, 400)
	if c.status("/") != 303 {
		t.Error("somebody came in without an account")
	}
	c.post("/setup", url.Values{"token": {secret}, "name": {"anna"}, "password": {password}}, 303)
	if c.status("/accounts") != 200 {
		t.Error("the first account is no admin, or is not signed in")
	}
	other := newClient(t, s)
	other.post("/setup", url.Values{"token": {secret}, "name": {"eve"}, "password": {password}}, 400)
	if secret, err := gate.SetupSecret(t.Context()); secret != "" || err != nil {
		t.Error("there is another set-up link", err)
	}
	list, err := s.Store.Accounts(t.Context())
	if err != nil || len(list) != 1 || list[0].Name != "anna" || list[0].Role != access.Admin ||
		!strings.HasPrefix(list[0].Password, "$argon2id$v=19$m=65536,t=3,") {
		t.Errorf("%+v %v", list, err)
	}
}

// TestSessions: a session ends when somebody signs out, signs out everywhere, gets
// another password, may do less or may not enter; and after its time.
func TestSessions(t *testing.T) {
	t.Parallel()
	at := newClock()
	s := withAccounts(t, at.now)
	in := func(name string) *client {
		c := newClient(t, s)
		c.mustSignIn(name)
		return c
	}
	gone := func(what string, c *client) {
		t.Helper()
		if got := c.status("/"); got != 303 {
			t.Errorf("%s: the session goes on: %d", what, got)
		}
	}
	a, b := in("viewer"), in("viewer")
	a.expect("/logout", 303)
	gone("signed out", a)
	if b.status("/") != 200 {
		t.Error("another session of the account ended too")
	}
	a = in("viewer")
	b.expect("/logout/everywhere", 303)
	gone("signed out everywhere", a)
	a, b = in("viewer"), in("viewer")
	a.post("/account/password", url.Values{"old": {"wrong"}, "password": {"another password"}}, 400)
	a.post("/account/password", url.Values{"old": {password}, "password": {"another password"}}, 303)
	if a.status("/") != 200 {
		t.Error("who changes the password is signed out")
	}
	gone("another password", b)
	if a := newClient(t, s).signIn("viewer", password); a.StatusCode != 401 {
		t.Errorf("the old password: %d", a.StatusCode)
	}
	admin, who := in("admin"), in("analyst")
	id := func(name string) string {
		a, err := s.Store.AccountByName(t.Context(), name)
		if err != nil {
			t.Fatal(err)
		}
		return "/accounts/" + itoa(a.ID)
	}
	admin.post(id("analyst"), url.Values{"role": {"viewer"}}, 303)
	gone("another role", who)
	who = newClient(t, s)
	who.mustSignIn("analyst")
	who.post("/cases", url.Values{"title": {"x"}}, 403)
	admin.post(id("analyst"), url.Values{"do": {"disable"}}, 303)
	gone("disabled", who)
	if a := newClient(t, s).signIn("analyst", password); a.StatusCode != 401 {
		t.Errorf("a disabled account: %d", a.StatusCode)
	}
	admin.post(id("admin"), url.Values{"role": {"viewer"}}, 400) // the only one
	admin.post(id("admin"), url.Values{"do": {"disable"}}, 400)
	at.forward(13 * time.Hour)
	gone("its time", admin)
	if c := newClient(t, s); c.ask("GET", "/", nil, "Cookie", "escutcheon-session=x").StatusCode != 303 {
		t.Error("an invented session comes in")
	}
}

func itoa(n int64) string {
	b, _ := json.Marshal(n)
	return string(b)
}

// TestTries: wrong passwords are slowed down where they are tried; who signed in from
// there before, and who comes from elsewhere, does not wait.
func TestTries(t *testing.T) {
	t.Parallel()
	at := newClock()
	s := withAccounts(t, at.now)
	owner, eve := newClient(t, s), newClient(t, s)
	owner.mustSignIn("viewer")
	owner.expect("/logout", 303)
	for i := range 5 {
		if a := eve.signIn("VIEWER", "guess"); a.StatusCode != 401 {
			t.Fatalf("guess %d: %d", i, a.StatusCode)
		}
	}
	a := eve.signIn("viewer", password)
	if a.StatusCode != 429 || a.Header.Get("Retry-After") == "" {
		t.Errorf("the sixth: %d %q", a.StatusCode, a.Header.Get("Retry-After"))
	}
	owner.mustSignIn("viewer") // from the same address
	if a := eve.signIn("analyst", "guess"); a.StatusCode != 401 {
		t.Errorf("another name: %d", a.StatusCode)
	}
	at.forward(2 * time.Second)
	if a := eve.signIn("viewer", "guess"); a.StatusCode != 401 {
		t.Errorf("after the wait: %d", a.StatusCode)
	}
	at.forward(1500 * time.Millisecond)
	if a := eve.signIn("viewer", "guess"); a.StatusCode != 429 {
		t.Errorf("the next wait is no longer: %d", a.StatusCode)
	}
	at.forward(3 * time.Minute)
	eve.mustSignIn("viewer")
}

// TestTokens: a token does what its role may and its account may still, until it ends.
func TestTokens(t *testing.T) {
	t.Parallel()
	at := newClock()
	s := withAccounts(t, at.now)
	c := newClient(t, s)
	c.mustSignIn("analyst")
	c.post("/account/tokens", url.Values{"name": {"x"}, "role": {"admin"}}, 400)
	c.post("/account/tokens", url.Values{"name": {"x"}, "days": {"400"}}, 400)
	secret := func(role string) string {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), "POST", s.URL+"/account/tokens",
			strings.NewReader(url.Values{"name": {"ci"}, "role": {role}, "days": {"2"}}.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Accept", "application/json")
		a, err := c.http.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer a.Body.Close()
		var out struct{ Token string }
		if b, err := io.ReadAll(a.Body); err != nil || json.Unmarshal(b, &out) != nil || a.StatusCode != 201 {
			t.Fatal(a.StatusCode, string(b), err)
		}
		return out.Token
	}
	with := func(token string) *client {
		c := newClient(t, s)
		c.token = token
		return c
	}
	look, write := with(secret("viewer")), with(secret("analyst"))
	if look.status("/") != 200 || write.status("/") != 200 {
		t.Error("a token does not come in")
	}
	look.post("/cases", url.Values{"title": {"x"}}, 403)
	write.post("/cases", url.Values{"title": {"x"}, "author": {"somebody else"}}, 303)
	one, err := s.Store.CaseByID(t.Context(), 1)
	if err != nil || one.Author != "analyst" {
		t.Errorf("the case is of %q, %v: what was typed counts", one.Author, err)
	}
	trail, _, _, err := s.Store.AuditTrail(t.Context(), store.AuditFilter{Of: "case ESC-1"}, store.Page{Limit: 5})
	if err != nil || len(trail) == 0 || trail[0].Person != "analyst" {
		t.Errorf("the audit trail has %+v %v", trail, err)
	}
	list, err := s.Store.Tokens(t.Context(), 0)
	if err != nil || len(list) != 2 {
		t.Fatal(list, err)
	}
	c.expect("/account/tokens/"+itoa(list[0].ID)+"/revoke", 303)
	if got := write.status("/"); got != 401 {
		t.Errorf("a revoked token: %d", got)
	}
	at.forward(49 * time.Hour)
	if got := look.status("/"); got != 401 {
		t.Errorf("an ended token: %d", got)
	}
}
