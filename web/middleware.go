package web

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"escutcheon/fault"
	"escutcheon/handlers"
	"escutcheon/wire"
)

// policy lets pages load what the binary ships and nothing else.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

func setSecurityHeaders(h http.Header) {
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin") // with no-referrer, forms send no origin to check
	h.Set("X-Frame-Options", "DENY")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
}

// onlyTLS is for how long a browser that came by TLS is to come by nothing else.
const onlyTLS = "max-age=15552000"

// secure sets the headers before anything is written. Pages hold evidence and
// are not kept in caches; static files say otherwise themselves.
func secure(hsts bool) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			h := c.Response().Header()
			setSecurityHeaders(h)
			if hsts {
				h.Set("Strict-Transport-Security", onlyTLS)
			}
			if !strings.HasPrefix(c.Request().URL.Path, "/static/") {
				h.Set("Cache-Control", "no-store")
			}
			return next(c)
		}
	}
}

// onlyHosts refuses requests to other names than the server's: a page of
// another site could point a name of its own at this machine and read the
// evidence through the visitor's browser.
func onlyHosts(hosts *wire.Hosts) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			if hosts != nil && !hosts.Has(c.Request().Host) {
				return echo.NewHTTPError(http.StatusMisdirectedRequest,
					"This server is asked for under a name that is not its own. Open it by its address, as in http://127.0.0.1 "+
						"with its port, or start it with --allow-host and this name.")
			}
			return next(c)
		}
	}
}

// maxForm bounds every request body but an upload's, which has a limit of its
// own.
const maxForm = 1 << 20

func limitBodies(pace wire.Pace) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			if err := limitBody(c, pace); err != nil {
				return err
			}
			return next(c)
		}
	}
}

func limitBody(c echo.Context, pace wire.Pace) error {
	// A copy: net/http looks at the body of its own request, to see whether
	// all of it was read before it closes a connection.
	r := c.Request().WithContext(c.Request().Context())
	c.SetRequest(r)
	if r.Body != http.NoBody {
		r.Body = pace.Body(r.Body, http.NewResponseController(c.Response()))
	}
	switch {
	case r.Method == http.MethodPost && r.URL.Path == "/imports":
	case r.Method == http.MethodPost && c.Path() == "/cases/:id/files": // read as it comes
		r.Body = http.MaxBytesReader(c.Response(), r.Body, handlers.MostAttached)
	case r.Method == http.MethodPost && r.URL.Path == "/notes/import":
		r.Body = http.MaxBytesReader(c.Response(), r.Body, handlers.MostNotesFile)
	case r.Method == http.MethodPost && r.URL.Path == "/cases/import":
		r.Body = http.MaxBytesReader(c.Response(), r.Body, handlers.MostCaseFile)
	default:
		most := int64(maxForm)
		if r.URL.Path == "/rules" { // a rule of a MiB, with its escapes
			most = 4 * maxForm
		}
		r.Body = http.MaxBytesReader(c.Response(), r.Body, most)
		return readForm(r)
	}
	return nil
}

// recovered turns a panic into an error, but for the one that breaks a
// connection on purpose. Where part of an answer has gone out already, the
// connection breaks too: it must not look whole.
func recovered(c echo.Context, next echo.HandlerFunc, log *slog.Logger) (err error) {
	defer func() {
		switch r := recover(); {
		case r == http.ErrAbortHandler:
			panic(r)
		case r != nil && c.Response().Committed:
			log.ErrorContext(c.Request().Context(), "panic", "path", c.Request().URL.Path, "panic", r,
				"stack", string(debug.Stack()))
			panic(http.ErrAbortHandler)
		case r != nil:
			err = fmt.Errorf("panic: %v\n%s", r, debug.Stack())
		}
	}()
	return next(c)
}

// logRequests writes one line a request, with the status that was sent, and counts it.
// No line has a query, a header or a form: they may hold secrets and evidence.
func logRequests(log *slog.Logger, m *meter) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			began := time.Now()
			c.SetRequest(handlers.Came(c.Request(), began))
			if err := recovered(c, next, log); err != nil {
				c.Error(err) // now, so that the status below is the real one
			}
			r := c.Request()
			took := time.Since(began)
			m.asked(r.Method, c.Path(), c.Response().Status, took)
			log.DebugContext(r.Context(), "request", "method", r.Method, "path", r.URL.Path, "status", c.Response().Status,
				"bytes", c.Response().Size, "took", took.Round(time.Microsecond))
			return nil
		}
	}
}

// readForm reads a form before a handler asks for its values, which would take
// one that cannot be read for an empty one.
func readForm(r *http.Request) error {
	if r.Method != http.MethodPost {
		return nil
	}
	if isJSON(r) {
		return readJSONForm(r)
	}
	err := r.ParseForm()
	if err == nil {
		err = r.ParseMultipartForm(maxForm)
	}
	var tooBig *http.MaxBytesError
	switch {
	case err == nil, errors.Is(err, http.ErrNotMultipart):
		return nil
	case errors.As(err, &tooBig), fault.Find(err) != nil:
		return err
	}
	return fault.New(fault.Invalid, "The form that was sent cannot be read. Open the page again and send it once more.")
}
