package wire

import (
	"bytes"
	"crypto/sha256"
	"crypto/tls"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
	"sync"
	"time"
)

// Certificate is a certificate in files, read again when they change.
type Certificate struct {
	cert, key string
	log       *slog.Logger

	mu     sync.Mutex
	loaded *tls.Certificate
	of     []os.FileInfo // how the files stood that it was read from
}

// LoadCertificate reads a certificate, with those that lead to its issuer, and
// its key: PEM, in two files or in one.
func LoadCertificate(cert, key string, log *slog.Logger) (*Certificate, error) {
	c := &Certificate{cert: cert, key: key, log: log, of: stand(cert, key)}
	pair, err := tls.LoadX509KeyPair(cert, key)
	c.loaded = &pair
	return c, err
}

// stand is how files stand: whoever replaces one changes that, also by one of the same
// size within the same tick of the clock.
func stand(names ...string) (out []os.FileInfo) {
	for _, name := range names {
		fi, err := os.Stat(name)
		if err != nil {
			fi = nil
		}
		out = append(out, fi)
	}
	return out
}

func sameStand(a, b []os.FileInfo) bool {
	return slices.EqualFunc(a, b, func(a, b os.FileInfo) bool {
		if a == nil || b == nil {
			return a == nil && b == nil
		}
		return os.SameFile(a, b) && a.Size() == b.Size() && a.ModTime().Equal(b.ModTime())
	})
}

// get is the certificate as the files have it now. While they do not go together,
// as between two renewals, it is the one before.
func (c *Certificate) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := stand(c.cert, c.key)
	if sameStand(now, c.of) {
		return c.loaded, nil
	}
	c.of = now
	pair, err := tls.LoadX509KeyPair(c.cert, c.key)
	if err != nil {
		c.log.Warn("the certificate is not read again; the one before stays", "err", err)
		return c.loaded, nil
	}
	c.loaded = &pair
	c.log.Info("the certificate was read again", "until", pair.Leaf.NotAfter.UTC().Format(time.RFC3339))
	return c.loaded, nil
}

// Config serves it, by HTTP/2 too.
func (c *Certificate) Config() *tls.Config {
	return &tls.Config{GetCertificate: c.get, MinVersion: tls.VersionTLS12}
}

// Issued says whether somebody else vouches for it. Of one that vouches for
// itself a browser must not learn to insist on TLS: nobody could pass its warning.
func (c *Certificate) Issued() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return !bytes.Equal(c.loaded.Leaf.RawIssuer, c.loaded.Leaf.RawSubject)
}

// Fingerprint is its SHA-256 as browsers show it.
func (c *Certificate) Fingerprint() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	sum := sha256.Sum256(c.loaded.Leaf.Raw)
	return strings.ReplaceAll(fmt.Sprintf("% X", sum), " ", ":")
}
