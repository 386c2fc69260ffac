package web

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"escutcheon/access"
	"escutcheon/handlers"
	"escutcheon/signin"
)

// open are the routes for which nobody has to be signed in.
var open = map[string]bool{"/login": true, "/setup": true, signin.CallbackPath: true, "/static/*": true,
	"/healthz": true, "/readyz": true, "/favicon.ico": true}

// special are the routes that take another role than most of their method: by method and
// route.
var special = map[string]access.Role{
	// What somebody does for themselves, or what changes nothing.
	"POST /logout":                    access.Viewer,
	"POST /logout/everywhere":         access.Viewer,
	"POST /account/password":          access.Viewer,
	"POST /account/tokens":            access.Viewer,
	"POST /account/tokens/:id/revoke": access.Viewer,
	"POST /zone":                      access.Viewer,
	"POST /notes/preview":             access.Viewer,
	"POST /search/jobs/:id/stop":      access.Viewer,
	"POST /cases/:id/verify":          access.Viewer,
	"POST /evidence/:id/verify":       access.Viewer,
	// Who did what, from which address.
	"GET /audit":     access.Analyst,
	"GET /audit.csv": access.Analyst,
	// How the machine does, for everybody's work.
	"GET /metrics": access.Admin,
	// What decides for everybody.
	"GET /accounts":                 access.Admin,
	"POST /accounts":                access.Admin,
	"POST /feeds/tokens":            access.Admin,
	"POST /feeds/tokens/:id/revoke": access.Admin,
	"POST /accounts/:id":            access.Admin,
	"POST /rules":                   access.Admin,
	"POST /rules/:id/delete":        access.Admin,
	"POST /rules/:id/enable":        access.Admin,
	"POST /rules/:id/disable":       access.Admin,
	"POST /rules/:id/filter":        access.Admin,
	"POST /search/rule":             access.Admin,
	"POST /settings":                access.Admin,
	"POST /settings/templates":      access.Admin,
	"POST /settings/snippets":       access.Admin,
	"POST /settings/originals":      access.Admin,
	"POST /settings/retention":      access.Admin,
	"POST /settings/logo":           access.Admin,
}

// Needs is the role that a route takes: to look a viewer's, to change something an
// analyst's. What is not known takes what a change takes.
func Needs(method, route string) access.Role {
	if open[route] {
		return access.None
	}
	if method == http.MethodHead {
		method = http.MethodGet
	}
	if r, ok := special[method+" "+route]; ok {
		return r
	}
	if method == http.MethodGet {
		return access.Viewer
	}
	return access.Analyst
}

// admit lets in who may do what they ask for. Without a gate accounts are off.
func admit(gate *signin.Gate) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			if gate == nil {
				return next(c)
			}
			r := c.Request()
			who, err := gate.Identify(r)
			if err != nil {
				return err
			}
			need := Needs(r.Method, c.Path())
			if who.Role == access.None {
				if need == access.None {
					return next(c)
				}
				return nobody(c)
			}
			c.SetRequest(r.WithContext(access.With(r.Context(), who)))
			if who.Role < need {
				return echo.NewHTTPError(http.StatusForbidden, "This takes the role "+need.String()+"; you are "+
					who.Role.String()+". Ask an admin.")
			}
			return next(c)
		}
	}
}

// nobody sends a person to the page where they sign in, and tells a program.
func nobody(c echo.Context) error {
	r := c.Request()
	if handlers.WantsJSON(c) || !strings.Contains(r.Header.Get(echo.HeaderAccept), "text/html") ||
		r.Header.Get(echo.HeaderAuthorization) != "" {
		c.Response().Header().Set(echo.HeaderWWWAuthenticate, `Bearer realm="Escutcheon"`)
		return c.JSON(http.StatusUnauthorized, map[string]string{
			"error": "Sign in, or send a token that is good: Authorization: Bearer TOKEN."})
	}
	next := r.URL.RequestURI()
	if r.Method != http.MethodGet && r.Method != http.MethodHead { // back to the form
		next = "/"
		if from, err := url.Parse(r.Referer()); err == nil && from.Host == r.Host {
			next = from.RequestURI()
		}
	}
	return c.Redirect(http.StatusSeeOther, handlers.LoginURL(next))
}
