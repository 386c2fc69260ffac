package handlers

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"escutcheon/event"
	"escutcheon/store"
	"escutcheon/views"
)

// MergeHost shows another name with this host from now on; nothing is merged but
// what an analyst merges.
func (h *Handlers) MergeHost(c echo.Context) error {
	a := aliasOf(c)
	if err := h.Ask.Hosts.MergeHosts(c.Request().Context(), a); err != nil {
		return err
	}
	return aliasDone(c, a)
}

// PartHost takes that back.
func (h *Handlers) PartHost(c echo.Context) error {
	a := aliasOf(c)
	if err := h.Ask.Hosts.PartHosts(c.Request().Context(), a); err != nil {
		return err
	}
	return aliasDone(c, a)
}

func aliasOf(c echo.Context) store.HostAlias {
	return store.HostAlias{Main: destParam(c), Dest: event.NormalizeHost(c.FormValue("name")),
		Author: formAuthor(c)}
}

func aliasDone(c echo.Context, a store.HostAlias) error {
	if WantsJSON(c) {
		return c.NoContent(http.StatusNoContent)
	}
	return c.Redirect(http.StatusSeeOther, views.HostURL(a.Main))
}

// namesOf are all names of a host, its own first; nil when it has one.
func (h *Handlers) namesOf(ctx context.Context, dest string) ([]string, error) {
	also, main, err := h.Ask.Hosts.HostAliases(ctx, dest)
	if err == nil && main != "" {
		dest = main
		also, _, err = h.Ask.Hosts.HostAliases(ctx, main)
	}
	if err != nil || len(also) == 0 {
		return nil, err
	}
	names := []string{dest}
	for _, a := range also {
		names = append(names, a.Dest)
	}
	return names, nil
}

// leadsTo is the page of the host that a name is shown with, with the query that
// was asked for; "" when it stands for itself.
func leadsTo(c echo.Context, main string) string {
	if main == "" {
		return ""
	}
	q := url.Values{}
	for k, v := range c.QueryParams() {
		if k != "dest" {
			q[k] = v
		}
	}
	u := views.HostURL(main)
	if len(q) == 0 {
		return u
	}
	if strings.Contains(u, "?") {
		return u + "&" + q.Encode()
	}
	return u + "?" + q.Encode()
}

// aliasView is the other names of a host as its page shows them.
func aliasView(list []store.HostAlias) (out []views.HostName) {
	for _, a := range list {
		out = append(out, views.HostName{Dest: a.Dest, Spelling: a.Spelling, Author: a.Author, At: a.Created})
	}
	return out
}
