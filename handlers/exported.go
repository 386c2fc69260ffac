package handlers

import (
	"maps"
	"net/http"
	"path"
	"strings"

	"github.com/labstack/echo/v4"

	"escutcheon/store"
)

// exported tells the audit trail that a file leaves, before its first byte does: of
// which object, and with which filters.
func (h *Handlers) exported(c echo.Context, object string) error {
	if h.Ask.Audit == nil || c.Request().Method == http.MethodHead {
		return nil
	}
	q := maps.Clone(c.QueryParams())
	if c.Param("dest") != "" {
		q.Set("dest", destParam(c))
	}
	if c.Param("name") != "" {
		q.Set("name", userParam(c))
	}
	return h.Ask.Audit.Audit(c.Request().Context(),
		store.AuditEntry{Action: "exported", Object: object, Field: q.Encode()})
}

// exportOf is the object of a file that is sent under a path: a table or a picture by
// its name, and what is of one import, case … by that.
func exportOf(c echo.Context) string {
	kind, name := strings.TrimSuffix(strings.Split(c.Path(), "/")[1], "s"), path.Base(c.Path())
	if id := c.Param("id"); id != "" {
		return kind + " " + id + " " + name
	}
	return name
}
