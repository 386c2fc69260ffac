package handlers

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"escutcheon/fault"
)

// zoneCookie keeps the zone that an analyst reads times in besides UTC.
const zoneCookie = "zone"

// ownZone is that zone; nil is none.
func ownZone(c echo.Context) *time.Location {
	cookie, err := c.Cookie(zoneCookie)
	if err != nil {
		return nil
	}
	name, err := url.QueryUnescape(cookie.Value)
	if err != nil || name == "" {
		return nil
	}
	zone, err := loadZone(name)
	if err != nil {
		return nil
	}
	return zone
}

// loadZone is a zone by its IANA name.
func loadZone(name string) (*time.Location, error) {
	if name == "Local" || len(name) > 100 {
		return nil, fault.New(fault.Invalid, "There is no time zone %q. Type a name like Europe/Berlin.", cut(name, 80))
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return nil, fault.New(fault.Invalid, "There is no time zone %q. Type a name like Europe/Berlin.", cut(name, 80))
	}
	return zone, nil
}

// SetZone keeps the zone of the form; an empty one, or UTC, is UTC alone.
func (h *Handlers) SetZone(c echo.Context) error {
	name := strings.TrimSpace(formText(c, "zone"))
	if strings.EqualFold(name, "UTC") {
		name = ""
	}
	if name != "" {
		if _, err := loadZone(name); err != nil {
			return err
		}
	}
	remember(c, zoneCookie, url.QueryEscape(name))
	return c.Redirect(http.StatusSeeOther, backOf(c, "/"))
}

// timesZone are the zones of a page's times.
func timesZone(c echo.Context) string {
	if zone := ownZone(c); zone != nil {
		return "UTC, " + zone.String()
	}
	return ""
}
