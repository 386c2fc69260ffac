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
// its name; what is of one import, case … by that and the rest of the path.
func exportOf(c echo.Context) string {
	parts := strings.Split(strings.TrimPrefix(c.Path(), "/"), "/")
	if len(parts) < 3 || parts[1] != ":id" {
		return path.Base(c.Path())
	}
	parts[0] = strings.TrimSuffix(parts[0], "s")
	for i := range parts {
		if name, ok := strings.CutPrefix(parts[i], ":"); ok {
			parts[i] = c.Param(name)
		}
	}
	if id, ok := store.ParseCaseNumber(parts[1]); ok && parts[0] == "case" {
		parts[1] = store.CaseNumber(id)
	}
	return strings.Join(parts, " ")
}
