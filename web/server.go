// Package web is the console's HTTP side: routes, middleware, security
// headers, the one place that turns errors into pages, and the server's start
// and stop. What a page shows is handlers' business, how it looks is views'.
package web

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"escutcheon/handlers"
	"escutcheon/static"
)

// shutdownTime is how long open requests may take to end.
const shutdownTime = 10 * time.Second

// New returns the console as an HTTP handler. When names is not nil, requests
// to a host of any other name are refused.
func New(h *handlers.Handlers, log *slog.Logger, names []string) http.Handler {
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	e.HTTPErrorHandler = errorHandler(h, log)
	e.Use(logRequests(log), secure, onlyHosts(names), limitBodies)
	routes(e, h)
	// Browsers say where a request comes from; one that changes something and
	// comes from another site is refused, without tokens in forms.
	guard := http.NewCrossOriginProtection()
	guard.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := e.NewContext(r, w)
		setSecurityHeaders(w.Header())
		e.HTTPErrorHandler(errCrossOrigin, c)
	}))
	return guard.Handler(e)
}

func routes(e *echo.Echo, h *handlers.Handlers) {
	e.GET("/", h.Hosts)
	e.GET("/hosts/:dest", h.Host)
	e.GET("/hosts/", h.Host) // ?dest=: names that no path can hold
	e.GET("/hosts/:dest/findings.csv", h.FindingsCSV)
	e.GET("/hosts/:dest/risk.csv", h.RiskCSV)
	e.GET("/hosts/:dest/notes.csv", h.NotesCSV)
	e.POST("/hosts/:dest/notes", h.AddNote)
	e.POST("/hosts/notes", h.AddNote) // ?dest=
	e.GET("/notes/:id/edit", h.EditNotePage)
	e.POST("/notes/:id", h.EditNote)
	e.POST("/notes/:id/delete", h.DeleteNote)
	e.GET("/findings", h.Findings)
	e.GET("/findings/:id", h.Finding)
	e.GET("/events", h.Unattributed)
	e.GET("/events/:id", h.Event)
	e.GET("/events/:id/raw", h.EventRaw)
	e.GET("/imports", h.Imports)
	e.POST("/imports", h.Upload)
	e.GET("/imports/:id", h.Import)
	e.POST("/imports/:id/cancel", h.CancelImport)
	e.POST("/demo", h.Demo)
	e.GET("/rules", h.RuleList)
	e.GET("/rules/:id", h.Rule)
	e.GET("/search", h.Search)
	e.GET("/findings.csv", h.FindingsCSV)
	e.GET("/risk.csv", h.RiskCSV)
	e.GET("/notes.csv", h.NotesCSV)
	e.GET("/healthz", h.Health)
	e.GET("/static/*", echo.WrapHandler(static.Handler()))
	e.GET("/favicon.ico", func(c echo.Context) error {
		return c.Redirect(http.StatusFound, static.URL("icon.svg"))
	})
}

// Serve listens until ctx is done, then lets open requests end.
func Serve(ctx context.Context, listen string, h http.Handler, log *slog.Logger, ready func(addr net.Addr)) error {
	ln, err := net.Listen("tcp", listen)
	if err != nil {
		return fmt.Errorf("listen on %s: %w (choose another address with --listen)", listen, err)
	}
	// Requests may take as long as an upload takes; only silence ends them.
	srv := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10,
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn)}
	failed := make(chan error, 1)
	go func() { failed <- srv.Serve(ln) }()
	ready(ln.Addr())
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTime)
	defer cancel()
	err = srv.Shutdown(end)
	if errors.Is(err, context.DeadlineExceeded) {
		err = srv.Close() // an upload that would take longer: the browser is told
	}
	return err
}
