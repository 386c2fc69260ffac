// Package signin lets people and programs in: sessions with passwords or with an
// OpenID provider, and tokens. It knows no page.
package signin

import (
	"context"
	"crypto/subtle"
	"errors"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/alexedwards/scs/v2"

	"escutcheon/access"
	"escutcheon/fault"
	"escutcheon/store"
)

// Store keeps accounts, tokens and sessions.
type Store interface {
	Accounts(ctx context.Context) ([]store.Account, error)
	AccountByID(ctx context.Context, id int64) (store.Account, error)
	AccountByName(ctx context.Context, name string) (store.Account, error)
	AddAccount(ctx context.Context, a store.Account, first bool) (store.Account, error)
	SetAccount(ctx context.Context, id int64, role access.Role, disabled bool) error
	SetPassword(ctx context.Context, id int64, kept string) error
	EndSessions(ctx context.Context, id int64) error
	SignedIn(ctx context.Context, id int64) error
	SubjectAccount(ctx context.Context, subject, name string, first bool) (store.Account, error)
	Tokens(ctx context.Context, account int64) ([]store.Token, error)
	AddToken(ctx context.Context, t store.Token, secret string) (int64, error)
	RevokeToken(ctx context.Context, id, account int64) error
	TokenBySecret(ctx context.Context, secret string) (access.Identity, error)
}

// lifetime is how long a session lasts.
const lifetime = 12 * time.Hour

// TokenPrefix begins every token, so that it is known where it leaks.
const TokenPrefix = "esc_"

// Gate decides who comes in. Its methods may be called at once.
type Gate struct {
	Store    Store
	Provider *Provider // nil: passwords
	Now      func() time.Time

	sessions *scs.SessionManager
	tries    tries
	hashing  chan struct{} // room for passwords that are compared
	known    chan struct{} // the same for clients that signed in before
	mu       sync.Mutex
	setup    string // the secret of the set-up link; "" when there is none
}

// New returns a gate whose sessions are kept in a store.
func New(s Store, sessions scs.Store, now func() time.Time) *Gate {
	g := &Gate{Store: s, Now: now, sessions: scs.New(), hashing: make(chan struct{}, 2), known: make(chan struct{}, 2)}
	g.sessions.Store, g.sessions.Lifetime, g.sessions.HashTokenInStore = sessions, lifetime, true
	g.tries.now = now
	return g
}

// SetupSecret is the secret of the one-time link that makes the first account; "" where
// there is an account.
func (g *Gate) SetupSecret(ctx context.Context) (string, error) {
	list, err := g.Store.Accounts(ctx)
	if err != nil || len(list) > 0 {
		return "", err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.setup == "" {
		g.setup = access.NewSecret()
	}
	return g.setup, nil
}

// IsSetup says whether a secret is that of the set-up link.
func (g *Gate) IsSetup(secret string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.setup != "" && subtle.ConstantTimeCompare([]byte(secret), []byte(g.setup)) == 1
}

// spent ends the set-up link.
func (g *Gate) spent() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.setup = ""
}

// SetUp makes the first account, who may do all, and signs it in.
func (g *Gate) SetUp(w http.ResponseWriter, r *http.Request, secret, name, password string) error {
	if !g.IsSetup(secret) {
		return fault.New(fault.Invalid, "This link has been used, or is not the one that the server printed. Start the "+
			"server again to have another, or sign in.")
	}
	if err := checkPassword(password); err != nil {
		return err
	}
	a, err := g.Store.AddAccount(r.Context(), store.Account{Name: name, Role: access.Admin,
		Password: access.HashPassword(password)}, true)
	if err != nil {
		return err
	}
	g.spent()
	return g.begin(w, r, a)
}

// checkPassword refuses what cannot be a password.
func checkPassword(password string) error {
	if wrong := access.WrongPassword(password); wrong != "" {
		return fault.New(fault.Invalid, "%s", wrong)
	}
	return nil
}

// Identify says who a request is from: access.None where that is nobody.
func (g *Gate) Identify(r *http.Request) (i access.Identity, err error) {
	if secret, ok := bearer(r); ok {
		i, err = g.Store.TokenBySecret(r.Context(), secret)
		if fault.CodeOf(err) == fault.NotFound {
			return access.Identity{}, nil
		}
		return i, err
	}
	c, err := r.Cookie(g.cookieName(r))
	if err != nil {
		return i, nil
	}
	ctx, err := g.sessions.Load(r.Context(), c.Value)
	if err != nil {
		return i, err
	}
	id := g.sessions.GetInt64(ctx, "account")
	if id == 0 {
		return i, nil
	}
	a, err := g.Store.AccountByID(r.Context(), id)
	if fault.CodeOf(err) == fault.NotFound {
		return i, nil
	}
	if err != nil || a.Disabled || a.Epoch != g.sessions.GetInt64(ctx, "epoch") {
		return i, err
	}
	return access.Identity{Account: a.ID, Name: a.Name, Role: a.Role, OIDC: a.Subject != "", Session: c.Value}, nil
}

func bearer(r *http.Request) (string, bool) {
	scheme, secret, ok := strings.Cut(r.Header.Get("Authorization"), " ")
	return strings.TrimSpace(secret), ok && strings.EqualFold(scheme, "Bearer")
}

// Secure says whether a request came by TLS, here or at a proxy that is believed.
func Secure(r *http.Request) bool { return r.TLS != nil || r.URL.Scheme == "https" }

// cookieName is that of the session's cookie: over TLS one that no other host, and no
// page without TLS, can set.
func (g *Gate) cookieName(r *http.Request) string {
	if Secure(r) {
		return "__Host-escutcheon"
	}
	return "escutcheon-session"
}

// SignIn lets somebody in by a password. Wrong ones are slowed down for each client,
// so that nobody else can lock the owner out.
func (g *Gate) SignIn(w http.ResponseWriter, r *http.Request, name, password string) error {
	if g.Provider != nil {
		return fault.New(fault.Invalid, "Sign in at %s.", g.Provider.Issuer)
	}
	name = strings.TrimSpace(name)
	bucket, known := g.bucket(r, name)
	if wait := g.tries.wait(bucket); wait > 0 {
		return &TooMany{Wait: wait}
	}
	room := g.hashing
	if known {
		room = g.known
	}
	select {
	case room <- struct{}{}:
		defer func() { <-room }()
	case <-r.Context().Done():
		return r.Context().Err()
	}
	a, err := g.Store.AccountByName(r.Context(), name)
	if err != nil && fault.CodeOf(err) != fault.NotFound {
		return err
	}
	kept := a.Password
	if kept == "" {
		kept = nobody() // takes as long as somebody
	}
	if !access.IsPassword(kept, password) || err != nil || a.Password == "" || a.Disabled {
		g.tries.failed(bucket)
		return fault.New(fault.Invalid, "This name and this password do not belong to an account that may enter.")
	}
	g.tries.forget(bucket)
	return g.begin(w, r, a)
}

// nobody is a password that nobody has.
var nobody = sync.OnceValue(func() string { return access.HashPassword(access.NewSecret()) })

// TooMany is for a client that tried too often.
type TooMany struct{ Wait time.Duration }

func (t *TooMany) Error() string { return "too many tries" }

// begin begins a session.
func (g *Gate) begin(w http.ResponseWriter, r *http.Request, a store.Account) error {
	who := store.ActorOf(r.Context())
	who.Person = a.Name
	ctx, err := g.sessions.Load(store.WithActor(r.Context(), who), "")
	if err != nil {
		return err
	}
	if err := g.Store.SignedIn(ctx, a.ID); err != nil {
		return err
	}
	g.sessions.Put(ctx, "account", a.ID)
	g.sessions.Put(ctx, "epoch", a.Epoch)
	token, expiry, err := g.sessions.Commit(ctx)
	if err != nil {
		return err
	}
	http.SetCookie(w, g.cookie(r, g.cookieName(r), token, expiry))
	http.SetCookie(w, g.cookie(r, deviceCookie, g.device(r, a.Name), g.Now().AddDate(1, 0, 0)))
	return nil
}

func (g *Gate) cookie(r *http.Request, name, value string, expiry time.Time) *http.Cookie {
	return &http.Cookie{Name: name, Value: value, Path: "/", Expires: expiry, HttpOnly: true, Secure: Secure(r),
		SameSite: http.SameSiteLaxMode}
}

// SignOut ends the session of a request.
func (g *Gate) SignOut(w http.ResponseWriter, r *http.Request) error {
	name := g.cookieName(r)
	http.SetCookie(w, &http.Cookie{Name: name, Path: "/", MaxAge: -1, HttpOnly: true, Secure: Secure(r),
		SameSite: http.SameSiteLaxMode})
	c, err := r.Cookie(name)
	if err != nil {
		return nil
	}
	ctx, err := g.sessions.Load(r.Context(), c.Value)
	if err != nil {
		return err
	}
	return g.sessions.Destroy(ctx)
}

// ChangePassword gives who asks another password; all sessions end, this one begins
// anew.
func (g *Gate) ChangePassword(w http.ResponseWriter, r *http.Request, was, is string) error {
	i, _ := access.Of(r.Context())
	a, err := g.Store.AccountByID(r.Context(), i.Account)
	if err != nil {
		return err
	}
	bucket, _ := g.bucket(r, a.Name)
	if wait := g.tries.wait(bucket); wait > 0 {
		return &TooMany{Wait: wait}
	}
	if a.Password == "" || !access.IsPassword(a.Password, was) {
		g.tries.failed(bucket)
		return fault.New(fault.Invalid, "The password that you have now is another one.")
	}
	if err := checkPassword(is); err != nil {
		return err
	}
	if err := g.Store.SetPassword(r.Context(), a.ID, access.HashPassword(is)); err != nil {
		return err
	}
	if a, err = g.Store.AccountByID(r.Context(), a.ID); err != nil {
		return err
	}
	return g.begin(w, r, a)
}

// NewPassword gives an account a password that somebody else chose.
func (g *Gate) NewPassword(ctx context.Context, id int64, password string) error {
	if err := checkPassword(password); err != nil {
		return err
	}
	return g.Store.SetPassword(ctx, id, access.HashPassword(password))
}

// NewAccount makes an account with a password.
func NewAccount(ctx context.Context, s Store, name string, role access.Role, password string) (store.Account, error) {
	if err := checkPassword(password); err != nil {
		return store.Account{}, err
	}
	return s.AddAccount(ctx, store.Account{Name: name, Role: role, Password: access.HashPassword(password)}, false)
}

// NewToken makes a token of an account, and returns its secret: it is not kept.
func NewToken(ctx context.Context, s Store, t store.Token) (secret string, id int64, err error) {
	secret = NewSecret()
	id, err = s.AddToken(ctx, t, secret)
	return secret, id, err
}

// NewSecret is the secret of a new token.
func NewSecret() string { return TokenPrefix + access.NewSecret() }

// clientOf is the address of a client without its port.
func clientOf(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

// IsTooMany says how long a client is to wait, when an error says so.
func IsTooMany(err error) (time.Duration, bool) {
	var t *TooMany
	if errors.As(err, &t) {
		return t.Wait, true
	}
	return 0, false
}
