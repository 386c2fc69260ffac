package web

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"escutcheon/fault"
)

// changeless are requests of other methods than GET that change nothing in the
// database.
var changeless = map[string]bool{"/zone": true, "/notes/preview": true, "/search/jobs/:id/stop": true}

// onlyRead refuses, where the database may only be read, what asks for a change,
// before anything of it is taken in.
func onlyRead(is bool) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			if m := c.Request().Method; is && m != http.MethodGet && m != http.MethodHead && !changeless[c.Path()] {
				return fault.New(fault.ReadOnly, "This database is only read: its file or its folder is write-protected, so "+
					"nothing was changed. Copy it to where it may be written, and serve the copy.")
			}
			return next(c)
		}
	}
}
