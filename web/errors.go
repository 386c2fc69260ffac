package web

import (
	"context"
	"errors"
	"log/slog"
	"net/http"

	"github.com/labstack/echo/v4"

	"escutcheon/fault"
	"escutcheon/handlers"
)

var errCrossOrigin = echo.NewHTTPError(http.StatusForbidden,
	"This request came from another site, so nothing was changed. Do it from the console's own page.")

// statuses maps the kinds of error to HTTP.
var statuses = map[fault.Code]int{
	fault.NotFound: http.StatusNotFound,
	fault.Invalid:  http.StatusBadRequest,
	fault.Conflict: http.StatusConflict,
	fault.TooLarge: http.StatusRequestEntityTooLarge,
	fault.Full:     http.StatusInsufficientStorage,
	fault.Busy:     http.StatusServiceUnavailable,
	fault.Slow:     http.StatusRequestTimeout,
	fault.ReadOnly: http.StatusForbidden,
	fault.Damaged:  http.StatusInternalServerError,
}

// errorHandler logs an error and answers it: a sentence for the person, the
// detail for the log.
func errorHandler(h *handlers.Handlers, log *slog.Logger) echo.HTTPErrorHandler {
	return func(err error, c echo.Context) {
		if c.Response().Committed {
			return // a stream that broke; its handler aborts the connection
		}
		status, sentence := explain(err, c.Request().Method)
		gone := c.Request().Context().Err() != nil
		if gone && (status < http.StatusInternalServerError || errors.Is(err, context.Canceled)) {
			return // nobody is left to answer
		}
		if status >= http.StatusInternalServerError {
			log.ErrorContext(c.Request().Context(), "request", "method", c.Request().Method,
				"path", c.Request().URL.Path, "err", err)
		}
		if status == http.StatusRequestTimeout {
			c.Response().Header().Set("Connection", "close") // the rest is not read
		}
		if rerr := respond(h, c, status, sentence); rerr != nil {
			log.ErrorContext(c.Request().Context(), "error page", "err", rerr)
		}
	}
}

func respond(h *handlers.Handlers, c echo.Context, status int, sentence string) error {
	if c.Request().Method == http.MethodHead {
		return c.NoContent(status)
	}
	if handlers.WantsJSON(c) {
		return c.JSON(status, map[string]string{"error": sentence})
	}
	return h.ErrorPage(c, status, sentence)
}

// explain finds the status and the sentence. echo's own errors come wrapped at
// times, so errors.As looks for them.
func explain(err error, method string) (int, string) {
	var tooBig *http.MaxBytesError
	var he *echo.HTTPError
	f := fault.Find(err)
	switch {
	case f != nil:
		return statuses[f.Code], f.Sentence
	case errors.As(err, &tooBig):
		return http.StatusRequestEntityTooLarge, "What was sent is larger than this page takes."
	case errors.As(err, &he):
		switch he.Code {
		case http.StatusNotFound:
			return he.Code, "There is no such page. Start from the list of hosts."
		case http.StatusMethodNotAllowed:
			return he.Code, "This address does not take " + method + " requests."
		}
		if s, ok := he.Message.(string); ok && he.Code < http.StatusInternalServerError {
			return he.Code, s
		}
	}
	return http.StatusInternalServerError,
		"Something went wrong on our side; the log of the server says what. Nothing was half-stored: try again."
}
