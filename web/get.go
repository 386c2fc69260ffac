package web

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"

	"escutcheon/fault"
	"escutcheon/handlers"
	"escutcheon/wire"
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
	w := answer{header: http.Header{}, to: to}
	if err := w.serve(New(h, h.Log, wire.Rules{}), r); err != nil || w.whole() {
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

// answer is an answer: one that is whole goes on, what says why there is none is kept.
type answer struct {
	header http.Header
	status int
	to     io.Writer
	err    error // of to
	body   bytes.Buffer
}

// serve has a request answered, and says why the answer broke off.
func (a *answer) serve(h http.Handler, r *http.Request) (err error) {
	defer func() {
		if p := recover(); p == http.ErrAbortHandler {
			err = cmp.Or(a.err, fault.New(fault.Internal, "It broke off: what was written is not whole."))
		} else if p != nil {
			panic(p)
		}
	}()
	h.ServeHTTP(a, r)
	return a.err
}

func (a *answer) whole() bool { return a.status == http.StatusOK || a.status == 0 }

func (a *answer) Header() http.Header { return a.header }

func (a *answer) Write(b []byte) (int, error) {
	if !a.whole() {
		return a.body.Write(b)
	}
	n, err := a.to.Write(b)
	if a.err = cmp.Or(a.err, err); err != nil {
		err = &net.OpError{Op: "write", Err: err} // to the handler it is a client that takes no more
	}
	return n, err
}

func (a *answer) WriteHeader(status int) {
	if a.status == 0 {
		a.status = status
	}
}
