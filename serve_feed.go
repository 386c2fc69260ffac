package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"sync"
	"time"

	"escutcheon/fault"
	"escutcheon/feed"
	"escutcheon/importer"
	"escutcheon/web"
	"escutcheon/wire"
)

// feedFlags say where live events come from.
type feedFlags struct {
	listen, tokens, syslog, clients *string
	allowed                         []netip.Prefix
	folders                         []string
}

func newFeedFlags(fs *flag.FlagSet) *feedFlags {
	f := &feedFlags{
		listen: fs.String("feed-listen", "", "the `address` on which forwarders send events: HTTP Event Collector, "+
			"Elasticsearch bulk, OTLP"),
		tokens: fs.String("feed-token-file", "", "a `file` of tokens for forwarders, one a line: TOKEN [name=NAME] "+
			"[zone=ZONE]"),
		syslog:  fs.String("syslog-listen", "", "the `address` on which syslog (RFC 5424) is taken, over TCP, or TLS"),
		clients: fs.String("syslog-client-ca", "", "a PEM `file`: whoever has a certificate of these may send syslog"),
	}
	fs.Func("syslog-allow", "a network (`CIDR`) whose machines may send syslog without a certificate; this machine may "+
		"(may be given more than once)", func(v string) error {
		p, err := netip.ParsePrefix(v)
		if err != nil {
			return errors.New("write it as in 10.1.0.0/16")
		}
		f.allowed = append(f.allowed, p.Masked())
		return nil
	})
	fs.Func("watch", "a `folder` whose files are imported when they are whole (may be given more than once)",
		func(v string) error {
			dir, err := filepath.Abs(v)
			if err != nil {
				return err
			}
			if info, err := os.Stat(dir); err != nil || !info.IsDir() {
				return fmt.Errorf("%q is no folder", v)
			}
			f.folders = append(f.folders, dir)
			return nil
		})
	return f
}

func (f *feedFlags) any() bool { return *f.listen != "" || *f.syslog != "" || len(f.folders) > 0 }

// check says what does not go together.
func (f *feedFlags) check(door *wireFlags, silent bool) error {
	switch {
	case silent && f.any():
		return usageError{"nothing is stored here, so nothing can come: leave --feed-listen, --syslog-listen and --watch out"}
	case *f.tokens != "" && *f.listen == "":
		return usageError{"--feed-token-file goes with --feed-listen"}
	case *f.syslog == "" && (len(f.allowed) > 0 || *f.clients != ""):
		return usageError{"--syslog-allow and --syslog-client-ca go with --syslog-listen"}
	case *f.clients != "" && !door.tls():
		return usageError{"--syslog-client-ca needs TLS: give --tls-cert and --tls-key or --tls-self-signed"}
	}
	for name, at := range map[string]string{"--feed-listen": *f.listen, "--syslog-listen": *f.syslog} {
		if at != "" && !wire.IsLoopback(at) && !door.tls() && !*door.insecure {
			return usageError{"without TLS whoever is on the way reads tokens and events: with " + name + " give --tls-cert " +
				"and --tls-key or --tls-self-signed, or say --insecure"}
		}
	}
	return nil
}

// feeds is what takes live events.
type feeds struct {
	feeder *importer.Feeder
	log    *slog.Logger
	wg     sync.WaitGroup
	at     []string // what listens where, in words
}

// takers are where what comes goes.
type takers struct {
	feeder *importer.Feeder
	tokens feed.Tokens
	files  feed.FileStore
	keep   func(dir string) feed.Keep
}

// start begins to take what comes, until ctx is done. stop ends the server.
func (f *feedFlags) start(ctx context.Context, to takers, door *wireFlags, cert *wire.Certificate, log *slog.Logger,
	stop func(error)) (*feeds, error) {
	run := &feeds{feeder: to.feeder, log: log}
	var secure *tls.Config
	if cert != nil {
		secure = cert.Config()
	}
	if err := f.http(ctx, run, to.tokens, door, secure, stop); err != nil {
		return run, err
	}
	if err := f.messages(ctx, run, secure); err != nil {
		return run, err
	}
	for _, dir := range f.folders {
		w := &feed.Folder{Dir: dir, Store: to.files, Keep: to.keep(dir), Rates: run.feeder.Rates, Log: log, Now: time.Now}
		run.at = append(run.at, "Escutcheon watches "+dir)
		run.wg.Go(func() {
			end := inBackground(ctx, log, "folder", w.Run)
			<-ctx.Done()
			end()
		})
	}
	return run, nil
}

// close waits until what was taken is stored.
func (r *feeds) close() {
	r.wg.Wait()
	if r.feeder != nil {
		r.feeder.Close()
	}
}

// http takes what is sent over HTTP.
func (f *feedFlags) http(ctx context.Context, run *feeds, known feed.Tokens, door *wireFlags, secure *tls.Config,
	stop func(error)) error {
	if *f.listen == "" {
		return nil
	}
	s := &feed.Server{Take: run.feeder, Rates: run.feeder.Rates, Tokens: known, Log: run.log}
	if *f.tokens != "" {
		in, err := os.Open(*f.tokens)
		if err != nil {
			return fault.New(fault.Invalid, "The tokens for feeds cannot be read: %v.", err)
		}
		defer in.Close()
		if s.File, err = feed.ReadTokens(in); err != nil {
			return fault.New(fault.Invalid, "The tokens in %q cannot be read: %v.", *f.tokens, err)
		}
	}
	limits := &wire.Limits{Requests: *door.requests, Now: time.Now, Loopback: len(door.proxies) > 0}
	at := web.Listen{Address: *f.listen, TLS: secure, Rules: wire.Rules{Limits: limits, Proxies: door.proxies}}
	handler := door.proxies.Forwarded(limits.Limit(s.Handler(), s.Throttled))
	ready, failed := make(chan net.Addr, 1), make(chan error, 1)
	run.wg.Go(func() {
		if err := web.Serve(ctx, at, handler, run.log, func(a net.Addr) { ready <- a }); err != nil {
			failed <- err
			stop(fault.New(fault.Invalid, "Feeds are not taken any more: %v.", err))
		}
	})
	select {
	case addr := <-ready:
		scheme := "http"
		if secure != nil {
			scheme = "https"
		}
		run.at = append(run.at, fmt.Sprintf("Escutcheon takes feeds on %s://%s", scheme, addr))
		return nil
	case err := <-failed:
		return fault.New(fault.Invalid, "Feeds cannot be taken: %v.", err)
	}
}

// messages takes syslog.
func (f *feedFlags) messages(ctx context.Context, run *feeds, secure *tls.Config) error {
	if *f.syslog == "" {
		return nil
	}
	s := &feed.Syslog{Take: run.feeder, Rates: run.feeder.Rates, Log: run.log, Allowed: append(f.allowed,
		netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128"))}
	ln, err := net.Listen("tcp", *f.syslog)
	if err != nil {
		return fault.New(fault.Invalid, "Syslog cannot be taken: %v.", err)
	}
	at, kind := ln.Addr(), "TCP"
	if secure != nil {
		secure, kind = secure.Clone(), "TLS"
		secure.NextProtos = nil
		if *f.clients != "" {
			pem, err := os.ReadFile(*f.clients)
			pool := x509.NewCertPool()
			if err == nil && !pool.AppendCertsFromPEM(pem) {
				err = errors.New("there is no certificate in it")
			}
			if err != nil {
				return fault.New(fault.Invalid, "The certificates of --syslog-client-ca cannot be read: %v.", err)
			}
			secure.ClientCAs, secure.ClientAuth = pool, tls.VerifyClientCertIfGiven
		}
		ln = tls.NewListener(ln, secure)
	}
	run.at = append(run.at, fmt.Sprintf("Escutcheon takes syslog over %s on %s", kind, at))
	run.wg.Go(func() {
		if err := s.Serve(ctx, ln); err != nil {
			run.log.Error("syslog is not taken any more", "error", err)
		}
	})
	return nil
}
