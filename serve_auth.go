package main

import (
	"context"
	"flag"
	"fmt"
	"net/url"
	"os"
	"strings"
	"time"

	"escutcheon/db"
	"escutcheon/fault"
	"escutcheon/signin"
)

// authFlags say who may enter.
type authFlags struct {
	mode, issuer, client, secret *string
}

func newAuthFlags(fs *flag.FlagSet) authFlags {
	return authFlags{
		mode: fs.String("auth", "", "who may enter: off (whoever reaches the address), local (accounts with passwords) or "+
			"oidc; off on loopback when not said, local elsewhere"),
		issuer: fs.String("oidc-issuer", "", "the `address` of the OpenID provider"),
		client: fs.String("oidc-client", "", "the `id` of this client there"),
		secret: fs.String("oidc-secret-file", "", "the `file` that holds this client's secret"),
	}
}

// gate is what decides who enters: nil where accounts are off.
func (a authFlags) gate(d *db.DB, loopback, insecure bool) (*signin.Gate, error) {
	mode := *a.mode
	if mode == "" {
		mode = "local"
		if loopback {
			mode = "off"
		}
	}
	if mode != "oidc" && (*a.issuer != "" || *a.client != "" || *a.secret != "") {
		return nil, usageError{"--oidc-issuer, --oidc-client and --oidc-secret-file go with --auth oidc"}
	}
	switch mode {
	case "off":
		if !loopback && !insecure {
			return nil, usageError{"without accounts whoever reaches this address may do everything: leave --auth off out, or " +
				"say --insecure"}
		}
		return nil, nil
	case "local":
		return signin.New(d, d.Sessions(), time.Now), nil
	case "oidc":
		return a.provider(d)
	}
	return nil, usageError{fmt.Sprintf("there is no --auth %q: off, local or oidc", mode)}
}

func (a authFlags) provider(d *db.DB) (*signin.Gate, error) {
	issuer, err := url.Parse(*a.issuer)
	if err != nil || issuer.Host == "" || *a.client == "" {
		return nil, usageError{"--auth oidc needs --oidc-issuer with the provider's address, and --oidc-client"}
	}
	g := signin.New(d, d.Sessions(), time.Now)
	g.Provider = &signin.Provider{Issuer: *a.issuer, Client: *a.client}
	if *a.secret != "" {
		b, err := os.ReadFile(*a.secret)
		if err != nil {
			return nil, fault.New(fault.Invalid, "The client's secret cannot be read: %v.", err)
		}
		g.Provider.Secret = strings.TrimSpace(string(b))
	}
	return g, nil
}

// setupLink is what makes the first account; "" where there is one.
func setupLink(ctx context.Context, g *signin.Gate, base string) (string, error) {
	if g == nil {
		return "", nil
	}
	secret, err := g.SetupSecret(ctx)
	if err != nil || secret == "" {
		return "", err
	}
	return base + "/setup?token=" + secret, nil
}
