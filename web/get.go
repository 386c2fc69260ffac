package web

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"

	"escutcheon/fault"
	"escutcheon/handlers"
)

// Get writes what the console answers under an address, without a server: for
// commands that print what a browser would save.
func Get(ctx context.Context, h *Config, address string, to io.Writer) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return err
	}
	r.RemoteAddr = handlers.CommandLine
	r.Header.Set("Accept", "application/json") // of what goes wrong
	w := answer{header: http.Header{}}
	New(h, h.Log, nil).ServeHTTP(&w, r)
	if w.status == http.StatusOK || w.status == 0 {
		_, err := to.Write(w.body.Bytes())
		return err
	}
	var said struct{ Error string }
	if json.Unmarshal(w.body.Bytes(), &said) != nil || said.Error == "" {
		said.Error = http.StatusText(w.status)
	}
	code := fault.Internal
	switch w.status {
	case http.StatusNotFound:
		code = fault.NotFound
	case http.StatusBadRequest:
		code = fault.Invalid
	}
	return fault.New(code, "%s", said.Error)
}

// answer is an answer that is kept.
type answer struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (a *answer) Header() http.Header         { return a.header }
func (a *answer) Write(b []byte) (int, error) { return a.body.Write(b) }
func (a *answer) WriteHeader(status int) {
	if a.status == 0 {
		a.status = status
	}
}
