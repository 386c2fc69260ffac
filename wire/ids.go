package wire

import (
	"context"
	"crypto/rand"
	"log/slog"
	"net/http"
	"regexp"
)

type idKey struct{}

// goodID is what a proxy may call a request: it stands in lines of the log.
var goodID = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)

// Identified gives each request an id, that of a proxy that is believed where it
// has one, and answers it.
func Identified(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := r.Header.Get(requestID)
		if !goodID.MatchString(id) {
			id = rand.Text()
		}
		w.Header().Set(requestID, id)
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), idKey{}, id)))
	})
}

// LogIDs has each line say of which request it is, where its context knows.
func LogIDs(h slog.Handler) slog.Handler { return withID{h} }

type withID struct{ slog.Handler }

func (h withID) Handle(ctx context.Context, r slog.Record) error {
	if id, ok := ctx.Value(idKey{}).(string); ok {
		r.AddAttrs(slog.String("request", id))
	}
	return h.Handler.Handle(ctx, r)
}

func (h withID) WithAttrs(a []slog.Attr) slog.Handler { return withID{h.Handler.WithAttrs(a)} }
func (h withID) WithGroup(name string) slog.Handler   { return withID{h.Handler.WithGroup(name)} }
