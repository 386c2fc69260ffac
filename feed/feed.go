// Package feed takes live events over the network in the words that forwarders
// speak: Splunk's HTTP Event Collector, Elasticsearch's bulk requests, OTLP, syslog;
// and files of watched folders. It checks who sends and answers as the sender
// expects; what events are and how they are stored is the importer's business.
package feed

import (
	"context"
	"crypto/subtle"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"escutcheon/fault"
	"escutcheon/importer"
	"escutcheon/intake"
)

// Tokens knows who may send.
type Tokens interface {
	// FeedTokenBySecret returns the token of a secret, a revoked one too; the error is
	// of the fault NotFound where there is none.
	FeedTokenBySecret(ctx context.Context, secret string) (intake.FeedToken, error)
}

// Taker stores what is sent.
type Taker interface {
	Take(ctx context.Context, s intake.Sent) (importer.Taken, error)
}

// Server answers forwarders.
type Server struct {
	Take   Taker
	Rates  *importer.Rates // is told of what is refused
	Tokens Tokens
	File   []FileToken // of a file of tokens
	Log    *slog.Logger

	room room
	acks acks
}

// Handler answers what is sent over HTTP.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	s.hecRoutes(mux)
	s.otlpRoutes(mux)
	s.bulkRoutes(mux)
	return mux
}

// Why nobody may send.
var (
	errNoToken  = errors.New("there is no token")
	errScheme   = errors.New("the Authorization header is none that is known")
	errUnknown  = errors.New("there is no such token")
	errDisabled = errors.New("the token was revoked")
)

// sender says whose token a request carries.
func (s *Server) sender(r *http.Request) (t intake.FeedToken, err error) {
	secrets, err := secretsOf(r)
	if err != nil {
		return t, err
	}
	for _, secret := range secrets {
		for _, f := range s.File {
			if subtle.ConstantTimeCompare([]byte(f.Secret), []byte(secret)) == 1 {
				return intake.FeedToken{Name: f.Name, Zone: f.Zone}, nil
			}
		}
		t, err := s.Tokens.FeedTokenBySecret(r.Context(), secret)
		switch {
		case fault.CodeOf(err) == fault.NotFound:
			continue
		case err == nil && t.Revoked:
			return t, errDisabled
		}
		return t, err
	}
	return t, errUnknown
}

// stranger is the name under which it is told what was refused of who has no token.
const stranger = "(no token)"

// refused tells that something of a feed was refused.
func (s *Server) refused(name, kind, sentence string) {
	s.Rates.Refused(intake.Feed{Name: name, Kind: kind}, sentence)
}

// unstored says whether an error means that the sender should send it again, and
// when.
func unstored(err error) (again bool, wait time.Duration) {
	switch {
	case errors.Is(err, intake.ErrBusy):
		return true, time.Second
	case fault.CodeOf(err) == fault.Full, fault.CodeOf(err) == fault.Busy:
		return true, 10 * time.Second
	}
	return false, 0
}

// Throttled notes that a client asked for too much at once.
func (s *Server) Throttled(r *http.Request) {
	kind := intake.FeedBulk
	switch {
	case strings.HasPrefix(r.URL.Path, "/services/"):
		kind = intake.FeedHEC
	case r.URL.Path == "/v1/logs":
		kind = intake.FeedOTLP
	}
	s.refused(stranger, kind, "Too much was asked for at once from one address.")
}
