package handlers

import (
	"context"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"
)

// MeterStore counts what a database holds and does.
type MeterStore interface {
	// UnderWay counts the imports that are queued and that run, without members.
	UnderWay(ctx context.Context) (queued, running uint64, err error)
	// Size is the database's, in bytes.
	Size(ctx context.Context) (uint64, error)
}

// healthTime is how long the database may take to answer.
const healthTime = 5 * time.Second

// Health answers 200 when the database answers.
func (h *Handlers) Health(c echo.Context) error {
	if !h.answers(c) {
		return c.String(http.StatusServiceUnavailable, "the database does not answer\n")
	}
	return c.String(http.StatusOK, "ok\n")
}

// Ready answers 200 when requests and logs may be sent here: the database answers,
// rules are in force, and the server does not stop.
func (h *Handlers) Ready(c echo.Context) error {
	why := ""
	switch {
	case h.Stopping != nil && h.Stopping():
		why = "the server stops"
	case h.Safe:
		why = "no rule is in force: --safe"
	case h.Book.Rules() == nil:
		why = "no rule is in force yet"
	case !h.answers(c):
		why = "the database does not answer"
	default:
		return c.String(http.StatusOK, "ok\n")
	}
	return c.String(http.StatusServiceUnavailable, why+"\n")
}

func (h *Handlers) answers(c echo.Context) bool {
	ctx, cancel := context.WithTimeout(c.Request().Context(), healthTime)
	defer cancel()
	err := h.Ask.Frame.Ping(ctx)
	if err != nil {
		h.Log.ErrorContext(ctx, "health", "err", err)
	}
	return err == nil
}

// Gauge is a number that goes up and down.
type Gauge struct {
	Name  string
	Value uint64
}

// Gauges are what the database holds and does now.
func (h *Handlers) Gauges(ctx context.Context) ([]Gauge, error) {
	queued, running, err := h.Ask.Meters.UnderWay(ctx)
	if err != nil {
		return nil, err
	}
	size, err := h.Ask.Meters.Size(ctx)
	if err != nil {
		return nil, err
	}
	t, err := h.Ask.Imports.Totals(ctx)
	return []Gauge{{`escutcheon_imports{status="queued"}`, queued}, {`escutcheon_imports{status="running"}`, running},
		{"escutcheon_events", uint64(t.Events)}, {"escutcheon_hosts", uint64(t.Hosts)},
		{"escutcheon_findings", uint64(t.Findings)}, {"escutcheon_database_bytes", size},
		{"escutcheon_damaged_rows", uint64(len(h.Ask.Frame.LastScrub().Found))}}, err
}
