package signin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"escutcheon/access"
	"escutcheon/fault"
)

// Provider is an OpenID provider that signs people in.
type Provider struct {
	Issuer, Client, Secret string

	mu    sync.Mutex
	found *oidc.Provider
}

// CallbackPath is where the provider sends people back to.
const CallbackPath = "/oidc/callback"

// oidcCookie holds the session in which a sign-in is under way.
const oidcCookie = "escutcheon-oidc"

// askTime is how long a provider may take to answer.
const askTime = 15 * time.Second

// Find asks the provider what it is, once it answers.
func (p *Provider) Find(ctx context.Context) (*oidc.Provider, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.found != nil {
		return p.found, nil
	}
	ctx, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	client := oidc.ClientContext(context.WithoutCancel(ctx), &http.Client{Timeout: askTime})
	found, err := oidc.NewProvider(client, p.Issuer)
	if err != nil {
		return nil, fault.New(fault.Busy, "The provider %s does not answer as one: %v. Try again in a moment.", p.Issuer, err)
	}
	p.found = found
	return found, nil
}

func (p *Provider) config(found *oidc.Provider, base string) *oauth2.Config {
	return &oauth2.Config{ClientID: p.Client, ClientSecret: p.Secret, Endpoint: found.Endpoint(),
		RedirectURL: base + CallbackPath, Scopes: []string{oidc.ScopeOpenID, "profile", "email"}}
}

// base is the address under which a request came.
func base(r *http.Request) string {
	if Secure(r) {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

// Begin sends somebody to the provider. setup is the secret of the set-up link, or "".
func (g *Gate) Begin(w http.ResponseWriter, r *http.Request, next, setup string) (string, error) {
	found, err := g.Provider.Find(r.Context())
	if err != nil {
		return "", err
	}
	ctx, err := g.sessions.Load(r.Context(), "")
	if err != nil {
		return "", err
	}
	state, nonce, verifier := access.NewSecret(), access.NewSecret(), oauth2.GenerateVerifier()
	for k, v := range map[string]string{"state": state, "nonce": nonce, "verifier": verifier, "next": next,
		"setup": setup} {
		g.sessions.Put(ctx, k, v)
	}
	g.sessions.SetDeadline(ctx, g.Now().Add(10*time.Minute))
	token, expiry, err := g.sessions.Commit(ctx)
	if err != nil {
		return "", err
	}
	http.SetCookie(w, g.cookie(r, oidcCookie, token, expiry))
	return g.Provider.config(found, base(r)).AuthCodeURL(state, oidc.Nonce(nonce),
		oauth2.S256ChallengeOption(verifier)), nil
}

// End takes what the provider sent somebody back with, lets them in and says where
// they wanted to go.
func (g *Gate) End(w http.ResponseWriter, r *http.Request) (next string, err error) {
	again := func(format string, args ...any) error {
		return fault.New(fault.Invalid, format+" Sign in again.", args...)
	}
	c, err := r.Cookie(oidcCookie)
	if err != nil {
		return "", again("This sign-in was not begun in this browser, or took too long.")
	}
	ctx, err := g.sessions.Load(r.Context(), c.Value)
	if err != nil {
		return "", err
	}
	state, nonce, verifier := g.sessions.GetString(ctx, "state"), g.sessions.GetString(ctx, "nonce"),
		g.sessions.GetString(ctx, "verifier")
	setup := g.sessions.GetString(ctx, "setup")
	next = g.sessions.GetString(ctx, "next")
	if err := g.sessions.Destroy(ctx); err != nil { // a state is good once
		return "", err
	}
	q := r.URL.Query()
	switch {
	case state == "" || q.Get("state") != state:
		return "", again("This sign-in was not begun in this browser, or took too long.")
	case q.Get("error") != "":
		return "", again("The provider did not sign you in: %s.", q.Get("error"))
	}
	found, err := g.Provider.Find(r.Context())
	if err != nil {
		return "", err
	}
	who, err := g.Provider.who(r.Context(), found, base(r), q.Get("code"), verifier, nonce)
	if err != nil {
		return "", again("The provider's answer does not hold: %v.", err)
	}
	first := g.IsSetup(setup)
	if setup != "" && !first {
		return "", again("The set-up link has been used.")
	}
	name := who.name()
	a, err := g.Store.SubjectAccount(r.Context(), who.subject, name, first)
	if fault.CodeOf(err) == fault.Invalid && !first { // the name is somebody else's
		a, err = g.Store.SubjectAccount(r.Context(), who.subject, fmt.Sprintf("%s (%s)", name, short(who.Sub)), false)
	}
	if err != nil {
		return "", err
	}
	if a.Disabled {
		return "", fault.New(fault.Invalid, "The account %s may not enter.", a.Name)
	}
	if first {
		g.spent()
	}
	return next, g.begin(w, r, a)
}

func short(s string) string { return s[:min(len(s), 24)] }

type claims struct {
	Sub       string `json:"sub"`
	Name      string `json:"name"`
	Preferred string `json:"preferred_username"`
	Email     string `json:"email"`
	subject   string
}

// name is what an account is called after.
func (c claims) name() string {
	for _, n := range []string{c.Preferred, c.Email, c.Name, c.Sub} {
		if n = strings.TrimSpace(n); n != "" {
			return n[:min(len(n), 80)]
		}
	}
	return c.Sub
}

func (p *Provider) who(ctx context.Context, found *oidc.Provider, base, code, verifier, nonce string) (c claims,
	err error) {
	ctx, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	token, err := p.config(found, base).Exchange(ctx, code, oauth2.VerifierOption(verifier))
	if err != nil {
		return c, err
	}
	raw, ok := token.Extra("id_token").(string)
	if !ok {
		return c, errors.New("it has no id_token")
	}
	id, err := found.Verifier(&oidc.Config{ClientID: p.Client}).Verify(ctx, raw)
	if err != nil {
		return c, err
	}
	if id.Nonce != nonce {
		return c, errors.New("its nonce is another one")
	}
	if err := id.Claims(&c); err != nil {
		return c, err
	}
	if c.Preferred+c.Email+c.Name == "" { // some tell it only where they are asked for it
		info, err := found.UserInfo(ctx, oauth2.StaticTokenSource(token))
		if err != nil {
			return c, err
		}
		if info.Subject != id.Subject {
			return c, errors.New("it tells of somebody else")
		}
		if err := info.Claims(&c); err != nil {
			return c, err
		}
	}
	subject, err := json.Marshal([]string{id.Issuer, id.Subject})
	c.subject = string(subject)
	return c, err
}
