package handlers

import (
	"net"
	"strings"

	"github.com/labstack/echo/v4"

	"escutcheon/access"
	"escutcheon/store"
)

// CommandLine is the address of who uses no browser.
const CommandLine = store.CommandLine

// Signed has each request say who asks: by which address, and the name that the form
// is signed with or that was typed before.
func Signed(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		who := store.Actor{Person: author(c), Address: r.RemoteAddr}
		if host, _, err := net.SplitHostPort(r.RemoteAddr); err == nil {
			who.Address = host
		}
		if who.Address == CommandLine { // no browser, in which a name was typed
			who.Person = CommandLine
		}
		_, who.Proved = access.Of(r.Context())
		if r.PostForm != nil { // an upload is read as it comes
			sign(&who, r.PostForm.Get("author"))
		}
		c.SetRequest(r.WithContext(store.WithActor(r.Context(), who)))
		return next(c)
	}
}

// caseAuthor is who changes a case: the name of formAuthor, else, where the form has no
// place for one, as a program's may, the client's address. A place that was left empty
// is refused.
func caseAuthor(c echo.Context) string {
	name := formAuthor(c)
	if name != "" {
		return name
	}
	if form, err := c.FormParams(); err != nil || form["author"] != nil {
		return ""
	}
	return store.ActorOf(c.Request().Context()).Address
}

// sign gives who asks the name of a form, if there is one.
func sign(who *store.Actor, name string) {
	if name = strings.TrimSpace(plainText(name)); !who.Proved && name != "" && len(name) <= store.MaxAuthor {
		who.Person = name
	}
}

// typedAuthor is who signs what somebody typed a name into: the account, else that name.
func typedAuthor(c echo.Context, typed string) string {
	if i, on := access.Of(c.Request().Context()); on {
		return i.Name
	}
	return strings.TrimSpace(plainText(typed))
}
