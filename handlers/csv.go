package handlers

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"escutcheon/event"
	"escutcheon/export"
)

// FindingsCSV is the current filter of a list of findings, whole. Without a rule
// it is the seed's; of a host all.
func (h *Handlers) FindingsCSV(c echo.Context) error {
	ctx, q := c.Request().Context(), maps.Clone(c.QueryParams())
	if c.Param("dest") != "" && q.Get("rule") == "" {
		q.Set("rule", allRules)
	}
	f, r, err := h.findingFilter(c, q)
	if err != nil {
		return err
	}
	return h.csv(c, "findings", f.Dest, func(w io.Writer) error {
		if r == nil {
			return export.AllCSV(ctx, w, h.Ask.Export, h.Book.Content().Rules, f)
		}
		return export.FindingsCSV(ctx, w, h.Ask.Export, r, f)
	})
}

// RiskCSV is the current filter of the hosts by risk, whole.
func (h *Handlers) RiskCSV(c echo.Context) error {
	ctx := c.Request().Context()
	f, err := h.listFilter(c, strings.Join(c.QueryParams()["status"], ","))
	if err != nil {
		return err
	}
	if c.Param("dest") != "" || c.QueryParam("dest") != "" {
		f.Dest = destParam(c)
	}
	return h.csv(c, "risk", f.Dest, func(w io.Writer) error {
		return export.RiskCSV(ctx, w, h.Ask.Export, f)
	})
}

// NotesCSV is the notes of a host, or of all.
func (h *Handlers) NotesCSV(c echo.Context) error {
	dest := destParam(c)
	return h.csv(c, "notes", dest, func(w io.Writer) error {
		return export.NotesCSV(c.Request().Context(), w,
			h.Ask.Export, dest)
	})
}

// csv streams a table.
func (h *Handlers) csv(c echo.Context, name, dest string, write func(io.Writer) error) error {
	return h.stream(c, "text/csv; charset=utf-8", fileName(name, dest)+".csv", write)
}

// stream sends a file under a name of ours. Nothing is sent before the first
// bytes or error, so that an early failure is still a page; one after that
// breaks the connection: a file that ends neatly must be whole.
func (h *Handlers) stream(c echo.Context, kind, name string, write func(io.Writer) error) error {
	return h.streamAs(c, kind, fmt.Sprintf(`attachment; filename="%s"`, name), write)
}

// streamAs is stream with a header that says what the file is called.
func (h *Handlers) streamAs(c echo.Context, kind, name string, write func(io.Writer) error) error {
	if err := h.exported(c, exportOf(c)); err != nil {
		return err
	}
	out := c.Response()
	out.Header().Set(echo.HeaderContentType, kind)
	out.Header().Set(echo.HeaderContentDisposition, name)
	err := write(out)
	if err == nil {
		return nil
	}
	if !out.Committed {
		out.Header().Del(echo.HeaderContentType)
		out.Header().Del(echo.HeaderContentDisposition)
		return err
	}
	var theirs *net.OpError
	switch {
	case errors.As(err, &theirs): // the client went, or took nothing and was cut
		h.Log.InfoContext(c.Request().Context(), "download broke off", "file", name, "err", err)
	case !errors.Is(err, c.Request().Context().Err()):
		h.Log.ErrorContext(c.Request().Context(), "download broke off", "file", name, "err", err)
	}
	panic(http.ErrAbortHandler)
}

// fileName names a download by its table and host, of a host only what every
// file system takes.
func fileName(name, dest string) string {
	if dest == "" {
		return name
	}
	safe := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '-' || r == '.' {
			return r
		}
		return '_'
	}, event.NormalizeHost(dest))
	return name + "-" + safe[:min(len(safe), 100)]
}
