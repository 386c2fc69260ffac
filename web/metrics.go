package web

import (
	"bytes"
	"fmt"
	"net/http"
	"time"

	"github.com/VictoriaMetrics/metrics"
	"github.com/labstack/echo/v4"

	"escutcheon/access"
	"escutcheon/handlers"
	"escutcheon/wire"
)

// meter counts what was asked, by route: what stands in an address is nobody's.
type meter struct {
	set     *metrics.Set
	proxied bool
}

func newMeter(rules wire.Rules) *meter {
	metrics.ExposeMetadata(true) // HELP and TYPE, which some readers want
	return &meter{metrics.NewSet(), len(rules.Proxies) > 0}
}

// methods are those that are told apart: a client may write any.
var methods = map[string]bool{http.MethodGet: true, http.MethodHead: true, http.MethodPost: true}

func (m *meter) asked(method, route string, status int, took time.Duration) {
	if !methods[method] {
		method = "other"
	}
	if route == "" || status == http.StatusMethodNotAllowed {
		route = "none"
	}
	m.set.GetOrCreateCounter(fmt.Sprintf(`escutcheon_http_requests_total{method=%q,route=%q,status="%d"}`, method, route,
		status)).Inc()
	m.set.GetOrCreatePrometheusHistogram(fmt.Sprintf(`escutcheon_http_request_duration_seconds{route=%q}`, route)).
		Update(took.Seconds())
}

// show answers what was counted as Prometheus reads it: to an admin, and where accounts
// are off to this machine.
func (m *meter) show(h *handlers.Handlers) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		if h.Gate == nil && (m.proxied || !wire.Client(r).IsLoopback()) {
			return echo.NewHTTPError(http.StatusForbidden, "Without accounts only this machine reads these numbers. Ask "+
				"there, or let people sign in ("+access.Admin.String()+").")
		}
		var b bytes.Buffer
		gauges, err := h.Gauges(r.Context())
		if err != nil {
			return err
		}
		m.set.WritePrometheus(&b)
		for _, g := range gauges {
			metrics.WriteGaugeUint64(&b, g.Name, g.Value)
		}
		metrics.WriteProcessMetrics(&b)
		return c.Blob(http.StatusOK, "text/plain; version=0.0.4; charset=utf-8", b.Bytes())
	}
}
